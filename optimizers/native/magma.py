"""MAGMA: a genetic algorithm designed for this problem (Kao & Krishna, HPCA 2022, section "MAGMA").

Its operators are in ``optimizers.native.magma_operators``.
"""

from __future__ import annotations

import numpy as np

from optimizers.contract import AskTellOptimizer
from optimizers.native.magma_operators import breed, mutate
from optimizers.native.warm_start import MappingTables, mappings_of
from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import check_fraction, check_integer
from problems.foundation.errors import InvalidInput
from problems.space import Mappings, SearchSpace


class Magma(AskTellOptimizer):
    """Elitist genetic algorithm on cores and priorities with four operators; rates as in the paper.

    A rate of 0 disables its operator.

    Args:
        population_size: Mappings per generation.
        elite_fraction: Fraction of the generation that survives unchanged, the best.
        parent_fraction: Fraction of the generation that breeds, the best; in the first generation all breed.
        crossover_gen_rate: Probability that a child exchanges the shorter side of a pivot in one genome.
        crossover_rg_rate: Probability that a child exchanges a range in both genomes.
        crossover_accel_rate: Probability that a child takes over all jobs of one core.
        mutation_rate: Probability that a gene is resampled.
        warm_start: Mappings to start from instead of random ones (Kao & Krishna 2022, "warm start"), each a table with
            ``cores`` and ``priorities``. The first generation consists of them and mutated copies of them, or of them
            and random mappings if ``mutation_rate`` is 0.

    Raises:
        InvalidInput: If a fraction is outside [0, 1], the population size is below 2, all rates are 0, or
            ``warm_start`` contains an invalid mapping.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        population_size: int = 100,
        elite_fraction: float = 0.05,
        parent_fraction: float = 0.10,
        crossover_gen_rate: float = 0.9,
        crossover_rg_rate: float = 0.1,
        crossover_accel_rate: float = 0.1,
        mutation_rate: float = 0.05,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        check_integer("population_size", population_size, 2)
        for name, rate in (
            ("elite_fraction", elite_fraction),
            ("parent_fraction", parent_fraction),
            ("crossover_gen_rate", crossover_gen_rate),
            ("crossover_rg_rate", crossover_rg_rate),
            ("crossover_accel_rate", crossover_accel_rate),
            ("mutation_rate", mutation_rate),
        ):
            check_fraction(name, rate)
        crossover_rates = crossover_gen_rate, crossover_rg_rate, crossover_accel_rate
        self._crossover_rates = np.array(crossover_rates, dtype=np.float64)
        self._mutation_rate = float(mutation_rate)  # of the type that is compiled
        if not self._crossover_rates.any() and not mutation_rate:
            raise InvalidInput("operator rates", expected="at least one above 0", actual="all 0")
        self._num_elites = min(round(elite_fraction * population_size), population_size - 1)
        self._num_parents = max(2, round(parent_fraction * population_size))
        self._num_children = population_size - self._num_elites
        self._population = population_size
        self._warm_start = None if warm_start is None else mappings_of(warm_start, space)
        self._cores: IntArray = np.zeros((0, space.num_jobs), dtype=np.int64)  # best first
        self._priorities: FloatArray = np.zeros((0, space.num_jobs))
        self._values: FloatArray = np.zeros(0)
        self._pool = population_size  # number of parents

    @classmethod
    def warm_up(cls) -> None:
        """Breed one child."""
        rng = np.random.default_rng(0)
        cores, priorities = np.zeros((2, 2), dtype=np.int64), np.zeros((2, 2))
        breed(rng, (cores, priorities), 1, 1, np.ones(3), 0.5)
        mutate(rng, cores[0], priorities[0], 1, 0.5)

    def first_population(self) -> int:
        """The first generation."""
        return self._population

    def ask(self) -> Mappings:
        """Return the first generation, ``(population, G)``; after that the children, ``(population - elites, G)``."""
        if not len(self._values):
            return self._first_generation()
        return breed(
            self.rng,
            (self._cores[: self._pool], self._priorities[: self._pool]),
            self._num_children,
            self.space.num_cores,
            self._crossover_rates,
            self._mutation_rate,
        )

    def _first_generation(self) -> Mappings:
        """Make random mappings, or those of the warm start and mutated copies of them."""
        if self._warm_start is None:
            return self.space.sample(self.rng, self._population)
        shape = (self._population, self.space.num_jobs)
        given = len(self._warm_start[0])
        if not self._mutation_rate:
            fresh = self.space.sample(self.rng, self._population)
            fresh[0][:given], fresh[1][:given] = (part[: self._population] for part in self._warm_start)
            return fresh
        cores: IntArray = np.resize(self._warm_start[0], shape)
        priorities: FloatArray = np.resize(self._warm_start[1], shape)
        copies = cores[given:].reshape(-1), priorities[given:].reshape(-1)
        mutate(self.rng, copies[0], copies[1], self.space.num_cores, self._mutation_rate)
        return cores, priorities

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Form the next generation from elites and children, and keep only its parents and elites."""
        elites = slice(0, self._num_elites)
        all_values = np.concatenate([self._values[elites], values])
        kept = len(values) if not len(self._values) else max(self._num_parents, self._num_elites)
        best = np.argsort(all_values, kind="stable")[:kept]
        self._pool = kept if not len(self._values) else self._num_parents
        self._values = all_values[best]
        self._cores = np.concatenate([self._cores[elites], cores])[best]
        self._priorities = np.concatenate([self._priorities[elites], priorities])[best]
