"""The ``maestro`` cost model: MAESTRO's figures (Kwon et al., MICRO 2019) in closed form.

Bit-exact, quirks included: 1x1 filters cost two cycles per MAC step, ``eye`` barely uses the array,
depthwise layers ignore K and the dataflow, stride and padding do not exist, and in a few odd regions the
L2 size comes out too small or negative. Every transfer costs one cycle and is hidden behind compute except
in the first step of a level: hence the "+ 1" in the formulas.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from problems.arrays import BoolArray, FloatArray, IntArray
from problems.costs.maestro.depthwise import depthwise_figures
from problems.costs.maestro.dla import dla_figures
from problems.costs.maestro.eye import eye_figures, eye_rejects
from problems.costs.maestro.shapes import Figures, Shapes
from problems.costs.maestro.shi import shi_figures
from problems.foundation.errors import InvalidInput, UnknownName
from problems.layers import LayerKind

DATAFLOWS = {"dla": dla_figures, "eye": eye_figures, "shi": shi_figures}

LARGEST_LAYER = 1e17
"""Largest K*C*Y*X*R*S; beyond it figures could overflow 64 bits."""

COLUMNS = ("K", "C", "Y", "X", "R", "S", "type")


@dataclass(frozen=True)
class LayerCosts:
    """Figures of n layers on one kind of core; where ``valid`` is false, the others are meaningless.

    Attributes:
        runtime_cycles: ``(n,)`` int64, no-stall latency.
        l2_size_bytes: ``(n,)`` int64, double-buffered L2 demand; negative in some of MAESTRO's odd regions.
        l1_size_bytes: ``(n,)`` int64, L1 demand.
        num_macs: ``(n,)`` int64, multiply-accumulates at stride 1 without padding.
        bandwidth: ``(n,)`` float64, bytes/cycle that the core must receive to run without stall.
        energy_nj: ``(n,)`` float64, nJ; NaN where MAESTRO's traffic is not modelled.
        valid: ``(n,)`` bool; false where MAESTRO yields no figures, or nonsense.
    """

    runtime_cycles: IntArray
    l2_size_bytes: IntArray
    l1_size_bytes: IntArray
    num_macs: IntArray
    bandwidth: FloatArray
    energy_nj: FloatArray
    valid: BoolArray


def maestro_costs(layers: npt.ArrayLike, *, style: str = "dla", num_pes: int = 2048, cluster: int = 64) -> LayerCosts:
    """Return MAESTRO's figures of ``layers`` on a core with dataflow ``style``.

    Args:
        layers: ``(n, 7)`` integers as in the paper's job files: K, C, Y, X, R, S, type; FFN rows (type 0) hold
            out, in and GEMM rows (type 3) M, N, Kg in the first columns, and their other columns are ignored.
        style: ``dla`` (the paper's HB), ``eye`` (LB) or ``shi``.
        num_pes: Number of processing elements (PEs) of the core.
        cluster: PEs per cluster.

    Raises:
        InvalidInput: On a wrong shape, a size below 1, an unknown type, sizes that are not integers, or a layer too
            large for 64 bits.
        UnknownName: If there is no dataflow ``style``.
    """
    return convolution_costs(Convolutions.of(_checked_rows(layers)), style=style, num_pes=num_pes, cluster=cluster)


@dataclass(frozen=True)
class Convolutions:
    """Layers as the closed forms take them: FFN and GEMM as 1x1 convolutions, depthwise layers apart.

    Attributes:
        shapes: Shapes of all n layers.
        depthwise: ``(n,)`` which of them are depthwise.
        parts: Shapes of the depthwise layers, and of the others.
    """

    shapes: Shapes
    depthwise: BoolArray
    parts: tuple[Shapes, Shapes]

    @classmethod
    def of(cls, rows: IntArray) -> Convolutions:
        """Convert checked ``rows`` ``(n, 7)``, or more columns, in which FFN and GEMM are convolutions already.

        Raises:
            InvalidInput: If a layer is too large for 64 bits.
        """
        _check_size(rows)
        shapes = Shapes(*rows[:, :6].T.copy())
        depthwise = rows[:, 6] == LayerKind.DSCONV
        return cls(shapes, depthwise, (shapes.take(depthwise), shapes.take(~depthwise)))

    @cached_property
    def macs(self) -> IntArray:
        """Multiply-accumulates ``(n,)`` at stride 1 without padding."""
        z = self.shapes
        return np.where(self.depthwise, 1, z.K) * z.C * z.R * z.S * z.H * z.W

    @cached_property
    def extents(self) -> BoolArray:
        """Whether the filter is no larger than the input, ``(n,)``."""
        return (self.shapes.H >= 1) & (self.shapes.W >= 1)


def convolution_costs(layers: Convolutions, *, style: str, num_pes: int, cluster: int) -> LayerCosts:
    """Return the figures of ``layers``; other arguments and errors as in ``maestro_costs``."""
    if style not in DATAFLOWS:
        raise UnknownName("dataflow", style, DATAFLOWS)
    for name, size in (("num_pes", num_pes), ("cluster", cluster)):
        if size < 1 or size != int(size):
            raise InvalidInput(name, expected="an integer of at least 1", actual=size)
    valid = layers.extents & (layers.depthwise | (num_pes >= cluster))
    if style == "eye":
        valid &= layers.depthwise | ~eye_rejects(layers.shapes, cluster)
    return _assemble(layers, valid, style, num_pes, cluster)


def _checked_rows(layers: npt.ArrayLike) -> IntArray:
    """Check sizes and types of ``layers``, and return them as convolutions, int64 ``(n, 7)``."""
    rows = np.asarray(layers)
    if rows.ndim != 2 or rows.shape[1] != 7:
        raise InvalidInput("layers", expected="an array of shape (n, 7): K, C, Y, X, R, S, type", actual=rows.shape)
    if rows.dtype.kind not in "iuf":
        raise InvalidInput("layers", expected="integers", actual=str(rows.dtype))
    with np.errstate(invalid="ignore"):
        whole = rows.astype(np.int64)
    kind = whole[:, 6]
    wrong = (rows != whole) | (whole < np.array([1, 1, 1, 1, 1, 1, 0])) & _used_columns(kind)
    wrong[:, 6] |= kind > max(LayerKind)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        name = COLUMNS[column]
        expected = "a type from 0 to 3" if name == "type" else "an integer of at least 1"
        raise InvalidInput(f"layers, row {row}: {name}", expected=expected, actual=rows[row, column].item())
    return _as_convolutions(whole)


def _check_size(rows: IntArray) -> None:
    huge = np.prod(rows[:, :6].astype(np.float64), axis=1) > LARGEST_LAYER
    if huge.any():
        row = int(np.flatnonzero(huge)[0])
        expected = f"K*C*Y*X*R*S of at most {LARGEST_LAYER:g}"
        raise InvalidInput(f"layers, row {row}", expected=expected, actual=rows[row, :6].tolist())


def _used_columns(kind: IntArray) -> BoolArray:
    """Return which columns count, ``(n, 7)``: (out, in) of FFN rows, (M, N, Kg) of GEMM rows, all of the others."""
    used = np.ones((len(kind), 7), dtype=np.bool_)
    used[kind == LayerKind.FFN, 2:6] = False
    used[kind == LayerKind.GEMM, 3:6] = False
    return used


def _as_convolutions(rows: IntArray) -> IntArray:
    """Convert FFN and GEMM rows to 1x1 convolutions: a GEMM (M, N, Kg) becomes K = N, C = Kg, Y = M."""
    whole = np.where(_used_columns(rows[:, 6]), rows, 1)
    gemm = whole[:, 6] == LayerKind.GEMM
    whole[gemm, :3] = whole[gemm][:, [1, 2, 0]]
    return whole


def _assemble(layers: Convolutions, valid: BoolArray, style: str, num_pes: int, cluster: int) -> LayerCosts:
    """Compute the valid rows, depthwise and others apart; the rest is 0 (bandwidth and energy: NaN)."""
    runtime, l2, l1 = (np.zeros(valid.shape, dtype=np.int64) for _ in range(3))
    energy, bandwidth = (np.full(valid.shape, np.nan) for _ in range(2))
    forms = (depthwise_figures, DATAFLOWS[style])
    for kind, part, form in zip((layers.depthwise, ~layers.depthwise), layers.parts, forms, strict=True):
        rows = valid & kind
        if rows.any():
            f: Figures = form(part.take(valid[kind]), num_pes, cluster)
            runtime[rows], l2[rows], l1[rows] = f.runtime_cycles, f.l2_size_bytes, f.l1_size_bytes
            energy[rows] = f.energy_nj
            bandwidth[rows] = f.l2_size_bytes / 2 / (f.runtime_cycles - 1)
    return LayerCosts(runtime, l2, l1, np.where(valid, layers.macs, 0), bandwidth, energy, valid)
