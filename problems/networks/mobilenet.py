"""MobileNetV2."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import Chain, inverted_residual
from problems.networks.network import Network

STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""t, c, n, s: expansion, channels, repeats, stride of the first block (Sandler 2018, table 2)."""


def mobilenet_v2(size: int = 224, batch: int = 1) -> tuple[Layer, ...]:
    """Generate seventeen inverted residuals between two convolutions, and a classifier; Sandler 2018, table 2.

    Args:
        size: Input rows and columns.
        batch: Number of images.
    """
    net = Chain(3, size, batch=batch).conv("conv1", 32, 3, stride=2)
    for stage, (t, c, n, s) in enumerate(STAGES, start=1):
        for i in range(n):
            name = f"bottleneck{stage}_{i + 1}"
            inverted_residual(net, name, c, kernel=3, stride=s if i == 0 else 1, expansion=t)
    net.conv("conv2", 1280).pool_to(1).fc("fc", 1000)
    return tuple(net.layers)


MOBILENET_V2 = Network(
    name="mobilenet_v2",
    task="vision",
    build=mobilenet_v2,
    source="Sandler 2018, table 2",
    figures="torchvision's table of weights (MobileNet_V2_Weights); Sandler 2018, table 4 says 300 M and 3.4 M",
    published_macs=301_000_000,
    published_parameters=3_504_872,
)
