"""Numbers for scripts, in few letters."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

DIGITS = 5


def rounded(values: npt.ArrayLike, digits: int = DIGITS) -> list[float | int | None]:
    """``values`` ``(n,)`` in so many significant digits; None where one is not finite."""
    return [_short(value, digits) for value in np.asarray(values, dtype=np.float64).tolist()]


def _short(value: float, digits: int) -> float | int | None:
    if not math.isfinite(value):
        return None
    number = float(f"{value:.{digits}g}")
    return int(number) if number.is_integer() else number
