"""ResNeXt-50 32x4d."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.network import Network
from problems.networks.resnet import bottleneck_network

CARDINALITY, GROUP_WIDTH = 32, 4
"""Groups of the 3x3 convolutions, and their channels per group in the first stage (Xie 2017, table 1)."""


def resnext50_32x4d(size: int = 224, batch: int = 1) -> tuple[Layer, ...]:
    """Generate a ResNet-50 with grouped 3x3 convolutions in blocks twice as wide; Xie 2017, table 1, right column.

    Args:
        size: Input rows and columns.
        batch: Number of images.
    """
    return bottleneck_network(size, batch, width=CARDINALITY * GROUP_WIDTH, groups=CARDINALITY)


RESNEXT50_32X4D = Network(
    name="resnext50_32x4d",
    task="vision",
    build=resnext50_32x4d,
    source="Xie 2017, table 1, ResNeXt-50 (32x4d)",
    figures="torchvision's table of weights (ResNeXt50_32X4D_Weights); Xie 2017, table 1 says 4.2 G and 25.0 M",
    published_macs=4_230_000_000,
    published_parameters=25_028_904,
)
