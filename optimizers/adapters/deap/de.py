"""Differential evolution, as DEAP's example ``de/basic.py`` assembles it."""

from __future__ import annotations

import random
from collections.abc import Iterator

from deap import tools

from optimizers.adapters.deap.loop import DeapAlgorithm, Individual
from optimizers.contract import SearchSpace, check_at_least, check_fraction, check_integer
from optimizers.encoding import CONTINUOUS


class DifferentialEvolution(DeapAlgorithm):
    """DE/rand/1/bin in the unit cube, where an agent is replaced as soon as its trial is better.

    The weights are the example's; its 300 agents are for 60,000 evaluations, the 100 here for the usual 10,000. What a
    difference carries outside the cube is set to its edge.

    Args:
        population_size: Agents.
        crossover_rate: CR, chance of a gene to come from the three others.
        differential_weight: F, share of the difference of two that is added to the third.
        encoding: ``continuous``.
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
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, encoding=encoding)
        check_integer("population_size", population_size, 3)
        check_fraction("crossover_rate", crossover_rate)
        check_at_least("differential_weight", differential_weight, 0.0)
        self._size, self._crossover_rate, self._weight = population_size, crossover_rate, differential_weight
        self._toolbox.register("select", tools.selRandom, k=3)

    def first_population(self) -> int:
        """All agents, and the first trial: it is made of three at random."""
        return self._size + 1

    def evolve(self) -> Iterator[list[Individual]]:
        """A trial for each agent in turn."""
        population = self.draw(self._size)
        yield population
        while True:
            for k, agent in enumerate(population):
                trial = self._trial(agent, *self._toolbox.select(population))
                yield [trial]
                if trial.fitness > agent.fitness:
                    population[k] = trial

    def _trial(self, agent: Individual, a: Individual, b: Individual, c: Individual) -> Individual:
        """Storn & Price 1997: v = a + F (b - c), crossed with the agent; one gene at least is v's."""
        certain, chance, weight, uniform = (
            random.randrange(len(agent)),
            self._crossover_rate,
            self._weight,
            random.random,
        )
        trial = self._individual(agent)
        for i in range(len(agent)):
            if i == certain or uniform() < chance:
                trial[i] = min(max(a[i] + weight * (b[i] - c[i]), 0.0), 1.0)
        return trial
