"""NSGA-II, as DEAP's example ``ga/nsga2.py`` assembles it."""

from __future__ import annotations

import random
from collections.abc import Iterator

from deap import tools

from optimizers.adapters.deap.loop import DeapAlgorithm
from optimizers.native.warm_start import MappingTables
from problems.doors.deap import Individual
from problems.doors.encoding import CONTINUOUS
from problems.foundation.checks import check_at_least, check_fraction, check_integer
from problems.foundation.errors import InvalidInput
from problems.space import SearchSpace


class NSGA2(DeapAlgorithm):
    """NSGA-II in the unit cube, with the settings of Deb 2002 for real-coded problems.

    Args:
        population_size: Individuals per generation; a multiple of 4, as its tournaments require.
        crossover_rate: Probability that a pair is crossed.
        crossover_eta: Distribution index of the simulated binary crossover; large values keep children near parents.
        mutation_eta: Distribution index of the polynomial mutation, likewise; a gene mutates with probability
            1 / genes.
        encoding: ``continuous``.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``, instead of random ones,
            as many as the first population holds.

    Raises:
        InvalidInput: If the population size is not a multiple of 4, or another parameter is invalid.
    """

    multi_objective = True

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        population_size: int = 100,
        crossover_rate: float = 0.9,
        crossover_eta: float = 20.0,
        mutation_eta: float = 20.0,
        encoding: str = CONTINUOUS,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, encoding=encoding, warm_start=warm_start)
        check_integer("population_size", population_size, 4)
        if population_size % 4:
            raise InvalidInput("population_size", expected="a multiple of 4", actual=population_size)
        check_fraction("crossover_rate", crossover_rate)
        check_at_least("crossover_eta", crossover_eta, 0.0)
        check_at_least("mutation_eta", mutation_eta, 0.0)
        self._size = population_size
        self._crossover_rate = crossover_rate
        self._toolbox.register("select", tools.selNSGA2)
        self._toolbox.register("mate", tools.cxSimulatedBinaryBounded, eta=crossover_eta, low=0.0, up=1.0)
        rate = 1.0 / self._num_genes
        self._toolbox.register("mutate", tools.mutPolynomialBounded, eta=mutation_eta, indpb=rate, low=0.0, up=1.0)

    def first_population(self) -> int:
        """The first generation."""
        return self._size

    def evolve(self) -> Iterator[list[Individual]]:
        """Select the best of parents and offspring by front, within the last front by crowding distance."""
        population = self.draw(self._size)
        yield population
        population = self._toolbox.select(population, self._size)  # assigns the crowding distances
        while True:
            offspring = self._vary(population)
            yield offspring
            population = self._toolbox.select(population + offspring, self._size)

    def _vary(self, population: list[Individual]) -> list[Individual]:
        """Select by tournaments on dominance and crowding distance, cross pairs, then mutate all."""
        chosen = tools.selTournamentDCD(population, len(population))
        offspring: list[Individual] = [self._toolbox.clone(individual) for individual in chosen]
        for first, second in zip(offspring[::2], offspring[1::2], strict=True):
            if random.random() <= self._crossover_rate:
                self._toolbox.mate(first, second)
            for child in (first, second):
                self._toolbox.mutate(child)
                del child.fitness.values
        return offspring
