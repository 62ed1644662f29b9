"""What a job computes: one layer of one network, in MAESTRO's notation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from bench.errors import InvalidInput


class LayerKind(IntEnum):
    """The paper's layer types; the values are those of its job files (column ``type``)."""

    FFN = 0
    CONV = 1
    DSCONV = 2
    GEMM = 3


SIZES = ("K", "C", "Y", "X", "R", "S", "output_rows", "output_columns", "groups", "batch")
"""The fields of a layer that are positive integers."""

LARGEST_SIZE = 2**40

_sizes = attrgetter(*SIZES)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, without its weights: the loop bounds that the cost models read.

    Attributes:
        name: Unique within its network, e.g. ``conv3_2``.
        kind: The layer type.
        K: Output channels of a group.
        C: Input channels of a group.
        Y: Input rows, without padding.
        X: Input columns, without padding.
        R: Filter rows.
        S: Filter columns.
        output_rows: Stride, padding and dilation counted; None means those at stride 1 without padding.
        output_columns: Likewise.
        groups: How many such layers, each with operands of its own, stand side by side: the groups of a grouped
            convolution, the products of all samples and heads in attention.
        batch: Samples that pass one after another with the same weights. Samples that a GEMM takes at once
            are rows of it instead.
        after: Names of the layers of its network whose outputs it needs.

    The ``maestro`` cost model knows neither stride nor padding: it ignores the output extents.
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
                continue  # nearly all
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 1 <= value <= LARGEST_SIZE:
                what = f"layer {self.name!r}: {field}"
                raise InvalidInput(what, expected=f"an integer from 1 to {LARGEST_SIZE:,}", actual=repr(value))

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
        """A square convolution of ``inp`` to ``out`` channels, both over all ``groups``.

        ``padding`` None keeps the extent at stride 1 (``kernel // 2``).
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
        """A square depthwise convolution with "same" padding."""
        rows = output_extent(size, kernel, stride, kernel // 2)
        shape = (channels, channels, size, size, kernel, kernel, rows, rows)
        return cls(name, LayerKind.DSCONV, *shape, batch=batch, after=after)

    @classmethod
    def ffn(cls, name: str, *, out: int, inp: int, after: tuple[str, ...] = ()) -> Layer:
        """A fully connected layer on one sample."""
        return cls(name, LayerKind.FFN, out, inp, 1, 1, 1, 1, after=after)

    @classmethod
    def gemm(cls, name: str, *, m: int, n: int, k: int, groups: int = 1, after: tuple[str, ...] = ()) -> Layer:
        """``groups`` matrix products ``(m, k) @ (k, n)``: K = n, C = k, Y = m (cost model, layer kinds)."""
        return cls(name, LayerKind.GEMM, n, k, m, 1, 1, 1, groups=groups, after=after)

    @property
    def repeats(self) -> int:
        """How often the loop nest of its sizes is gone through: once for each group of each sample."""
        return self.groups * self.batch

    @property
    def macs(self) -> int:
        """Multiply-accumulates as published: stride, padding, groups and samples counted."""
        per_output = self.R * self.S * self.C * (1 if self.kind is LayerKind.DSCONV else self.K)
        return per_output * self.output_rows * self.output_columns * self.repeats


def output_extent(size: int, kernel: int, stride: int, padding: int) -> int:
    """Rows or columns that a convolution puts out; below 1 if the filter exceeds the padded input."""
    return (size + 2 * padding - kernel) // stride + 1


def unpadded_extent(size: int, kernel: int, stride: int = 1) -> int:
    """Rows or columns that a convolution without padding puts out; 1 if the filter exceeds the input."""
    return max((size - kernel) // stride + 1, 1)


T = TypeVar("T")


class Layers(tuple[Layer, ...]):
    """Layers whose fields are taken apart only once, however many cores are asked what they cost."""

    @classmethod
    def of(cls, layers: Iterable[Layer]) -> Layers:
        """``layers`` themselves if they are such already."""
        return layers if isinstance(layers, cls) else cls(layers)

    @cached_property
    def matrix(self) -> npt.NDArray[np.int64]:
        """``(n, 11)`` the fields ``FIELDS`` of each layer."""
        values = np.fromiter(chain.from_iterable(map(_values, self)), dtype=np.int64, count=len(self) * len(FIELDS))
        return values.reshape(-1, len(FIELDS))

    def derived(self, make: Callable[[npt.NDArray[np.int64]], T]) -> T:
        """What ``make`` makes of the matrix; made once."""
        kept: dict[Any, Any] = self.__dict__.setdefault("_derived", {})
        if make not in kept:
            kept[make] = make(self.matrix)
        result: T = kept[make]
        return result


FIELDS = ("K", "C", "Y", "X", "R", "S", "kind", "output_rows", "output_columns", "groups", "batch")
"""The columns of ``Layers.matrix``; the first seven are a row of a job file, but for GEMMs, which are convolutions."""

_values = attrgetter(*FIELDS)


def layer_rows(layers: Iterable[Layer]) -> npt.NDArray[np.int64]:
    """The layers as rows ``(n, 7)`` of the paper's job files: K, C, Y, X, R, S, type; GEMM: M, N, Kg, 1, 1, 1, 3.

    A row is one group of one sample: ``groups`` and ``batch`` are not in it.
    """
    rows = Layers.of(layers).matrix[:, :7].copy()
    gemm = rows[:, 6] == LayerKind.GEMM
    rows[gemm, :3] = rows[gemm][:, [2, 0, 1]]
    return rows
