"""Checking that proposals are mappings."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from optimizers.evaluators.wrapper import RunEnded, Wrapper
from problems.arrays import FLOAT64, INT64, FloatArray, IntArray, behaved
from problems.foundation.errors import BadProposal
from problems.space import Evaluator

BELOW_ONE = float(np.nextafter(1.0, 0.0))


class Checked(Wrapper):
    """Rejects proposals that are not mappings, naming the optimizer; after that, or any other error, it ends the run.

    Attributes:
        error: What was raised, here or by what is wrapped, in case the optimizer catches it.
    """

    def __init__(self, inner: Evaluator, optimizer: str) -> None:
        from problems.doors.ranges import are_within, warm_up  # here, as Numba is slow to load

        super().__init__(inner)
        warm_up()
        self._are_within = are_within
        self._num_jobs, self._num_cores = inner.num_jobs, inner.num_cores
        self._optimizer = optimizer
        self.error: BaseException | None = None

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``; raise ``BadProposal`` on wrong shapes, types or values."""
        if self.error is not None:
            raise RunEnded
        core, priority = np.asarray(cores), np.asarray(priorities)
        shape = core.shape
        if len(shape) != 2 or not shape[0] or shape[1] != self._num_jobs or priority.shape != shape:
            self._refuse(
                f"cores and priorities of shape (P, {self._num_jobs}), P at least 1", f"{shape} and {priority.shape}"
            )
        if core.dtype.kind not in "iu" or priority.dtype.kind != "f":
            self._refuse("integer cores and float priorities", f"{core.dtype} and {priority.dtype}")
        batch, order = behaved(core, INT64), behaved(priority, FLOAT64)
        if not self._are_within(batch, self._num_cores, order, 0.0, BELOW_ONE):
            self._check_values(core, priority)
        try:
            return self._inner.evaluate(batch, order)
        except RunEnded:
            raise
        except BaseException as error:
            self.error = error
            raise

    def _check_values(self, cores: npt.NDArray[Any], priorities: npt.NDArray[Any]) -> None:
        """Refuse values that are out of range; not those that only the conversion to floats of 64 bits rounds to 1."""
        if cores.min() < 0 or cores.max() >= self._num_cores:
            self._refuse(f"cores from 0 to {self._num_cores - 1}", f"{cores.min()} to {cores.max()}")
        low, high = priorities.min(), priorities.max()  # both are NaN if any priority is
        if not (low >= 0.0 and high < 1.0):
            self._refuse("priorities in [0, 1)", f"{low} to {high}")

    def _refuse(self, expected: str, actual: str) -> None:
        message = f"optimizer {self._optimizer!r} proposed no mapping: expected {expected}, got {actual}"
        self.error = BadProposal(message)
        raise self.error
