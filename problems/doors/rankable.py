"""An evaluator whose values can be ranked."""

from __future__ import annotations

from typing import Any

import numpy as np

from problems.arrays import FLOAT64, FloatArray, IntArray, least
from problems.doors.global_random import given_back
from problems.foundation.errors import BadValue
from problems.foundation.text import printable, shorten
from problems.space import ProblemLike, count_objectives

_NO_NUMBERS = (type(None), str, bytes, complex, np.complexfloating)
"""Types that NumPy would silently convert to numbers."""


class Rankable:
    """Evaluates a problem and makes its values comparable: NaN becomes ``inf``, as for a mapping that cannot run.

    So a mapping without a value is never the best one in any library, and the rest of its batch stays valid. If one of
    several values is NaN, all values of the mapping become ``inf``. A problem of a foreign class draws from the global
    random generators as they are outside of the run.
    """

    def __init__(self, inner: ProblemLike) -> None:
        self._inner = inner
        self._num_objectives = count_objectives(inner)
        self._is_pure = vars(type(inner)).get("is_pure", False)  # not of a class derived from it, or around it

    @property
    def num_jobs(self) -> int:
        """Number of jobs, G."""
        return self._inner.num_jobs

    @property
    def num_cores(self) -> int:
        """Number of cores, A."""
        return self._inner.num_cores

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, k)``; raise ``BadValue`` on invalid ones, for -inf naming the mapping."""
        given: Any
        if self._is_pure:
            given = self._inner.evaluate(cores, priorities)
        else:
            with given_back():
                given = self._inner.evaluate(cores, priorities)
        shape = (len(cores),) if self._num_objectives == 1 else (len(cores), self._num_objectives)
        is_plain = type(given) is np.ndarray and given.dtype == FLOAT64
        values: FloatArray = given.copy() if is_plain else self._converted(given)  # whoever receives it may change it
        if values.shape != shape:
            raise BadValue(f"{self._told}: expected values of shape {shape}, got {values.shape}")
        if values.size and not least(values) > -np.inf:  # nor if any value is NaN
            values = self._without_nan(values, cores, priorities)
        return values

    @property
    def _told(self) -> str:
        return f"objective {printable(getattr(self._inner, 'id', type(self._inner).__name__))}"

    def _converted(self, values: object) -> FloatArray:
        """Convert ``values`` to floats; reject complex numbers and texts, and replace masked values by NaN."""
        try:
            array = np.ma.asanyarray(values) if isinstance(values, np.ma.MaskedArray) else np.asarray(values)
            objects = array.flat if array.dtype.kind == "O" else ()
            if array.dtype.kind not in "biufO" or any(isinstance(value, _NO_NUMBERS) for value in objects):
                raise TypeError(array.dtype)
            with np.errstate(over="ignore"):  # numbers that overflow 64 bits become infinite
                return np.ma.filled(array.astype(np.float64), np.nan)
        except Exception as error:  # conversion of a foreign class may raise anything
            raise BadValue(f"{self._told}: expected numbers as values, got {printable(values, 80)}") from error

    def _without_nan(self, values: FloatArray, cores: IntArray, priorities: FloatArray) -> FloatArray:
        rows = values.reshape(len(values), -1)
        endless = np.flatnonzero((rows == -np.inf).any(axis=1))
        if len(endless):
            mapping = f"cores {cores[endless[0]].tolist()}, priorities {priorities[endless[0]].tolist()}"
            raise BadValue(f"{self._told}: expected no value of -inf, got it of the mapping {shorten(mapping, 400)}")
        return np.where(np.isnan(rows).any(axis=1, keepdims=True), np.inf, rows).reshape(values.shape)
