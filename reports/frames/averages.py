"""Averages of values that may be infinite."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray


def quantile(values: npt.ArrayLike, q: float) -> FloatArray:
    """The ``q``-quantile along the first axis, linear between order statistics; values may be infinite."""
    ordered = np.sort(np.asarray(values, dtype=np.float64), axis=0)
    position = q * (len(ordered) - 1)
    low, high = ordered[int(np.floor(position))], ordered[int(np.ceil(position))]
    with np.errstate(invalid="ignore"):  # inf - inf, handled below
        between = low + (position % 1.0) * (high - low)
    return np.asarray(np.where(low == high, low, between))


def geometric_mean(values: npt.ArrayLike) -> float:
    """Return the geometric mean: 0 if a value is 0, else ``inf`` if one is; NaN if one is, or there are no values."""
    array = np.asarray(values, dtype=np.float64)
    if (array == 0.0).any():
        return 0.0
    return float(np.exp(np.log(array).mean())) if array.size else np.nan
