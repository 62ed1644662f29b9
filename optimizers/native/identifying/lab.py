"""Experiments: mappings that are evaluated to learn what the jobs cost."""

from __future__ import annotations

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.space import Evaluator, SearchSpace


class Unidentified(Exception):
    """The values are not those of the model that is assumed, or do not suffice to tell it."""


class Lab:
    """Evaluates mappings, of which the order of the jobs counts alone.

    Attributes:
        left: Evaluations left of the budget.
        best_value: Lowest value so far.
        best_cores: ``(G,)`` cores of that mapping.
        best_order: ``(G,)`` jobs of that mapping by priority.
    """

    def __init__(self, space: SearchSpace, evaluator: Evaluator, budget: int) -> None:
        self._evaluator = evaluator
        self.left = budget
        self.num_jobs, self.num_cores = space.num_jobs, space.num_cores
        self.best_value = np.inf
        self.best_cores: IntArray = np.zeros(self.num_jobs, np.int64)
        self.best_order: IntArray = np.arange(self.num_jobs)

    def values(self, cores: IntArray, orders: IntArray) -> FloatArray:
        """Return the values ``(P,)`` of mappings: ``cores`` ``(P, G)``, and ``orders`` ``(P, G)`` of the jobs.

        Raises:
            Unidentified: If a value is 0 or infinite.
        """
        ranks = np.empty(orders.shape)
        np.put_along_axis(ranks, orders, np.arange(self.num_jobs, dtype=np.float64)[None, :], axis=1)
        values = self._evaluator.evaluate(cores, ranks / self.num_jobs)
        self.left -= len(values)
        best = int(np.argmin(values))
        if values[best] < self.best_value:
            self.best_value = float(values[best])
            self.best_cores, self.best_order = cores[best].copy(), orders[best].copy()
        if not (np.isfinite(values) & (values > 0.0)).all():
            raise Unidentified("a value is 0 or infinite")
        return values

    def all_on_one(self) -> FloatArray:
        """Return the value ``(A,)`` of all jobs on each core."""
        cores = np.repeat(np.arange(self.num_cores)[:, None], self.num_jobs, axis=1)
        return self.values(cores, np.tile(np.arange(self.num_jobs), (self.num_cores, 1)))

    def one_moved(self, core: int, other: int, order: IntArray) -> FloatArray:
        """Return the value ``(G,)`` if each job in turn runs on ``other``, all the rest on ``core`` in this order."""
        cores = np.full((self.num_jobs, self.num_jobs), core)
        np.fill_diagonal(cores, other)
        return self.values(cores, np.tile(order, (self.num_jobs, 1)))
