"""Enforcing the budget of evaluations."""

from __future__ import annotations

import numpy as np

from optimizers.evaluators.wrapper import RunEnded, Wrapper
from problems.arrays import FloatArray, IntArray
from problems.space import Evaluator


class BudgetSpent(RunEnded):
    """The budget of evaluations is spent."""


class Budgeted(Wrapper):
    """Ends the run with its last evaluation; a batch that exceeds the budget is cut.

    Attributes:
        first_batch: Size of the first batch before it was cut.
    """

    def __init__(self, inner: Evaluator, budget: int) -> None:
        super().__init__(inner)
        self._left = budget
        self.first_batch = 0

    @property
    def is_spent(self) -> bool:
        """Whether no evaluations are left."""
        return self._left <= 0

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``; raise ``BudgetSpent`` once the budget is spent."""
        if self._left <= 0:
            raise BudgetSpent
        shape = cores.shape if type(cores) is np.ndarray else np.shape(cores)
        count = shape[0] if shape else 0
        self.first_batch = self.first_batch or count
        if count > self._left and np.shape(priorities) == shape:  # else it is refused below
            cores, priorities = cores[: self._left], priorities[: self._left]
        try:
            values = self._inner.evaluate(cores, priorities)
        except RunEnded:  # after the evaluation, as far as it came to that
            self._left -= min(count, self._left)
            raise
        self._left -= len(values)
        if self._left <= 0:
            raise BudgetSpent
        return values
