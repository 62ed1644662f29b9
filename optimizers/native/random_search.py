"""Uniform random search."""

from __future__ import annotations

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
        self._batch_size = batch_size

    def ask(self) -> Mappings:
        """Cores and priorities ``(batch_size, G)``."""
        return self.space.sample(self.rng, self._batch_size)

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Nothing is learned."""
