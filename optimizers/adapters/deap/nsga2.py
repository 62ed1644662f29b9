"""NSGA-II, as DEAP's example ``ga/nsga2.py`` assembles it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from deap import tools

from bench.errors import InvalidInput
from optimizers.adapters.deap.loop import DeapAlgorithm, Individual
from optimizers.contract import SearchSpace, check_at_least, check_fraction, check_integer
from optimizers.encoding import CONTINUOUS


class NSGA2(DeapAlgorithm):
    """NSGA-II in the unit cube; settings as in Deb 2002 for real numbers.

    Args:
        population_size: Individuals in a generation; a multiple of 4, for its tournaments.
        crossover_rate: Chance of a pair to be crossed.
        crossover_eta: Distribution index of the simulated binary crossover; large ones keep children near.
        mutation_eta: Distribution index of the polynomial mutation, likewise; a gene mutates with chance 1 / genes.
        encoding: ``continuous``.

    Raises:
        InvalidInput: If the population is no multiple of 4, or another parameter does not fit.
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
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, encoding=encoding)
        check_integer("population_size", population_size, 4)
        if population_size % 4:
            raise InvalidInput("population_size", expected="a multiple of 4", actual=population_size)
        check_fraction("crossover_rate", crossover_rate)
        check_at_least("crossover_eta", crossover_eta, 0.0)
        check_at_least("mutation_eta", mutation_eta, 0.0)
        self._size, self._crossover_rate = population_size, crossover_rate
        cube: dict[str, Any] = {"low": 0.0, "up": 1.0}
        self._toolbox.register("select", tools.selNSGA2)
        self._toolbox.register("mate", tools.cxSimulatedBinaryBounded, eta=crossover_eta, **cube)
        self._toolbox.register(
            "mutate", tools.mutPolynomialBounded, eta=mutation_eta, indpb=1.0 / self._num_genes, **cube
        )

    def first_population(self) -> int:
        """The first generation."""
        return self._size

    def evolve(self) -> Iterator[list[Individual]]:
        """The best of parents and offspring by front, and within the last front by crowding distance."""
        population = self.draw(self._size)
        yield population
        population = self._toolbox.select(population, self._size)  # tells each its crowding distance
        while True:
            offspring = self._vary(population)
            yield offspring
            population = self._toolbox.select(population + offspring, self._size)

    def _vary(self, population: list[Individual]) -> list[Individual]:
        """Tournaments by dominance and crowding distance, then crossover of pairs, then mutation of all."""
        chosen = tools.selTournamentDCD(population, len(population))
        offspring: list[Individual] = [self._toolbox.clone(individual) for individual in chosen]
        for first, second in zip(offspring[::2], offspring[1::2], strict=True):
            if random.random() <= self._crossover_rate:
                self._toolbox.mate(first, second)
            for child in (first, second):
                self._toolbox.mutate(child)
                del child.fitness.values
        return offspring
