"""ResNet-50, and the bottleneck blocks of its relatives."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import Chain
from problems.networks.network import Network

BLOCKS = (3, 4, 6, 3)
"""Bottleneck blocks per stage (He 2015, table 1, column 50-layer)."""


def resnet50(size: int = 224, batch: int = 1) -> tuple[Layer, ...]:
    """Generate fifty-three convolutions and a classifier; He 2015, table 1, stride in the 3x3 (v1.5, as torchvision).

    Args:
        size: Input rows and columns.
        batch: Number of images.
    """
    return bottleneck_network(size, batch, width=64)


def bottleneck_network(size: int, batch: int, *, width: int, groups: int = 1) -> tuple[Layer, ...]:
    """Generate a convolution, four stages of bottleneck blocks and a classifier.

    Args:
        size: Input rows and columns.
        batch: Number of images.
        width: Inner channels of the blocks in the first stage, over all groups; they double from stage to stage.
        groups: Groups of the 3x3 convolutions.
    """
    net = Chain(3, size, batch=batch)
    net.conv("conv1", 64, 7, stride=2).pool(3, 2, padding=1)
    for stage, blocks in enumerate(BLOCKS):
        for i in range(blocks):
            name = f"conv{stage + 2}_{i + 1}"
            stride = 2 if stage > 0 and i == 0 else 1
            _bottleneck(net, name, width * 2**stage, 256 * 2**stage, stride=stride, groups=groups)
    net.pool_to(1).fc("fc", 1000)
    return tuple(net.layers)


def _bottleneck(net: Chain, name: str, width: int, out: int, *, stride: int, groups: int) -> None:
    shortcut = net.branch()
    if net.channels != out:
        shortcut.conv(f"{name}.shortcut", out, stride=stride)
    net.conv(f"{name}.reduce", width).conv(f"{name}.3x3", width, 3, stride=stride, groups=groups)
    net.conv(f"{name}.expand", out).add(shortcut)


RESNET50 = Network(
    name="resnet50",
    task="vision",
    build=resnet50,
    source="He 2015, table 1, column 50-layer, version 1.5",
    figures="torchvision's table of weights (ResNet50_Weights)",
    published_macs=4_089_000_000,
    published_parameters=25_557_032,
)
