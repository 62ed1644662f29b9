"""ShuffleNetV2 1.0x."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import Chain
from problems.networks.network import Network

STAGES = ((4, 116), (8, 232), (4, 464))
"""Units and channels of stages 2 to 4 (Ma 2018, table 5, column 1x)."""


def shufflenet_v2(size: int = 224, batch: int = 1) -> tuple[Layer, ...]:
    """Generate sixteen units between two convolutions, and a classifier; Ma 2018, table 5, column 1x.

    Shuffling is not a job.

    Args:
        size: Input rows and columns.
        batch: Number of images.
    """
    net = Chain(3, size, batch=batch).conv("conv1", 24, 3, stride=2).pool(3, 2, padding=1)
    for stage, (units, channels) in enumerate(STAGES, start=2):
        _down_unit(net, f"stage{stage}_1", channels)
        for i in range(2, units + 1):
            _unit(net, f"stage{stage}_{i}")
    net.conv("conv5", 1024).pool_to(1).fc("fc", 1000)
    return tuple(net.layers)


def _down_unit(net: Chain, name: str, channels: int) -> None:
    """Append the unit of figure 3(d): both branches see all channels and halve the extent."""
    shortcut = net.branch().depthwise(f"{name}.shortcut_depthwise", 3, stride=2)
    shortcut.conv(f"{name}.shortcut", channels // 2)
    net.concatenate(shortcut, _main_branch(net.branch(), name, channels // 2, stride=2))


def _unit(net: Chain, name: str) -> None:
    """Append the unit of figure 3(c): half of the channels pass unchanged; shuffling mixes the halves."""
    width = net.channels // 2
    net.concatenate(net.branch(width), _main_branch(net.branch(width), name, width, stride=1))


def _main_branch(branch: Chain, name: str, width: int, *, stride: int) -> Chain:
    """Append the right branch of figure 3(c) and (d)."""
    branch.conv(f"{name}.conv1", width).depthwise(f"{name}.depthwise", 3, stride=stride)
    return branch.conv(f"{name}.conv2", width)


SHUFFLENET_V2 = Network(
    name="shufflenet_v2",
    task="vision",
    build=shufflenet_v2,
    source="Ma 2018, table 5, column 1x",
    figures="torchvision's table of weights (ShuffleNet_V2_X1_0_Weights); Ma 2018, table 5 says 146 M and 2.3 M",
    published_macs=145_000_000,
    published_parameters=2_278_604,
)
