"""Layers, the work of the jobs, in MAESTRO's notation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import TypeVar, cast

import numpy as np

from problems.arrays import IntArray
from problems.foundation.checks import check_integer
from problems.foundation.errors import InvalidInput


class LayerKind(IntEnum):
    """Layer types of the paper; the values are those in its job files (column ``type``)."""

    FFN = 0
    CONV = 1
    DSCONV = 2
    GEMM = 3


SIZES = ("K", "C", "Y", "X", "R", "S", "output_rows", "output_columns", "groups", "batch")
"""The fields of a layer that are positive integers."""

LARGEST_SIZE = 2**40
"""Largest value of each of them."""

_sizes = attrgetter(*SIZES)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, without its weights: the loop bounds that the cost models read.

    The ``maestro`` cost model knows neither stride nor padding: it ignores the output extents.

    Attributes:
        name: Name, unique within its network, e.g. ``conv3_2``.
        kind: Layer type.
        K: Output channels per group.
        C: Input channels per group.
        Y: Input rows, without padding.
        X: Input columns, without padding.
        R: Filter rows.
        S: Filter columns.
        output_rows: Output rows, given stride, padding and dilation; None stands for stride 1 without padding.
        output_columns: Output columns, likewise.
        groups: Number of such layers side by side, each with operands of its own: the groups of a grouped
            convolution, the products of all samples and heads in attention.
        batch: Number of samples processed one after another with the same weights. Samples that a GEMM processes at
            once are rows of it instead.
        after: Names of the layers of its network whose outputs it needs.

    Raises:
        InvalidInput: If a size is not an integer from 1 to ``LARGEST_SIZE``, the kind is unknown, or ``after`` is text.
    """

    name: str
    kind: LayerKind
    K: int
    C: int
    Y: int
    X: int
    R: int
    S: int
    output_rows: int = None  # type: ignore[assignment]  # never after __post_init__
    output_columns: int = None  # type: ignore[assignment]
    groups: int = 1
    batch: int = 1
    after: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if type(self.kind) is not LayerKind:
            object.__setattr__(self, "kind", self._checked_kind())
        if isinstance(self.after, str):
            raise InvalidInput(f"layer {self.name!r}: after", expected="a tuple of names", actual=repr(self.after))
        if self.output_rows is None:
            object.__setattr__(self, "output_rows", unpadded_extent(self.Y, self.R))
        if self.output_columns is None:
            object.__setattr__(self, "output_columns", unpadded_extent(self.X, self.S))
        for field, value in zip(SIZES, _sizes(self), strict=True):
            if type(value) is int and 1 <= value <= LARGEST_SIZE:
                continue  # quick path for nearly all values
            check_integer(f"layer {self.name!r}: {field}", value, 1, LARGEST_SIZE)

    def _checked_kind(self) -> LayerKind:
        try:
            return LayerKind(self.kind)
        except ValueError:
            expected = "a type from 0 to 3"
            raise InvalidInput(f"layer {self.name!r}: kind", expected=expected, actual=repr(self.kind)) from None

    @classmethod
    def conv(
        cls,
        name: str,
        *,
        out: int,
        inp: int,
        size: int,
        kernel: int,
        stride: int = 1,
        padding: int | None = None,
        groups: int = 1,
        batch: int = 1,
        after: tuple[str, ...] = (),
    ) -> Layer:
        """Make a square convolution from ``inp`` to ``out`` channels, both counted over all ``groups``.

        With ``padding`` None it is ``kernel // 2``, which keeps the extent at stride 1.

        Raises:
            InvalidInput: If ``groups`` or ``stride`` is below 1, or the groups do not divide the channels.
        """
        if min(groups, stride) < 1 or out % groups or inp % groups:
            what = f"layer {name!r}: groups and stride"
            actual = f"{groups} groups of {inp} and {out} channels, stride {stride}"
            raise InvalidInput(what, expected="at least 1, and groups that divide the channels", actual=actual)
        rows = output_extent(size, kernel, stride, kernel // 2 if padding is None else padding)
        shape = (out // groups, inp // groups, size, size, kernel, kernel, rows, rows)
        return cls(name, LayerKind.CONV, *shape, groups=groups, batch=batch, after=after)

    @classmethod
    def depthwise(
        cls,
        name: str,
        *,
        channels: int,
        size: int,
        kernel: int,
        stride: int = 1,
        batch: int = 1,
        after: tuple[str, ...] = (),
    ) -> Layer:
        """Make a square depthwise convolution with "same" padding."""
        rows = output_extent(size, kernel, stride, kernel // 2)
        shape = (channels, channels, size, size, kernel, kernel, rows, rows)
        return cls(name, LayerKind.DSCONV, *shape, batch=batch, after=after)

    @classmethod
    def ffn(cls, name: str, *, out: int, inp: int, after: tuple[str, ...] = ()) -> Layer:
        """Make a fully connected layer on one sample."""
        return cls(name, LayerKind.FFN, out, inp, 1, 1, 1, 1, after=after)

    @classmethod
    def gemm(cls, name: str, *, m: int, n: int, k: int, groups: int = 1, after: tuple[str, ...] = ()) -> Layer:
        """Make a layer of ``groups`` matrix products ``(m, k) @ (k, n)``: K = n, C = k, Y = m."""
        return cls(name, LayerKind.GEMM, n, k, m, 1, 1, 1, groups=groups, after=after)

    @property
    def repeats(self) -> int:
        """How often the loop nest of its sizes runs, once per group and sample."""
        return self.groups * self.batch

    @property
    def macs(self) -> int:
        """Multiply-accumulates as usually published, with stride, padding, groups and samples."""
        per_output = self.R * self.S * self.C * (1 if self.kind is LayerKind.DSCONV else self.K)
        return per_output * self.output_rows * self.output_columns * self.repeats


def output_extent(size: int, kernel: int, stride: int, padding: int) -> int:
    """Return the output rows or columns of a convolution; below 1 if the filter exceeds the padded input."""
    return (size + 2 * padding - kernel) // stride + 1


def unpadded_extent(size: int, kernel: int, stride: int = 1) -> int:
    """Return the output rows or columns of a convolution without padding; 1 if the filter exceeds the input."""
    return max((size - kernel) // stride + 1, 1)


T = TypeVar("T")


class Layers(tuple[Layer, ...]):
    """Layers that cache their fields as arrays, for the cost models of any number of cores."""

    @classmethod
    def of(cls, layers: Iterable[Layer]) -> Layers:
        """Convert ``layers``; an instance of this class is returned as it is."""
        return layers if isinstance(layers, cls) else cls(layers)

    @cached_property
    def matrix(self) -> IntArray:
        """The fields ``FIELDS`` of each layer, ``(n, 11)``."""
        values = np.fromiter(chain.from_iterable(map(_values, self)), dtype=np.int64, count=len(self) * len(FIELDS))
        return values.reshape(-1, len(FIELDS))

    def derived(self, make: Callable[[IntArray], T]) -> T:
        """Return ``make(matrix)``, computed once and cached."""
        if make not in self._derived:
            self._derived[make] = make(self.matrix)
        return cast("T", self._derived[make])

    @cached_property
    def _derived(self) -> dict[Callable[[IntArray], object], object]:
        return {}


FIELDS = ("K", "C", "Y", "X", "R", "S", "kind", "output_rows", "output_columns", "groups", "batch")
"""The columns of ``Layers.matrix``; the first seven are a row of a job file, except that GEMMs are convolutions."""

_values = attrgetter(*FIELDS)


def layer_rows(layers: Iterable[Layer]) -> IntArray:
    """Return rows ``(n, 7)`` of the paper's job files: K, C, Y, X, R, S, type; for GEMMs M, N, Kg, 1, 1, 1, 3.

    A row is one group of one sample: it contains neither ``groups`` nor ``batch``.
    """
    rows = Layers.of(layers).matrix[:, :7].copy()
    gemm = rows[:, 6] == LayerKind.GEMM
    rows[gemm, :3] = rows[gemm][:, [2, 0, 1]]
    return rows
