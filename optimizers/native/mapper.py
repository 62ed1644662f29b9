"""Mappers: methods that make one mapping from what they see of the jobs, and search no further."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from optimizers.contract import FloatArray, IntArray, Jobs, Objective, Optimizer


class Mapper(Optimizer):
    """Proposes one mapping, whatever the budget and the seed. Loads are counted in no-stall cycles."""

    sees_jobs = True
    seeded = False

    def first_population(self) -> None:
        """It does not search."""

    @abstractmethod
    def place(self, jobs: Jobs) -> tuple[IntArray, IntArray]:
        """The core of each job ``(G,)``, and the jobs ``(G,)`` in the order in which the cores run them."""

    def run(self, evaluator: Objective) -> None:
        """Propose it."""
        cores, order = self.place(self.space.known_jobs())
        priorities = np.empty(len(order))
        priorities[order] = np.arange(len(order)) / len(order)
        evaluator.evaluate(cores[None, :], priorities[None, :])


def mean_over_cores(values: FloatArray, latency: FloatArray) -> FloatArray:
    """Mean ``(G,)`` of ``values`` ``(G, A)`` over the cores that can run each job, by its ``latency`` ``(G, A)``."""
    mean: FloatArray = np.mean(values, axis=1, where=np.isfinite(latency))
    return mean
