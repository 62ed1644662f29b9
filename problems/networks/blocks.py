"""Building blocks that the generators share, and the rule that says which layers own weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from bench.errors import InvalidInput
from problems.layers import Layer, LayerKind

WEIGHTLESS = frozenset({"scores", "position_scores", "context", "interaction", "pooling", "tied_head"})
"""Last part of the names of the layers without weights of their own.

They multiply two activations (``scores`` to ``pooling``) or reuse the weights of an embedding (``tied_head``).
"""


def weight_count(layer: Layer) -> int:
    """The weights that a layer owns, those of all its groups; biases are not counted."""
    if layer.name.rpartition(".")[2] in WEIGHTLESS:
        return 0
    per_filter = layer.C * layer.R * layer.S
    filters = 1 if layer.kind is LayerKind.DSCONV else layer.K
    return layer.groups * filters * per_filter


def dense(name: str, *, out: int, inp: int, rows: int, after: tuple[str, ...] = ()) -> Layer:
    """A fully connected layer on ``rows`` samples or tokens: FFN for one row, else GEMM."""
    if rows == 1:
        return Layer.ffn(name, out=out, inp=inp, after=after)
    return Layer.gemm(name, m=rows, n=out, k=inp, after=after)


def mlp(name: str, widths: Sequence[int], *, rows: int, after: tuple[str, ...] = ()) -> tuple[Layer, ...]:
    """Fully connected layers ``name.0``, ``name.1``, ... from ``widths[0]`` inputs to ``widths[-1]`` outputs."""
    layers: list[Layer] = []
    for i, (inp, out) in enumerate(pairwise(widths)):
        layers.append(dense(f"{name}.{i}", out=out, inp=inp, rows=rows, after=output_of(layers) or after))
    return tuple(layers)


def output_of(layers: Sequence[Layer]) -> tuple[str, ...]:
    """The ``after`` of a layer that reads what the last of ``layers`` puts out; () where there is none yet."""
    return tuple(layer.name for layer in layers[-1:])


def without_implied(layers: Sequence[Layer], names: Iterable[str]) -> tuple[str, ...]:
    """Those of ``names`` that no other of them needs, directly or through others.

    Args:
        layers: In an order in which every layer follows those that it needs.
        names: Names of some of them.
    """
    given, needed = tuple(dict.fromkeys(names)), set[str]()
    for layer in reversed(layers):
        if layer.name in given or layer.name in needed:
            needed.update(layer.after)
    return tuple(name for name in given if name not in needed)


class Chain:
    """A square feature map on its way through a vision network.

    Every method appends its layers to ``layers`` and moves the map on, so that the extents of a layer, and the layers
    that it needs, always follow from the layers before. A branch is a map of its own that appends to the same list.

    Args:
        channels: Channels of the input.
        size: Rows and columns of the input.
        batch: Samples.
        sources: Names of the layers whose outputs the map is made of.
        layers: Where the layers go; None starts an empty list.
    """

    def __init__(
        self,
        channels: int,
        size: int,
        *,
        batch: int = 1,
        sources: tuple[str, ...] = (),
        layers: list[Layer] | None = None,
    ) -> None:
        self.channels = channels
        self.size = size
        self.batch = batch
        self.sources = sources
        self.layers: list[Layer] = [] if layers is None else layers

    def branch(self, channels: int | None = None) -> Chain:
        """The map again, or ``channels`` of its channels, for a parallel path."""
        width = self.channels if channels is None else channels
        return Chain(width, self.size, batch=self.batch, sources=self.sources, layers=self.layers)

    def conv(
        self, name: str, out: int, kernel: int = 1, *, stride: int = 1, padding: int | None = None, groups: int = 1
    ) -> Chain:
        """A convolution; ``padding`` None is "same" (``kernel // 2``)."""
        self._room(kernel, kernel // 2 if padding is None else padding)
        window = {"size": self.size, "kernel": kernel, "stride": stride, "groups": groups, "batch": self.batch}
        layer = Layer.conv(name, out=out, inp=self.channels, padding=padding, after=self.sources, **window)
        return self._append(layer, out, layer.output_rows)

    def depthwise(self, name: str, kernel: int, *, stride: int = 1) -> Chain:
        """A depthwise convolution with "same" padding."""
        window = {"size": self.size, "kernel": kernel, "stride": stride, "batch": self.batch}
        layer = Layer.depthwise(name, channels=self.channels, after=self.sources, **window)
        return self._append(layer, self.channels, layer.output_rows)

    def fc(self, name: str, out: int) -> Chain:
        """A fully connected layer on the flattened map."""
        layer = dense(name, out=out, inp=self.channels * self.size**2, rows=self.batch, after=self.sources)
        return self._append(layer, out, 1)

    def pool(self, kernel: int, stride: int, *, padding: int = 0, ceil: bool = False) -> Chain:
        """A pooling, which is no job; ``ceil`` keeps a last window that is only partly filled."""
        self.size = self._room(kernel, padding, spare=stride - 1 if ceil else 0) // stride + 1
        return self

    def pool_to(self, size: int) -> Chain:
        """An adaptive (or, to 1, global) average pooling."""
        self.size = size
        return self

    def concatenate(self, *parts: Chain) -> Chain:
        """Go on with the channels of all ``parts``; whoever reads the map needs the layers of each."""
        assert len({part.size for part in parts}) == 1
        self.channels, self.size = sum(part.channels for part in parts), parts[0].size
        self.sources = _union(parts)
        return self

    def scale(self, gate: Chain) -> Chain:
        """Multiply each channel by the gate's; whoever reads the map needs the layers of both."""
        assert gate.channels == self.channels
        self.sources = _union((self, gate))
        return self

    def add(self, shortcut: Chain) -> Chain:
        """Add a shortcut: the sum is there with the last of its terms, so a term that another one needs is left out.

        That is always so for the input of a block, added to its output.
        """
        assert (shortcut.channels, shortcut.size) == (self.channels, self.size)
        self.sources = without_implied(self.layers, _union((self, shortcut)))
        return self

    def _room(self, kernel: int, padding: int, spare: int = 0) -> int:
        """How far a window can move; ``spare`` is what its last place may lack.

        Raises:
            InvalidInput: If the map is smaller than the window.
        """
        room = self.size + 2 * padding - kernel + spare
        if room < 0:
            least = f"at least {self.size - room} rows before a {kernel}x{kernel} window"
            raise InvalidInput("feature map", expected=least, actual=self.size, hint="The input is too small.")
        return room

    def _append(self, layer: Layer, channels: int, size: int) -> Chain:
        self.layers.append(layer)
        self.channels, self.size, self.sources = channels, size, (layer.name,)
        return self


def _union(maps: Sequence[Chain]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in maps for name in each.sources))


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
    shortcut = net.branch()
    if expansion > 1:
        net.conv(f"{name}.expand", net.channels * expansion)
    net.depthwise(f"{name}.depthwise", kernel, stride=stride)
    if squeeze:
        net.scale(net.branch().pool_to(1).fc(f"{name}.squeeze", squeeze).fc(f"{name}.excite", net.channels))
    net.conv(f"{name}.project", out)
    if stride == 1 and shortcut.channels == out:
        net.add(shortcut)
