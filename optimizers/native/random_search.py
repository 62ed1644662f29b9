"""Uniform random search."""

from __future__ import annotations

import numpy as np

from optimizers.contract import AskTellOptimizer
from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import check_integer
from problems.space import Mappings, SearchSpace


class RandomSearch(AskTellOptimizer):
    """Samples mappings independently and uniformly: the baseline that every optimizer must beat.

    Args:
        batch_size: Mappings per ask; the trace does not depend on it.
    """

    multi_objective = True
    no_warm_start = "Its proposals do not depend on what was evaluated before."

    def __init__(self, space: SearchSpace, *, budget: int, seed: int, batch_size: int = 100) -> None:
        super().__init__(space, budget=budget, seed=seed)
        check_integer("batch_size", batch_size, 1)
        self._batch_size = min(batch_size, budget)

    def first_population(self) -> None:
        """None: values never matter."""

    def ask(self) -> Mappings:
        """Return cores and priorities ``(batch_size, G)``, drawn mapping by mapping."""
        draws = self.rng.random((self._batch_size, 2, self.space.num_jobs))
        cores = (draws[:, 0] * self.space.num_cores).astype(np.int64)  # draws are below 1, so cores are below A
        return cores, np.ascontiguousarray(draws[:, 1])

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Ignore the values."""
