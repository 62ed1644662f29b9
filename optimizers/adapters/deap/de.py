"""Differential evolution, as DEAP's example ``de/basic.py`` assembles it."""

from __future__ import annotations

import random
from collections.abc import Iterator

from deap import tools

from optimizers.adapters.deap.loop import DeapAlgorithm
from optimizers.native.warm_start import MappingTables
from problems.doors.deap import Individual
from problems.doors.encoding import CONTINUOUS
from problems.foundation.checks import check_at_least, check_fraction, check_integer
from problems.space import SearchSpace


class DifferentialEvolution(DeapAlgorithm):
    """DE/rand/1/bin in the unit cube; an agent is replaced as soon as its trial vector is better.

    The weights are those of the example. The example has 300 agents for 60,000 evaluations; the default here is 100 for
    the usual 10,000. Genes outside the cube are clipped to its edge.

    Args:
        population_size: Number of agents.
        crossover_rate: CR, probability that a gene comes from the mutant vector.
        differential_weight: F, factor of the difference vector.
        encoding: ``continuous``.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``, instead of random ones,
            as many as the first population holds.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        population_size: int = 100,
        crossover_rate: float = 0.25,
        differential_weight: float = 1.0,
        encoding: str = CONTINUOUS,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, encoding=encoding, warm_start=warm_start)
        check_integer("population_size", population_size, 3)
        check_fraction("crossover_rate", crossover_rate)
        check_at_least("differential_weight", differential_weight, 0.0)
        self._size = population_size
        self._crossover_rate = crossover_rate
        self._weight = differential_weight
        self._toolbox.register("select", tools.selRandom, k=3)

    def first_population(self) -> int:
        """All agents and the first trial vector, which combines three random agents."""
        return self._size + 1

    def evolve(self) -> Iterator[list[Individual]]:
        """Yield the agents, then one trial vector for each agent in turn."""
        population = self.draw(self._size)
        yield population
        while True:
            for k, agent in enumerate(population):
                trial = self._trial(agent, *self._toolbox.select(population))
                yield [trial]
                if trial.fitness > agent.fitness:
                    population[k] = trial

    def _trial(self, agent: Individual, a: Individual, b: Individual, c: Individual) -> Individual:
        """Storn & Price 1997: v = a + F (b - c), crossed with the agent; at least one gene comes from v."""
        certain = random.randrange(len(agent))
        trial = self._individual(agent)
        for i in range(len(agent)):
            if i == certain or random.random() < self._crossover_rate:
                trial[i] = min(max(a[i] + self._weight * (b[i] - c[i]), 0.0), 1.0)
        return trial
