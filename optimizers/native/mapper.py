"""Mappers: heuristics that compute a single mapping from the job table, without search."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from optimizers.contract import Optimizer
from problems.arrays import FloatArray, IntArray
from problems.space import Evaluator, Jobs


class Mapper(Optimizer):
    """Base of heuristics that propose one mapping, whatever the budget and the seed. Loads are in no-stall cycles."""

    sees_jobs = True
    seeded = False
    no_warm_start = "Its proposals do not depend on what was evaluated before."

    def first_population(self) -> None:
        """None: values never matter."""

    @abstractmethod
    def place(self, jobs: Jobs) -> tuple[IntArray, IntArray]:
        """Return the core of each job ``(G,)``, and the jobs ``(G,)`` in the order in which the cores run them."""

    def run(self, evaluator: Evaluator) -> None:
        """Evaluate the mapping, then finish."""
        cores, order = self.place(self.space.known_jobs())
        priorities = np.empty(len(order))
        priorities[order] = np.arange(len(order)) / len(order)
        evaluator.evaluate(cores[None, :], priorities[None, :])


def mean_over_cores(values: FloatArray, latency: FloatArray) -> FloatArray:
    """Average ``values`` ``(G, A)`` over the cores that can run each job, i.e. with finite ``latency`` ``(G, A)``."""
    mean: FloatArray = np.mean(values, axis=1, where=np.isfinite(latency))
    return mean
