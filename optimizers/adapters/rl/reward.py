"""What an agent is paid at the end of an episode."""

from __future__ import annotations

import numpy as np

from optimizers.contract import FloatArray

WORST = -100.0
"""What a mapping is paid that cannot run, or is a hundred times as bad as the unit: finite, as learners need it."""


class Rewards:
    """Minus the objective, the lower the worse, in a unit in which mappings at random earn about -1.

    Args:
        unit: The objective's value that is paid -1; None for the mean of the first batch that has a finite one, which
            serves whatever the objective and its size.
    """

    def __init__(self, unit: float | None = None) -> None:
        self._unit = unit

    def of(self, values: FloatArray) -> FloatArray:
        """Rewards ``(P,)`` of values ``(P,)``."""
        finite = np.isfinite(values)
        if self._unit is None and finite.any():
            self._unit = _typical(np.abs(values[finite])) or 1.0
        with np.errstate(over="ignore"):
            paid: FloatArray = np.maximum(-values / (self._unit or 1.0), WORST)
        return paid


def _typical(sizes: FloatArray) -> float:
    """Their mean, or if the floats do not reach so far the largest."""
    with np.errstate(over="ignore"):
        mean = float(sizes.mean())
    return mean if np.isfinite(mean) else float(sizes.max())
