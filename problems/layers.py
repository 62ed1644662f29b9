"""What a job computes: one layer of one network, in MAESTRO's notation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from bench.errors import InvalidInput


class LayerKind(IntEnum):
    """The paper's layer types; the values are those of its job files (column ``type``)."""

    FFN = 0
    CONV = 1
    DSCONV = 2
    GEMM = 3


@dataclass(frozen=True)
class Layer:
    """One layer, without its weights: the loop bounds that the cost models read.

    Attributes:
        name: Unique within its network, e.g. ``conv3_2``.
        kind: The layer type.
        K: Output channels.
        C: Input channels.
        Y: Input rows, without padding.
        X: Input columns, without padding.
        R: Filter rows.
        S: Filter columns.
        stride: Step of the filter, both ways.
        padding: Zeros added on each of the four sides.

    ``stride`` and ``padding`` are facts of the network; the ``maestro`` cost model ignores them.
    """

    name: str
    kind: LayerKind
    K: int
    C: int
    Y: int
    X: int
    R: int
    S: int
    stride: int = 1
    padding: int = 0

    def __post_init__(self) -> None:
        for field in ("K", "C", "Y", "X", "R", "S", "stride"):
            value = getattr(self, field)
            if value < 1:
                raise InvalidInput(f"layer {self.name!r}: {field}", expected="an integer of at least 1", actual=value)

    @classmethod
    def conv(
        cls, name: str, *, out: int, inp: int, size: int, kernel: int, stride: int = 1, padding: int | None = None
    ) -> Layer:
        """A square convolution; ``padding`` None keeps the extent at stride 1 (``kernel // 2``)."""
        pad = kernel // 2 if padding is None else padding
        return cls(name, LayerKind.CONV, out, inp, size, size, kernel, kernel, stride, pad)

    @classmethod
    def depthwise(cls, name: str, *, channels: int, size: int, kernel: int, stride: int = 1) -> Layer:
        """A square depthwise convolution with "same" padding."""
        return cls(name, LayerKind.DSCONV, channels, channels, size, size, kernel, kernel, stride, kernel // 2)

    @classmethod
    def ffn(cls, name: str, *, out: int, inp: int) -> Layer:
        """A fully connected layer on one sample."""
        return cls(name, LayerKind.FFN, out, inp, 1, 1, 1, 1)

    @classmethod
    def gemm(cls, name: str, *, m: int, n: int, k: int) -> Layer:
        """A matrix product ``(m, k) @ (k, n)``: K = n, C = k, Y = m (cost model, layer kinds)."""
        return cls(name, LayerKind.GEMM, n, k, m, 1, 1, 1)

    @property
    def output_rows(self) -> int:
        """Output rows, stride and padding counted."""
        return (self.Y + 2 * self.padding - self.R) // self.stride + 1 if self.kind in _CONVOLUTIONS else self.Y

    @property
    def output_columns(self) -> int:
        """Output columns, stride and padding counted."""
        return (self.X + 2 * self.padding - self.S) // self.stride + 1 if self.kind in _CONVOLUTIONS else self.X

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the layer as published: stride and padding counted."""
        per_output = self.R * self.S * self.C * (1 if self.kind is LayerKind.DSCONV else self.K)
        return per_output * self.output_rows * self.output_columns


_CONVOLUTIONS = (LayerKind.CONV, LayerKind.DSCONV)


def layer_rows(layers: Iterable[Layer]) -> npt.NDArray[np.int64]:
    """The layers as rows ``(n, 7)`` of the paper's job files: K, C, Y, X, R, S, type; GEMM: M, N, Kg, 1, 1, 1, 3."""
    return np.array([_row(layer) for layer in layers], dtype=np.int64).reshape(-1, 7)


def _row(z: Layer) -> tuple[int, ...]:
    if z.kind is LayerKind.GEMM:
        return (z.Y, z.K, z.C, 1, 1, 1, z.kind)
    return (z.K, z.C, z.Y, z.X, z.R, z.S, z.kind)
