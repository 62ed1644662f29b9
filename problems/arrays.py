"""The array types that the suite uses."""

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

INT64, FLOAT64 = np.dtype(np.int64), np.dtype(np.float64)


def least(values: FloatArray) -> float:
    """Return the least of ``values``, NaN if any is; that of a value alone without the microsecond of a reduction."""
    return float(values.item() if values.size == 1 else values.min())


def behaved(array: npt.NDArray[Any], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return ``array`` if it is of this type, writeable and in C order, as compiled code expects; else such a copy."""
    return array if array.dtype is dtype and array.flags.carray else np.array(array, dtype, order="C")
