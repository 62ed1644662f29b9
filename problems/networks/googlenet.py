"""GoogLeNet (Inception v1)."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import Chain
from problems.networks.network import Network

STAGES = (
    ("3", ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64))),
    (
        "4",
        (
            (192, 96, 208, 16, 48, 64),
            (160, 112, 224, 24, 64, 64),
            (128, 128, 256, 24, 64, 64),
            (112, 144, 288, 32, 64, 64),
            (256, 160, 320, 32, 128, 128),
        ),
    ),
    ("5", ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128))),
)
"""Per stage and block: #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj (Szegedy 2014, table 1)."""


def googlenet(size: int = 224, batch: int = 1, *, wide_kernel: int = 5) -> tuple[Layer, ...]:
    """Generate three convolutions, nine inception blocks and the main classifier; Szegedy 2014, table 1.

    Args:
        size: Input rows and columns.
        batch: Number of images.
        wide_kernel: Filter of the wide branch: 5 in the paper, 3 in torchvision and the released weights it ports.
    """
    net = Chain(3, size, batch=batch)
    net.conv("conv1", 64, 7, stride=2).pool(3, 2, ceil=True)
    net.conv("conv2.reduce", 64).conv("conv2", 192, 3)
    for stage, blocks in STAGES:
        net.pool(3, 2, ceil=True)
        for letter, widths in zip("abcde", blocks, strict=False):
            _inception(net, f"inception{stage}{letter}", widths, wide_kernel)
    net.pool_to(1).fc("fc", 1000)
    return tuple(net.layers)


def _inception(net: Chain, name: str, widths: tuple[int, ...], wide_kernel: int) -> None:
    one, three_reduce, three, wide_reduce, wide, pool = widths
    net.concatenate(
        net.branch().conv(f"{name}.1x1", one),
        net.branch().conv(f"{name}.3x3_reduce", three_reduce).conv(f"{name}.3x3", three, 3),
        net.branch().conv(f"{name}.5x5_reduce", wide_reduce).conv(f"{name}.5x5", wide, wide_kernel),
        net.branch().conv(f"{name}.pool_proj", pool),
    )


GOOGLENET = Network(
    name="googlenet",
    task="vision",
    build=googlenet,
    source="Szegedy 2014, table 1",
    figures="torchvision's table of weights (GoogLeNet_Weights), whose wide branch is 3x3; the paper's own column of "
    "operations contradicts its shapes in conv1 (34 M for 118 M)",
    published_macs=1_498_000_000,
    published_parameters=6_624_904,
    published_at={"wide_kernel": 3},
)
