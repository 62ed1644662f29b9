"""AlexNet, the single-column variant."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import Chain
from problems.networks.network import Network


def alexnet(size: int = 224, batch: int = 1) -> tuple[Layer, ...]:
    """Generate five convolutions, three fully connected layers; Krizhevsky 2014 ("One weird trick"), as in torchvision.

    Args:
        size: Input rows and columns.
        batch: Number of images.
    """
    net = Chain(3, size, batch=batch)
    net.conv("conv1", 64, 11, stride=4, padding=2).pool(3, 2)
    net.conv("conv2", 192, 5).pool(3, 2)
    net.conv("conv3", 384, 3).conv("conv4", 256, 3).conv("conv5", 256, 3).pool(3, 2)
    net.pool_to(6).fc("fc6", 4096).fc("fc7", 4096).fc("fc8", 1000)
    return tuple(net.layers)


ALEXNET = Network(
    name="alexnet",
    task="vision",
    build=alexnet,
    source="Krizhevsky 2014, single-column variant with torchvision's widths",
    figures="torchvision's table of weights (AlexNet_Weights)",
    published_macs=714_000_000,
    published_parameters=61_100_840,
)
