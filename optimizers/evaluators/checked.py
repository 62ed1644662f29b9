"""Checking that proposals are mappings."""

from __future__ import annotations

import numpy as np

from optimizers.evaluators.wrapper import RunEnded, Wrapper
from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import BadProposal, BadValue
from problems.space import Evaluator


class Checked(Wrapper):
    """Rejects proposals that are not mappings, naming the optimizer; after that, or after a bad value, it ends the run.

    Attributes:
        refusal: The error that was raised, in case the optimizer catches it.
    """

    def __init__(self, inner: Evaluator, optimizer: str) -> None:
        super().__init__(inner)
        self._optimizer = optimizer
        self.refusal: BadProposal | BadValue | None = None

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``; raise ``BadProposal`` on wrong shapes, types or values."""
        if self.refusal:
            raise RunEnded
        shape = (np.shape(cores)[0] if np.ndim(cores) == 2 else 0, self.num_jobs)
        core, priority = np.asarray(cores), np.asarray(priorities)
        if shape[0] < 1 or core.shape != shape or priority.shape != shape:
            self._refuse(
                f"cores and priorities of shape (P, {self.num_jobs}), P at least 1",
                f"{core.shape} and {priority.shape}",
            )
        if core.dtype.kind not in "iu" or priority.dtype.kind != "f":
            self._refuse("integer cores and float priorities", f"{core.dtype} and {priority.dtype}")
        if core.min() < 0 or core.max() >= self.num_cores:
            self._refuse(f"cores from 0 to {self.num_cores - 1}", f"{core.min()} to {core.max()}")
        low, high = priority.min(), priority.max()  # both are NaN if any priority is
        if not (low >= 0.0 and high < 1.0):
            self._refuse("priorities in [0, 1)", f"{low} to {high}")
        try:
            return super().evaluate(core.astype(np.int64, copy=False), priority.astype(np.float64, copy=False))
        except BadValue as error:
            self.refusal = error
            raise

    def _refuse(self, expected: str, actual: str) -> None:
        message = f"optimizer {self._optimizer!r} proposed no mapping: expected {expected}, got {actual}"
        self.refusal = BadProposal(message)
        raise self.refusal
