"""EfficientNet-B0."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import Chain, inverted_residual
from problems.networks.network import Network

STAGES = (
    (1, 16, 1, 3, 1),
    (6, 24, 2, 3, 2),
    (6, 40, 2, 5, 2),
    (6, 80, 3, 3, 2),
    (6, 112, 3, 5, 1),
    (6, 192, 4, 5, 2),
    (6, 320, 1, 3, 1),
)
"""Expansion, channels, repeats, filter, stride of the first block (Tan 2019, table 1, stages 2 to 8)."""


def efficientnet_b0(size: int = 224, batch: int = 1) -> tuple[Layer, ...]:
    """Generate sixteen MBConv blocks between two convolutions, and a classifier; Tan 2019, table 1.

    The two layers of a squeeze-and-excite see one pooled vector per image: for one image they are FFNs.

    Args:
        size: Input rows and columns.
        batch: Number of images.
    """
    net = Chain(3, size, batch=batch).conv("conv1", 32, 3, stride=2)
    for stage, (expansion, out, repeats, kernel, s) in enumerate(STAGES, start=2):
        for i in range(repeats):
            name = f"mbconv{stage}_{i + 1}"
            stride = s if i == 0 else 1
            squeeze = net.channels // 4  # ratio 0.25 of the block's input, not of its expanded channels
            inverted_residual(net, name, out, kernel=kernel, stride=stride, expansion=expansion, squeeze=squeeze)
    net.conv("conv2", 1280).pool_to(1).fc("fc", 1000)
    return tuple(net.layers)


EFFICIENTNET_B0 = Network(
    name="efficientnet_b0",
    task="vision",
    build=efficientnet_b0,
    source="Tan 2019, table 1",
    figures="torchvision's table of weights (EfficientNet_B0_Weights); Tan 2019, table 2 says 0.39 B and 5.3 M",
    published_macs=386_000_000,
    published_parameters=5_288_548,
)
