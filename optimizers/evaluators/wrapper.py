"""The base class of all wrappers."""

from __future__ import annotations

from problems.arrays import FloatArray, IntArray
from problems.space import Evaluator


class RunEnded(BaseException):
    """Ends a run from inside ``evaluate``; not an ``Exception``, so that optimizers' own handlers do not catch it."""


class Wrapper:
    """Forwards everything to another evaluator; subclasses override ``evaluate``."""

    def __init__(self, inner: Evaluator) -> None:
        self._inner = inner

    @property
    def num_jobs(self) -> int:
        """Number of jobs, G."""
        return self._inner.num_jobs

    @property
    def num_cores(self) -> int:
        """Number of cores, A."""
        return self._inner.num_cores

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``."""
        return self._inner.evaluate(cores, priorities)
