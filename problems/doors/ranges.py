"""Whether arrays are mappings, in one pass of compiled code: NumPy's reductions cost microseconds each."""

from __future__ import annotations

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.foundation.compiling import borrowing


@borrowing
def are_within(cores: IntArray, num_cores: int, priorities: FloatArray, least: float, most: float) -> bool:
    """Whether all ``cores`` ``(P, G)`` are in 0..A-1, and all ``priorities`` ``(P, G)`` from ``least`` to ``most``."""
    within = True
    for p in range(cores.shape[0]):
        for j in range(cores.shape[1]):
            within &= (cores[p, j] >= 0) & (cores[p, j] < num_cores)
            within &= (priorities[p, j] >= least) & (priorities[p, j] <= most)
    return within


def warm_up() -> None:
    """Load or compile what is above."""
    are_within(np.zeros((1, 1), np.int64), 1, np.zeros((1, 1)), 0.0, 1.0)
