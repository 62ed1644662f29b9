"""MnasNet-B1 1.0, the search result without squeeze-and-excite."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import Chain, inverted_residual
from problems.networks.network import Network

STAGES = ((3, 24, 3, 3, 2), (3, 40, 3, 5, 2), (6, 80, 3, 5, 2), (6, 96, 2, 3, 1), (6, 192, 4, 5, 2), (6, 320, 1, 3, 1))
"""Expansion, channels, repeats, filter, stride of the first block (Tan 2018, B1, as in torchvision)."""


def mnasnet1_0(size: int = 224, batch: int = 1) -> tuple[Layer, ...]:
    """Generate a separable convolution, sixteen inverted residuals and a classifier; Tan 2018, variant B1, depth 1.0.

    Args:
        size: Input rows and columns.
        batch: Number of images.
    """
    net = Chain(3, size, batch=batch).conv("conv1", 32, 3, stride=2)
    net.depthwise("sepconv.depthwise", 3).conv("sepconv.project", 16)
    for stage, (expansion, out, repeats, kernel, s) in enumerate(STAGES, start=1):
        for i in range(repeats):
            name = f"mbconv{stage}_{i + 1}"
            stride = s if i == 0 else 1
            inverted_residual(net, name, out, kernel=kernel, stride=stride, expansion=expansion)
    net.conv("conv2", 1280).pool_to(1).fc("fc", 1000)
    return tuple(net.layers)


MNASNET1_0 = Network(
    name="mnasnet1_0",
    task="vision",
    build=mnasnet1_0,
    source="Tan 2018, variant B1 (no squeeze-and-excite), as in torchvision",
    figures="torchvision's table of weights (MNASNet1_0_Weights)",
    published_macs=314_000_000,
    published_parameters=4_383_312,
)
