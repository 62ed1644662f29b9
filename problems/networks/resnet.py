"""ResNet-50."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import Chain
from problems.networks.network import Network

BLOCKS = (3, 4, 6, 3)
"""Bottleneck blocks a stage (He 2015, table 1, column 50-layer)."""

EXPANSION = 4


def resnet50(size: int = 224) -> tuple[Layer, ...]:
    """Fifty-three convolutions and a classifier; He 2015, table 1, with the stride in the 3x3 (v1.5, as torchvision).

    Args:
        size: Input rows and columns.
    """
    net = Chain(3, size)
    net.conv("conv1", 64, 7, stride=2).pool(3, 2, padding=1)
    for stage, blocks in enumerate(BLOCKS):
        for i in range(blocks):
            stride = 2 if stage > 0 and i == 0 else 1
            _bottleneck(net, f"conv{stage + 2}_{i + 1}", 64 * 2**stage, stride)
    net.pool_to(1).fc("fc", 1000)
    return tuple(net.layers)


def _bottleneck(net: Chain, name: str, width: int, stride: int) -> None:
    out = width * EXPANSION
    if net.channels != out:
        net.branch().conv(f"{name}.shortcut", out, stride=stride)
    net.conv(f"{name}.reduce", width).conv(f"{name}.3x3", width, 3, stride=stride).conv(f"{name}.expand", out)


RESNET50 = Network(
    name="resnet50",
    task="vision",
    build=resnet50,
    source="He 2015, table 1, column 50-layer, version 1.5",
    figures="torchvision's table of weights (ResNet50_Weights)",
    published_macs=4_089_000_000,
    published_parameters=25_557_032,
)
