"""The record of a run with two objectives: its Pareto front."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from optimizers.evaluators.recorded import Front, Recorded
from optimizers.result import Moment
from problems.arrays import BoolArray, FloatArray, IntArray
from problems.foundation.errors import BadValue
from problems.foundation.text import printable
from problems.space import Evaluator

ROUNDING = 1e-9
"""Tolerance by which a hypervolume may lie outside [0, 1]."""


class RecordedFront(Recorded):
    """Records values ``(P, 2)``: keeps the Pareto front, and its hypervolume shortfall as ``best_value``.

    The shortfall is 1 - hypervolume of the front: 0 if the front dominates the whole box, 1 if none of it, ``inf`` as
    long as no mapping that can run was found. A mapping with the same values as one in the front does not enter.
    ``best_cores`` and ``best_priorities`` are those of the first mapping of the front, which is best by the first
    objective.

    Args:
        inner: The recorded evaluator.
        hypervolume: Function from values ``(n, 2)`` to their hypervolume, 0 to 1.
        keep_all: Whether to keep all values.
    """

    def __init__(self, inner: Evaluator, hypervolume: Callable[[FloatArray], float], *, keep_all: bool = False) -> None:
        super().__init__(inner, keep_all=keep_all)
        self._hypervolume = _checked(hypervolume)
        self._values: FloatArray = np.zeros((0, 2))  # ascending in the first value, so descending in the second
        self._mappings: list[tuple[IntArray, FloatArray]] = []

    @property
    def front(self) -> Front:
        """The Pareto front, in ascending order of the first value."""
        shape = (len(self._mappings), self.num_jobs)
        cores = np.array([c for c, _ in self._mappings], dtype=np.int64).reshape(shape)
        priorities = np.array([p for _, p in self._mappings], dtype=np.float64).reshape(shape)
        return self._values.copy(), cores, priorities

    def learn(
        self, cores: IntArray, priorities: FloatArray, values: FloatArray, now: Callable[[], Moment]
    ) -> Sequence[int]:
        """Add non-dominated mappings one by one, so that the trace does not depend on the batches."""
        entered: dict[int, None] = {}
        candidates = np.flatnonzero(np.isfinite(values).all(axis=1) & ~self._is_covered(values))
        if not self.num_evaluations or candidates.size:
            self.moment = now()
        if not self.num_evaluations:
            self.improvements.append((1, np.inf, *self.moment))
            entered[0] = None
        for i in candidates:
            if self._is_covered(values[i : i + 1])[0]:  # by a mapping of the same batch
                continue
            self._enter(values[i], cores[i], priorities[i])
            entered[int(i)] = None
            shortfall = 1.0 - self._hypervolume(self._values)
            if shortfall < self.best_value:
                self._improve_to(shortfall, self.num_evaluations + int(i) + 1)
        if self._mappings:
            self.best_cores, self.best_priorities = self._mappings[0]
        return list(entered)

    def _is_covered(self, values: FloatArray) -> BoolArray:
        """Whether each of the ``values`` ``(P, 2)`` is dominated by, or equal to, one of the front; ``(P,)``.

        Among the front's mappings that are no worse in the first value, the last is best in the second.
        """
        lowest = np.concatenate([[np.inf], self._values[:, 1]])
        place = np.searchsorted(self._values[:, 0], values[:, 0], side="right")
        return np.asarray(lowest[place] <= values[:, 1], dtype=np.bool_)

    def _enter(self, value: FloatArray, cores: IntArray, priorities: FloatArray) -> None:
        """Insert a mapping that is not covered, and remove those that it dominates: they follow its position."""
        start = int(np.searchsorted(self._values[:, 0], value[0], side="left"))
        end = start + int((self._values[start:, 1] >= value[1]).sum())
        self._values = np.concatenate([self._values[:start], value[None, :], self._values[end:]])
        self._mappings[start:end] = [(np.array(cores, dtype=np.int64), np.array(priorities, dtype=np.float64))]

    def _improve_to(self, shortfall: float, evaluation: int) -> None:
        if self.improvements[-1][0] == evaluation:  # the first evaluation, recorded as infinite
            self.improvements.pop()
        self.improvements.append((evaluation, shortfall, *self.moment))
        self.best_value = shortfall


def _checked(hypervolume: Callable[[FloatArray], float]) -> Callable[[FloatArray], float]:
    """Wrap ``hypervolume`` so that it raises ``BadValue`` on results outside [0, 1]."""

    def share(values: FloatArray) -> float:
        found = hypervolume(values)
        if not isinstance(found, int | float | np.number) or not -ROUNDING <= found <= 1.0 + ROUNDING:
            raise BadValue(f"hypervolume of the objective: expected a number from 0 to 1, got {printable(found, 80)}")
        return float(found)

    return share
