"""A plain genetic algorithm (Holland 1975; Goldberg 1989), a simple baseline without MAGMA's operators."""

from __future__ import annotations

import numpy as np

from optimizers.contract import AskTellOptimizer
from optimizers.native.warm_start import MappingTables, mappings_of, placed_first
from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import check_fraction, check_integer
from problems.space import Mappings, SearchSpace


class GeneticAlgorithm(AskTellOptimizer):
    """Generational GA with tournament selection, uniform crossover, resampling mutation, and one elite.

    Args:
        population_size: Mappings per generation.
        tournament_size: Mappings per tournament, the best of which becomes a parent.
        crossover_rate: Probability that a child takes each gene from either parent; otherwise it copies the first.
        mutation_rate: Probability that a gene is resampled; None for one gene per mapping on average.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``; they take the place of
            the first mappings of the first generation.

    Raises:
        InvalidInput: If a size or rate is invalid, or ``warm_start`` contains an invalid mapping.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        population_size: int = 100,
        tournament_size: int = 2,
        crossover_rate: float = 0.9,
        mutation_rate: float | None = None,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        check_integer("population_size", population_size, 2)
        check_integer("tournament_size", tournament_size, 1)
        check_fraction("crossover_rate", crossover_rate)
        rate = 0.5 / space.num_jobs if mutation_rate is None else mutation_rate
        check_fraction("mutation_rate", rate)
        self._size = population_size
        self._tournament_size = tournament_size
        self._crossover_rate = crossover_rate
        self._mutation_rate = rate
        self._warm_start = None if warm_start is None else mappings_of(warm_start, space)
        self._cores: IntArray = np.zeros((0, space.num_jobs), dtype=np.int64)  # best first
        self._priorities: FloatArray = np.zeros((0, space.num_jobs))
        self._values: FloatArray = np.zeros(0)

    def settings(self) -> dict[str, object]:
        """The mutation rate in use, which None derives from the number of jobs."""
        return {"mutation_rate": self._mutation_rate}

    def first_population(self) -> int:
        """The first generation."""
        return self._size

    def ask(self) -> Mappings:
        """Return the first generation, ``(population, G)``; after that the children, ``(population - 1, G)``."""
        if not len(self._values):
            return placed_first(self._warm_start, self.space.sample(self.rng, self._size))
        first, second = self._select(), self._select()
        shape = (len(first), self.space.num_jobs)
        is_crossed = self.rng.random((len(first), 1)) < self._crossover_rate
        from_second = is_crossed & (self.rng.random((2, *shape)) < 0.5)
        cores = np.where(from_second[0], self._cores[second], self._cores[first])
        priorities = np.where(from_second[1], self._priorities[second], self._priorities[first])
        fresh_cores, fresh_priorities = self.space.sample(self.rng, len(first))
        is_mutated = self.rng.random((2, *shape)) < self._mutation_rate
        return np.where(is_mutated[0], fresh_cores, cores), np.where(is_mutated[1], fresh_priorities, priorities)

    def _select(self) -> IntArray:
        """Select parents ``(population - 1,)``: the population is sorted, so the lowest index wins a tournament."""
        drawn = self.rng.integers(len(self._values), size=(self._size - 1, self._tournament_size))
        winners: IntArray = drawn.min(axis=1)
        return winners

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Form the next generation from the best so far and the children."""
        all_values = np.concatenate([self._values[:1], values])
        order = np.argsort(all_values, kind="stable")
        self._values = all_values[order]
        self._cores = np.concatenate([self._cores[:1], cores])[order]
        self._priorities = np.concatenate([self._priorities[:1], priorities])[order]
