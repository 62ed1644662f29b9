"""Building blocks that the generators share, and the rule that says which layers own weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from problems.layers import Layer, LayerKind

WEIGHTLESS = frozenset({"scores", "position_scores", "context", "interaction", "pooling", "tied_head"})
"""Last part of the names of the layers without weights of their own.

They multiply two activations (``scores`` to ``pooling``) or reuse the weights of an embedding (``tied_head``).
"""


def weight_count(layer: Layer) -> int:
    """The weights that a layer owns; biases are not counted."""
    if layer.name.rpartition(".")[2] in WEIGHTLESS:
        return 0
    per_filter = layer.C * layer.R * layer.S
    return per_filter if layer.kind is LayerKind.DSCONV else layer.K * per_filter


def dense(name: str, *, out: int, inp: int, rows: int) -> Layer:
    """A fully connected layer on ``rows`` samples or tokens: FFN for one row, else GEMM."""
    return Layer.ffn(name, out=out, inp=inp) if rows == 1 else Layer.gemm(name, m=rows, n=out, k=inp)


def mlp(name: str, widths: Sequence[int], *, rows: int) -> tuple[Layer, ...]:
    """Fully connected layers ``name.0``, ``name.1``, ... from ``widths[0]`` inputs to ``widths[-1]`` outputs."""
    return tuple(dense(f"{name}.{i}", out=out, inp=inp, rows=rows) for i, (inp, out) in enumerate(pairwise(widths)))


class Chain:
    """A square feature map on its way through a vision network.

    Every method appends its layers to ``layers`` and moves the map on, so that the extents of a layer always follow
    from the layer before. A branch is a map of its own that appends to the same list.

    Args:
        channels: Channels of the input.
        size: Rows and columns of the input.
        layers: Where the layers go; None starts an empty list.
    """

    def __init__(self, channels: int, size: int, layers: list[Layer] | None = None) -> None:
        self.channels = channels
        self.size = size
        self.layers: list[Layer] = [] if layers is None else layers

    def branch(self, channels: int | None = None) -> Chain:
        """The map again, or ``channels`` of its channels, for a parallel path."""
        return Chain(self.channels if channels is None else channels, self.size, self.layers)

    def conv(self, name: str, out: int, kernel: int = 1, *, stride: int = 1, padding: int | None = None) -> Chain:
        """A convolution; ``padding`` None is "same" (``kernel // 2``)."""
        size, inp = self.size, self.channels
        layer = Layer.conv(name, out=out, inp=inp, size=size, kernel=kernel, stride=stride, padding=padding)
        return self._append(layer, out)

    def depthwise(self, name: str, kernel: int, *, stride: int = 1) -> Chain:
        """A depthwise convolution with "same" padding."""
        layer = Layer.depthwise(name, channels=self.channels, size=self.size, kernel=kernel, stride=stride)
        return self._append(layer, self.channels)

    def pool(self, kernel: int, stride: int, *, padding: int = 0, ceil: bool = False) -> Chain:
        """A pooling, which is no job; ``ceil`` keeps a last window that is only partly filled."""
        room = self.size + 2 * padding - kernel + (stride - 1 if ceil else 0)
        self.size = room // stride + 1
        return self

    def pool_to(self, size: int) -> Chain:
        """An adaptive (or, to 1, global) average pooling."""
        self.size = size
        return self

    def fc(self, name: str, out: int) -> Chain:
        """A fully connected layer on the flattened map."""
        layer = Layer.ffn(name, out=out, inp=self.channels * self.size**2)
        self.size = 1
        return self._append(layer, out)

    def _append(self, layer: Layer, channels: int) -> Chain:
        self.layers.append(layer)
        if layer.kind is not LayerKind.FFN:
            self.size = layer.output_rows
        self.channels = channels
        return self


def inverted_residual(
    net: Chain, name: str, out: int, *, kernel: int, stride: int, expansion: int, squeeze: int = 0
) -> None:
    """MBConv: expand, depthwise, squeeze-and-excite, project (Sandler 2018, table 1; Tan 2019).

    Args:
        net: The map, moved on.
        name: Prefix of the layers.
        out: Output channels.
        kernel: Depthwise filter.
        stride: Depthwise stride.
        expansion: Inner channels per input channel; 1 has no expanding layer.
        squeeze: Width of the squeeze-and-excite bottleneck; 0 has none.
    """
    if expansion > 1:
        net.conv(f"{name}.expand", net.channels * expansion)
    net.depthwise(f"{name}.depthwise", kernel, stride=stride)
    if squeeze:
        net.branch().pool_to(1).fc(f"{name}.squeeze", squeeze).fc(f"{name}.excite", net.channels)
    net.conv(f"{name}.project", out)
