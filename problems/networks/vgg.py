"""VGG-16."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import Chain
from problems.networks.network import Network

STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Channels and number of 3x3 convolutions (Simonyan 2014, table 1, column D)."""


def vgg16(size: int = 224, batch: int = 1) -> tuple[Layer, ...]:
    """Generate thirteen convolutions and three fully connected layers; Simonyan 2014, table 1, column D.

    Args:
        size: Input rows and columns.
        batch: Number of images.
    """
    net = Chain(3, size, batch=batch)
    for stage, (channels, convs) in enumerate(STAGES, start=1):
        for i in range(1, convs + 1):
            net.conv(f"conv{stage}_{i}", channels, 3)
        net.pool(2, 2)
    net.pool_to(7).fc("fc6", 4096).fc("fc7", 4096).fc("fc8", 1000)
    return tuple(net.layers)


VGG16 = Network(
    name="vgg16",
    task="vision",
    build=vgg16,
    source="Simonyan 2014, table 1, column D",
    figures="torchvision's table of weights (VGG16_Weights)",
    published_macs=15_470_000_000,
    published_parameters=138_357_544,
)
