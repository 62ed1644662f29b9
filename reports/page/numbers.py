"""Short numbers for the page's scripts."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

DIGITS = 5
"""Significant digits by default."""


def rounded(values: npt.ArrayLike, digits: int = DIGITS) -> list[float | int | None]:
    """``values`` ``(n,)`` rounded to ``digits`` significant digits; None where not finite."""
    return [_short(value, digits) for value in np.asarray(values, dtype=np.float64).tolist()]


def _short(value: float, digits: int) -> float | int | None:
    if not math.isfinite(value):
        return None
    number = float(f"{value:.{digits}g}")
    return int(number) if number.is_integer() else number
