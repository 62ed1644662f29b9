"""Arguments and results that the closed forms of all dataflows share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from problems.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Shapes:
    """Loop bounds of n layers, each ``(n,)`` int64, in MAESTRO's notation (no padding, stride 1)."""

    K: IntArray
    C: IntArray
    Y: IntArray
    X: IntArray
    R: IntArray
    S: IntArray

    @cached_property
    def H(self) -> IntArray:
        """Output rows."""
        return self.Y - self.R + 1

    @cached_property
    def W(self) -> IntArray:
        """Output columns."""
        return self.X - self.S + 1

    def take(self, rows: BoolArray) -> Shapes:
        """Return the layers where ``rows`` ``(n,)`` is true."""
        if rows.all():
            return self
        return Shapes(self.K[rows], self.C[rows], self.Y[rows], self.X[rows], self.R[rows], self.S[rows])


@dataclass(frozen=True)
class Figures:
    """Results of a closed form for n layers, each ``(n,)``; float64 where they may be NaN (not modelled)."""

    runtime_cycles: IntArray
    l2_size_bytes: IntArray
    l1_size_bytes: IntArray
    energy_nj: FloatArray


def ceil_div(a: IntArray, b: IntArray | int) -> IntArray:
    """Return the integer ceiling of ``a / b`` for positive ``b``."""
    return -(-a // b)


def convolution_energy(z: Shapes, in_l2_read: IntArray, wt_l2_read: IntArray, out_l2_write: IntArray) -> FloatArray:
    """Return the energy in nJ of layers that are not depthwise: L2 accesses alone, as MAESTRO counts them.

    Summed transfer by transfer, as MAESTRO does: its six printed digits depend on the rounding.
    """
    transfers = (in_l2_read, wt_l2_read, out_l2_write, z.C * z.Y * z.X, z.K * z.C * z.R * z.S)
    return np.asarray(sum(18.61 * count for count in transfers) * 0.00023, dtype=np.float64)
