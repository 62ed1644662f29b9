"""SqueezeNet 1.1."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import Chain
from problems.networks.network import Network

FIRES = 8
POOL_BEFORE = (0, 2, 4)
"""Fire modules after a 3x3/2 pooling; version 1.1 pools earlier than the paper's 1.0."""


def squeezenet1_1(size: int = 224, batch: int = 1) -> tuple[Layer, ...]:
    """Generate eight fire modules between two convolutions; Iandola 2016, section 3, version 1.1 of the repository.

    Args:
        size: Input rows and columns.
        batch: Number of images.
    """
    net = Chain(3, size, batch=batch)
    net.conv("conv1", 64, 3, stride=2, padding=0)
    for i in range(FIRES):
        if i in POOL_BEFORE:
            net.pool(3, 2, ceil=True)
        _fire(net, f"fire{i + 2}", squeeze=16 * (1 + i // 2))
    net.conv("conv10", 1000)
    return tuple(net.layers)


def _fire(net: Chain, name: str, *, squeeze: int) -> None:
    expand = 4 * squeeze  # squeeze ratio 0.125 of both branches together (section 5.1)
    net.conv(f"{name}.squeeze", squeeze)
    net.concatenate(
        net.branch().conv(f"{name}.expand1x1", expand),
        net.branch().conv(f"{name}.expand3x3", expand, 3),
    )


SQUEEZENET1_1 = Network(
    name="squeezenet1_1",
    task="vision",
    build=squeezenet1_1,
    source="Iandola 2016, sections 3 and 5.1, version 1.1",
    figures="torchvision's table of weights (SqueezeNet1_1_Weights)",
    published_macs=349_000_000,
    published_parameters=1_235_496,
)
