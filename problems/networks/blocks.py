"""Building blocks shared by the generators, and the rule for which layers own weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from problems.foundation.errors import InvalidInput
from problems.layers import Layer, LayerKind

WEIGHTLESS = frozenset({"scores", "position_scores", "context", "interaction", "pooling", "tied_head"})
"""Last part of the names of layers without weights of their own.

They multiply two activations (``scores`` to ``pooling``) or reuse the weights of an embedding (``tied_head``).
"""


def weight_count(layer: Layer) -> int:
    """Return the number of weights that a layer owns, in all groups; biases are not counted."""
    if layer.name.rpartition(".")[2] in WEIGHTLESS:
        return 0
    per_filter = layer.C * layer.R * layer.S
    filters = 1 if layer.kind is LayerKind.DSCONV else layer.K
    return layer.groups * filters * per_filter


def dense(name: str, *, out: int, inp: int, rows: int, after: tuple[str, ...] = ()) -> Layer:
    """Make a fully connected layer on ``rows`` samples or tokens: an FFN for one row, else a GEMM."""
    if rows == 1:
        return Layer.ffn(name, out=out, inp=inp, after=after)
    return Layer.gemm(name, m=rows, n=out, k=inp, after=after)


def mlp(name: str, widths: Sequence[int], *, rows: int, after: tuple[str, ...] = ()) -> tuple[Layer, ...]:
    """Make fully connected layers ``name.0``, ``name.1``, ... from ``widths[0]`` inputs to ``widths[-1]`` outputs."""
    layers: list[Layer] = []
    for i, (inp, out) in enumerate(pairwise(widths)):
        layers.append(dense(f"{name}.{i}", out=out, inp=inp, rows=rows, after=output_of(layers) or after))
    return tuple(layers)


def output_of(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Return the ``after`` of a layer that reads the output of the last of ``layers``; () if there is none yet."""
    return tuple(layer.name for layer in layers[-1:])


def without_implied(layers: Sequence[Layer], names: Iterable[str]) -> tuple[str, ...]:
    """Drop those of ``names`` that another of them needs, directly or indirectly.

    Args:
        layers: Layers, each after those that it needs.
        names: Names of some of the layers.
    """
    given = tuple(dict.fromkeys(names))
    needed: set[str] = set()
    for layer in reversed(layers):
        if layer.name in given or layer.name in needed:
            needed.update(layer.after)
    return tuple(name for name in given if name not in needed)


class Chain:
    """A square feature map on its way through a vision network.

    Every method appends its layers to ``layers`` and updates the map, so that the extents of a layer, and the layers
    that it needs, always follow from the layers before. A branch is a map of its own that appends to the same list.

    Args:
        channels: Channels of the input.
        size: Rows and columns of the input.
        batch: Number of samples.
        sources: Names of the layers whose outputs form the map.
        layers: List to which the layers are appended; None starts an empty one.
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
        """Return a copy of the map, or of ``channels`` of its channels, for a parallel path."""
        width = self.channels if channels is None else channels
        return Chain(width, self.size, batch=self.batch, sources=self.sources, layers=self.layers)

    def conv(
        self, name: str, out: int, kernel: int = 1, *, stride: int = 1, padding: int | None = None, groups: int = 1
    ) -> Chain:
        """Append a convolution; ``padding`` None is "same" (``kernel // 2``)."""
        self._room(kernel, kernel // 2 if padding is None else padding)
        layer = Layer.conv(
            name,
            out=out,
            inp=self.channels,
            size=self.size,
            kernel=kernel,
            stride=stride,
            padding=padding,
            groups=groups,
            batch=self.batch,
            after=self.sources,
        )
        return self._append(layer, out, layer.output_rows)

    def depthwise(self, name: str, kernel: int, *, stride: int = 1) -> Chain:
        """Append a depthwise convolution with "same" padding."""
        layer = Layer.depthwise(
            name,
            channels=self.channels,
            size=self.size,
            kernel=kernel,
            stride=stride,
            batch=self.batch,
            after=self.sources,
        )
        return self._append(layer, self.channels, layer.output_rows)

    def fc(self, name: str, out: int) -> Chain:
        """Append a fully connected layer on the flattened map."""
        layer = dense(name, out=out, inp=self.channels * self.size**2, rows=self.batch, after=self.sources)
        return self._append(layer, out, 1)

    def pool(self, kernel: int, stride: int, *, padding: int = 0, ceil: bool = False) -> Chain:
        """Apply a pooling, which is not a job; ``ceil`` keeps a last window that is only partly filled."""
        self.size = self._room(kernel, padding, spare=stride - 1 if ceil else 0) // stride + 1
        return self

    def pool_to(self, size: int) -> Chain:
        """Apply an adaptive average pooling (with ``size`` 1 a global one)."""
        self.size = size
        return self

    def concatenate(self, *parts: Chain) -> Chain:
        """Replace the map by the concatenated channels of all ``parts``; its readers need the layers of each."""
        assert len({part.size for part in parts}) == 1
        self.channels, self.size = sum(part.channels for part in parts), parts[0].size
        self.sources = _union(parts)
        return self

    def scale(self, gate: Chain) -> Chain:
        """Multiply each channel by that of ``gate``; readers of the map need the layers of both."""
        assert gate.channels == self.channels
        self.sources = _union((self, gate))
        return self

    def add(self, shortcut: Chain) -> Chain:
        """Add a shortcut. The sources omit a term that another term needs, as the sum is ready with its last term.

        The input of a block, added to its output, is always such a term.
        """
        assert (shortcut.channels, shortcut.size) == (self.channels, self.size)
        self.sources = without_implied(self.layers, _union((self, shortcut)))
        return self

    def _room(self, kernel: int, padding: int, spare: int = 0) -> int:
        """Return how far a window can move; at its last position it may exceed the map by ``spare``.

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
    """Append an MBConv: expand, depthwise, squeeze-and-excite, project (Sandler 2018, table 1; Tan 2019).

    Args:
        net: Feature map; updated.
        name: Prefix of the layers' names.
        out: Output channels.
        kernel: Size of the depthwise filter.
        stride: Stride of the depthwise convolution.
        expansion: Inner channels per input channel; with 1 there is no expanding layer.
        squeeze: Width of the squeeze-and-excite bottleneck; 0 for none.
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
