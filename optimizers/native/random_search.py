"""Uniform random search."""

from __future__ import annotations

import numpy as np

from optimizers.contract import AskTellOptimizer, FloatArray, IntArray, Mappings, SearchSpace, check_integer


class RandomSearch(AskTellOptimizer):
    """Independent uniform mappings, the baseline that every method must beat.

    Args:
        batch_size: Mappings an ask; the trace does not depend on it.
    """

    multi_objective = True

    def __init__(self, space: SearchSpace, *, budget: int, seed: int, batch_size: int = 100) -> None:
        super().__init__(space, budget=budget, seed=seed)
        check_integer("batch_size", batch_size, 1)
        self._batch_size = min(batch_size, budget)

    def first_population(self) -> None:
        """It never learns."""

    def ask(self) -> Mappings:
        """Cores and priorities ``(batch_size, G)``, drawn mapping by mapping."""
        draws = self.rng.random((self._batch_size, 2, self.space.num_jobs))
        cores = (draws[:, 0] * self.space.num_cores).astype(np.int64)  # a draw is below 1, and so is its image below A
        return cores, np.ascontiguousarray(draws[:, 1])

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Nothing is learned."""
