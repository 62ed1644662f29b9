"""Evolution strategy by DEAP's ``eaMuPlusLambda``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps

import numpy as np
from deap import algorithms, tools

from optimizers.adapters.deap.loop import DeapAlgorithm
from optimizers.native.warm_start import MappingTables
from problems.doors.deap import Individual
from problems.doors.encoding import CONTINUOUS
from problems.foundation.checks import check_at_least, check_fraction, check_integer
from problems.foundation.errors import InvalidInput
from problems.space import SearchSpace


class SelfAdapting(Individual):
    """An individual with a step size for each gene."""

    strategy: list[float]

    def __deepcopy__(self, memo: dict[int, object]) -> SelfAdapting:
        clone = super().__deepcopy__(memo)
        assert isinstance(clone, SelfAdapting)
        clone.strategy = list(self.strategy)
        return clone


Mutation = Callable[..., tuple[SelfAdapting]]


class EvolutionStrategy(DeapAlgorithm):
    """(mu + lambda) evolution strategy with self-adaptive step sizes in the unit cube; mutations are clipped to it.

    Population sizes and rates are those of DEAP's example ``es/fctmin.py``. The unit of step sizes is the edge of the
    cube.

    Args:
        mu: Survivors per generation.
        lambda_: Offspring per generation.
        crossover_rate: Probability that an offspring is a blend of two parents.
        mutation_rate: Probability that an offspring is a mutated parent.
        initial_step: Initial step size (standard deviation) of each gene.
        smallest_step: Lower bound of the step sizes.
        encoding: ``continuous``.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``, instead of random ones,
            as many as the first generation of parents holds.

    Raises:
        InvalidInput: If both rates are 0, or another parameter is invalid.
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
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, encoding=encoding, warm_start=warm_start)
        check_integer("mu", mu, 2)
        check_integer("lambda_", lambda_, 1)
        _check_rates(crossover_rate, mutation_rate)
        check_at_least("initial_step", initial_step, 0.0)
        check_at_least("smallest_step", smallest_step, 0.0)
        self._mu = mu
        self._lambda = lambda_
        self._crossover_rate = crossover_rate
        self._mutation_rate = mutation_rate
        self._initial_step = initial_step
        self._smallest_step = smallest_step
        self._individual = SelfAdapting
        self._toolbox.register("mate", tools.cxESBlend, alpha=0.1)
        self._toolbox.register("mutate", tools.mutESLogNormal, c=1.0, indpb=1.0)
        self._toolbox.decorate("mutate", self._bounded)

    def first_population(self) -> int:
        """The first parents. The first offspring do not depend on values either, but their number is unknown.

        Some are copies of their parents, which are not evaluated again.
        """
        return self._mu

    def evolve(self) -> Iterator[list[Individual]]:
        """Cross, mutate or copy (``varOr``), then select the best of parents and offspring."""
        population = self.draw(self._mu)
        for individual in population:
            assert isinstance(individual, SelfAdapting)
            individual.strategy = [self._initial_step] * self._num_genes
        yield population
        while True:
            offspring = algorithms.varOr(
                population, self._toolbox, self._lambda, cxpb=self._crossover_rate, mutpb=self._mutation_rate
            )
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
    if total == 0.0:  # all offspring would be copies
        raise InvalidInput("crossover_rate + mutation_rate", expected="a number above 0", actual=total)
