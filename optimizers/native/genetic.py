"""A plain genetic algorithm (Holland 1975; Goldberg 1989): an honest simple baseline, without MAGMA's operators."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizers.contract import (
    AskTellOptimizer,
    FloatArray,
    IntArray,
    Mappings,
    SearchSpace,
    check_fraction,
    check_integer,
)


class GeneticAlgorithm(AskTellOptimizer):
    """Generations of children of tournament winners, by uniform crossover and resampling; the best one survives.

    Args:
        population_size: Mappings in a generation.
        tournament_size: Mappings of which the best becomes a parent.
        crossover_rate: Chance of a child to take each gene from either parent; else it is a copy of the first.
        mutation_rate: Chance of each gene to be resampled; None is one gene of a mapping in the mean.

    Raises:
        InvalidInput: If a size or rate does not fit.
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
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        check_integer("population_size", population_size, 2)
        check_integer("tournament_size", tournament_size, 1)
        check_fraction("crossover_rate", crossover_rate)
        rate = 0.5 / space.num_jobs if mutation_rate is None else mutation_rate
        check_fraction("mutation_rate", rate)
        self._size, self._tournament_size = population_size, tournament_size
        self._crossover_rate, self._mutation_rate = crossover_rate, rate
        self._cores: IntArray = np.zeros((0, space.num_jobs), dtype=np.int64)  # best first
        self._priorities: FloatArray = np.zeros((0, space.num_jobs))
        self._values: FloatArray = np.zeros(0)

    def settings(self) -> dict[str, Any]:
        """The rate of mutation that None stands for."""
        return {"mutation_rate": self._mutation_rate}

    def first_population(self) -> int:
        """The first generation."""
        return self._size

    def ask(self) -> Mappings:
        """The first generation at random, ``(population, G)``; then the children, ``(population - 1, G)``."""
        if not len(self._values):
            return self.space.sample(self.rng, self._size)
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
        """Parents ``(population - 1,)``: as the population is sorted, the lowest index wins its tournament."""
        drawn = self.rng.integers(len(self._values), size=(self._size - 1, self._tournament_size))
        winners: IntArray = drawn.min(axis=1)
        return winners

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """The best so far and the children are the next generation."""
        all_values = np.concatenate([self._values[:1], values])
        order = np.argsort(all_values, kind="stable")
        self._values = all_values[order]
        self._cores = np.concatenate([self._cores[:1], cores])[order]
        self._priorities = np.concatenate([self._priorities[:1], priorities])[order]
