"""The record of a run: its best mapping and all improvements."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from optimizers.evaluators.stopwatch import Stopwatch
from optimizers.evaluators.wrapper import Wrapper
from optimizers.result import Moment
from problems.arrays import FloatArray, IntArray, least
from problems.space import Evaluator

Front = tuple[FloatArray, IntArray, FloatArray]
"""Values ``(m, k)``, cores ``(m, G)`` and priorities ``(m, G)`` of m mappings, ascending in the first value."""


class Recorded(Wrapper):
    """Counts evaluations, and records the best mapping, all improvements, and checkpoints of the elapsed time.

    The stopwatch is read only where a mapping or a checkpoint is recorded.

    Attributes:
        stopwatch: Clocks of the run.
        num_evaluations: Evaluations so far.
        best_value: Lowest value; ``inf`` before the first evaluation.
        best_cores: Cores ``(G,)`` of the best mapping, the first in case of ties.
        best_priorities: Priorities ``(G,)`` of the best mapping.
        improvements: (evaluation counted from 1, value, wall seconds, CPU seconds) of each improvement.
        checkpoints: (evaluations, wall seconds, CPU seconds), about ten per decade of evaluations.
        all_values: All batches of values in order, if requested.
        entered: Rows of the last batch that were recorded.
        moment: When a batch was last recorded as an improvement or a checkpoint.
    """

    GRID_RATIO = 1.25

    def __init__(self, inner: Evaluator, *, keep_all: bool = False) -> None:
        super().__init__(inner)
        self.stopwatch = Stopwatch()
        self._keep_all = keep_all
        self._next_checkpoint = 1.0
        self.num_evaluations = 0
        self.best_value = np.inf
        self.best_cores: IntArray = np.zeros(0, dtype=np.int64)
        self.best_priorities: FloatArray = np.zeros(0)
        self.improvements: list[tuple[int, float, float, float]] = []
        self.checkpoints: list[tuple[int, float, float]] = []
        self.all_values: list[FloatArray] = []
        self.entered: Sequence[int] = ()
        self.moment: Moment = (0.0, 0.0)

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``."""
        values = self._inner.evaluate(cores, priorities)
        self.entered = self.learn(cores, priorities, values, self.stopwatch.read)
        self.num_evaluations += len(values)
        if self.num_evaluations >= self._next_checkpoint:
            if not self.entered:
                self.moment = self.stopwatch.read()
            self.checkpoints.append((self.num_evaluations, *self.moment))
            self._next_checkpoint = self.num_evaluations * self.GRID_RATIO
        if self._keep_all:
            self.all_values.append(np.array(values))
        return values

    @property
    def front(self) -> Front:
        """The best mapping alone, so ``m`` is 1; or 0 if no mapping can run."""
        m = int(np.isfinite(self.best_value))
        return np.full((m, 1), self.best_value), self.best_cores[None, :][:m], self.best_priorities[None, :][:m]

    def learn(
        self, cores: IntArray, priorities: FloatArray, values: FloatArray, now: Callable[[], Moment]
    ) -> Sequence[int]:
        """Record the improvements in a batch, and return their rows; ``num_evaluations`` excludes the batch.

        The time is asked of ``now`` only if there are any.
        """
        if self.num_evaluations and not least(values) < self.best_value:
            return ()
        before = np.minimum.accumulate(np.concatenate([[self.best_value], values]))[:-1]
        is_better = values < before
        is_better[0] |= not self.num_evaluations  # the first is recorded even if it cannot run
        better = np.flatnonzero(is_better)
        self.moment = now()
        self.improvements += [(self.num_evaluations + int(i) + 1, float(values[i]), *self.moment) for i in better]
        self.best_value = float(values[better[-1]])
        self.best_cores = np.array(cores[better[-1]], dtype=np.int64)
        self.best_priorities = np.array(priorities[better[-1]], dtype=np.float64)
        rows: list[int] = better.tolist()
        return rows
