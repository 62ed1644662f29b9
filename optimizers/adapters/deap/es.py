"""DEAP's ``eaMuPlusLambda`` as an evolution strategy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np
from deap import algorithms, tools

from bench.errors import InvalidInput
from optimizers.adapters.deap.loop import DeapAlgorithm, Individual
from optimizers.contract import SearchSpace, check_at_least, check_fraction, check_integer
from optimizers.encoding import CONTINUOUS


class SelfAdapting(Individual):
    """An individual with a step size for each gene."""

    strategy: list[float]

    def __deepcopy__(self, memo: dict[int, Any]) -> SelfAdapting:
        clone = super().__deepcopy__(memo)
        assert isinstance(clone, SelfAdapting)
        clone.strategy = list(self.strategy)
        return clone


Mutation = Callable[..., tuple[SelfAdapting]]


class EvolutionStrategy(DeapAlgorithm):
    """(mu + lambda) with self-adapted step sizes, in the unit cube; a mutation ends at its edge.

    Population and rates are those of DEAP's example ``es/fctmin.py``; steps are in shares of the cube.

    Args:
        mu: Survivors of a generation.
        lambda_: Offspring of a generation.
        crossover_rate: Chance of an offspring to come from blending two parents.
        mutation_rate: Chance of it to come from mutating one.
        initial_step: Standard deviation of each gene at the start.
        smallest_step: Below which none falls.
        encoding: ``continuous``.

    Raises:
        InvalidInput: If both rates are 0, or another parameter does not fit.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        mu: int = 10,
        lambda_: int = 100,
        crossover_rate: float = 0.6,
        mutation_rate: float = 0.3,
        initial_step: float = 0.2,
        smallest_step: float = 0.01,
        encoding: str = CONTINUOUS,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, encoding=encoding)
        check_integer("mu", mu, 2)
        check_integer("lambda_", lambda_, 1)
        _check_rates(crossover_rate, mutation_rate)
        check_at_least("initial_step", initial_step, 0.0)
        check_at_least("smallest_step", smallest_step, 0.0)
        self._mu, self._lambda = mu, lambda_
        self._rates = {"cxpb": crossover_rate, "mutpb": mutation_rate}
        self._initial_step, self._smallest_step = initial_step, smallest_step
        self._individual = SelfAdapting
        self._toolbox.register("mate", tools.cxESBlend, alpha=0.1)
        self._toolbox.register("mutate", tools.mutESLogNormal, c=1.0, indpb=1.0)
        self._toolbox.decorate("mutate", self._bounded)

    def first_population(self) -> int:
        """The first parents. Their first offspring would count too, but how many of them are copies is not known."""
        return self._mu

    def evolve(self) -> Iterator[list[Individual]]:
        """Cross, mutate or copy (``varOr``), then keep the best of parents and offspring."""
        population = self.draw(self._mu)
        for individual in population:
            assert isinstance(individual, SelfAdapting)
            individual.strategy = [self._initial_step] * self._num_genes
        yield population
        while True:
            offspring = algorithms.varOr(population, self._toolbox, self._lambda, **self._rates)
            yield offspring
            population = tools.selBest(population + offspring, self._mu)

    def _bounded(self, mutate: Mutation) -> Mutation:
        @wraps(mutate)
        def bounded(individual: SelfAdapting, **parameters: float) -> tuple[SelfAdapting]:
            mutate(individual, **parameters)
            individual.strategy = [max(step, self._smallest_step) for step in individual.strategy]
            individual[:] = np.clip(individual, 0.0, 1.0).tolist()
            return (individual,)

        return bounded


def _check_rates(crossover_rate: float, mutation_rate: float) -> None:
    check_fraction("crossover_rate", crossover_rate)
    check_fraction("mutation_rate", mutation_rate)
    total = crossover_rate + mutation_rate
    check_fraction("crossover_rate + mutation_rate", total)
    if total == 0.0:  # offspring would be copies for ever
        raise InvalidInput("crossover_rate + mutation_rate", expected="a number above 0", actual=total)
