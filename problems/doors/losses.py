"""Finite losses for libraries that do not accept infinite or huge values."""

from __future__ import annotations

import numpy as np

from problems.arrays import FloatArray

LARGEST_LOSS = 1e20
"""Loss of a mapping that cannot run; Nevergrad clips losses at the same value."""

LARGEST_FIRST = 1e15
"""If the first values are larger, all are scaled down by a power of two: exactly, and so that none is clipped."""


class Losses:
    """Converts the values of one run to losses: the values themselves, unless they are infinite or huge."""

    def __init__(self) -> None:
        self._scale: FloatArray | None = None

    def of(self, values: FloatArray) -> FloatArray:
        """Convert values ``(P,)`` or ``(P, k)`` to losses ``(P, k)``, finite and in the same order."""
        rows = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
        if self._scale is None:
            self._scale = self._scale_of(rows[np.isfinite(rows).all(axis=1)])
        return np.minimum(rows if self._scale is None else rows * self._scale, LARGEST_LOSS)

    def _scale_of(self, finite: FloatArray) -> FloatArray | None:
        """Return the scale of each objective from the first finite values; None if there are none yet."""
        if not len(finite):
            return None
        too_large = np.maximum(finite.max(axis=0) / LARGEST_FIRST, 1.0)
        fractions, exponents = np.frexp(too_large)  # exact, unlike a logarithm
        scale: FloatArray = np.ldexp(1.0, -(exponents - (fractions == 0.5)))
        return scale
