"""The reward of an agent at the end of an episode."""

from __future__ import annotations

import numpy as np

from problems.arrays import FloatArray

WORST = -100.0
"""Reward of mappings that cannot run, and lower bound of all rewards: learners need finite numbers."""


class Rewards:
    """Computes rewards: the negative objective, scaled so that random mappings get about -1.

    Args:
        unit: Value of the objective for which the reward is -1; None for the mean of the finite values of the first
            batch that has any, which suits objectives of any magnitude.
    """

    def __init__(self, unit: float | None = None) -> None:
        self._unit = unit

    def of(self, values: FloatArray) -> FloatArray:
        """Convert values ``(P,)`` to rewards ``(P,)``."""
        finite = np.isfinite(values)
        if self._unit is None and finite.any():
            self._unit = _typical(np.abs(values[finite])) or 1.0
        with np.errstate(over="ignore"):
            paid: FloatArray = np.maximum(-values / (self._unit or 1.0), WORST)
        return paid


def _typical(sizes: FloatArray) -> float:
    """Return the mean, or the largest size if the mean overflows."""
    with np.errstate(over="ignore"):
        mean = float(sizes.mean())
    return mean if np.isfinite(mean) else float(sizes.max())
