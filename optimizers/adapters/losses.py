"""What libraries are told of values that they would refuse."""

from __future__ import annotations

import numpy as np

from optimizers.contract import FloatArray

LARGEST_LOSS = 1e20
"""What is told of a mapping that cannot run; Nevergrad itself cuts there."""

LARGEST_FIRST = 1e15
"""Values that begin above are told smaller, by a power of two: no digit changes, and none is cut."""


class Losses:
    """The losses of one run: the values as they are, unless they are infinite or huge."""

    def __init__(self) -> None:
        self._scale: FloatArray | None = None

    def of(self, values: FloatArray) -> FloatArray:
        """Losses ``(P, k)`` of values ``(P,)`` or ``(P, k)``, finite and in the same order."""
        rows = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
        finite = rows[np.isfinite(rows).all(axis=1)]
        if self._scale is None and len(finite):
            too_large = np.maximum(finite.max(axis=0) / LARGEST_FIRST, 1.0)
            self._scale = 2.0 ** -np.ceil(np.log2(too_large))
        return np.minimum(rows if self._scale is None else rows * self._scale, LARGEST_LOSS)
