"""DEAP's evolutionary algorithms, assembled from its tools as its own ``algorithms`` module assembles them.

Those loops count generations; here their bodies are split at the evaluation, so that the harness can count.
DEAP draws from the global ``random``, which is lent to it in this run's state.
"""

from __future__ import annotations

import random
from abc import abstractmethod
from typing import Any

import numpy as np
from deap import algorithms, base, tools

from optimizers.adapters.global_random import GlobalRandom
from optimizers.contract import (
    AskTellOptimizer,
    FloatArray,
    IntArray,
    Mappings,
    SearchSpace,
    check_at_least,
    check_fraction,
    check_integer,
)
from optimizers.encoding import decode_cube


class Fitness(base.Fitness):  # type: ignore[misc]
    """A makespan, to be minimised."""

    weights = (-1.0,)


class Individual(list[Any]):
    """A genome with a fitness: what ``deap.creator`` would make, without its process-wide names."""

    def __init__(self, genes: Any = ()) -> None:
        super().__init__(genes)
        self.fitness = Fitness()


class DeapAlgorithm(AskTellOptimizer):
    """An evolutionary loop of DEAP, split at the evaluation.

    Subclasses make the first generation and vary and select; only individuals without a valid fitness are
    evaluated, as in DEAP's own loops.
    """

    libraries = ("deap",)

    def __init__(self, space: SearchSpace, *, budget: int, seed: int) -> None:
        super().__init__(space, budget=budget, seed=seed)
        self._random = GlobalRandom(seed)
        self._toolbox = base.Toolbox()
        self._population: list[Individual] = []
        self._offspring: list[Individual] = []
        self._unscored: list[Individual] = []

    @abstractmethod
    def first_generation(self) -> list[Individual]:
        """Individuals at random."""

    @abstractmethod
    def vary(self) -> list[Individual]:
        """The offspring of the population."""

    @abstractmethod
    def select(self) -> list[Individual]:
        """The next population, of the present one and its offspring."""

    @abstractmethod
    def decode(self, individuals: list[Individual]) -> Mappings:
        """The mappings ``(P, G)`` of P genomes."""

    def ask(self) -> Mappings:
        """The mappings of the offspring that are not scored yet."""
        with self._random.lent():
            while not self._unscored:
                self._offspring = self.vary() if self._population else self.first_generation()
                self._unscored = [i for i in self._offspring if not i.fitness.valid]
                if not self._unscored:
                    self._population = self.select()
        return self.decode(self._unscored)

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Their makespans; the next population is selected."""
        for individual, value in zip(self._unscored, values.tolist(), strict=True):
            individual.fitness.values = (value,)
        self._unscored = []
        with self._random.lent():
            self._population = self.select() if self._population else self._offspring


class StandardGA(DeapAlgorithm):
    """DEAP's ``eaSimple`` on integers (cores) and floats (priorities): tournaments, two points, resampled genes.

    Args:
        population_size: Individuals in a generation.
        crossover_rate: Chance of a pair to be crossed.
        mutation_rate: Chance of each gene to be resampled.
        tournament_size: Individuals in a tournament.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        population_size: int = 100,
        crossover_rate: float = 0.1,
        mutation_rate: float = 0.1,
        tournament_size: int = 3,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        check_integer("population_size", population_size, 2)
        check_integer("tournament_size", tournament_size, 1)
        check_fraction("crossover_rate", crossover_rate)
        check_fraction("mutation_rate", mutation_rate)
        self._size, self._crossover_rate, self._mutation_rate = population_size, crossover_rate, mutation_rate
        self._toolbox.register("select", tools.selTournament, tournsize=tournament_size)
        self._toolbox.register("mate", tools.cxTwoPoint)
        self._toolbox.register("mutate", self._resample)

    def first_generation(self) -> list[Individual]:
        """Individuals at random."""
        return [Individual(self._draw_gene(g) for g in range(2 * self.space.num_jobs)) for _ in range(self._size)]

    def vary(self) -> list[Individual]:
        """Select, then cross and mutate (``varAnd``)."""
        chosen = self._toolbox.select(self._population, len(self._population))
        offspring: list[Individual] = algorithms.varAnd(chosen, self._toolbox, cxpb=self._crossover_rate, mutpb=1.0)
        return offspring

    def select(self) -> list[Individual]:
        """The offspring replace the population."""
        return self._offspring

    def decode(self, individuals: list[Individual]) -> Mappings:
        """Genomes hold the cores as integers, then the priorities as floats."""
        genes = np.array(individuals, dtype=np.float64)
        half = self.space.num_jobs
        return genes[:, :half].astype(np.int64), np.ascontiguousarray(genes[:, half:])

    def _draw_gene(self, position: int) -> float:
        return random.randrange(self.space.num_cores) if position < self.space.num_jobs else random.random()

    def _resample(self, individual: Individual) -> tuple[Individual]:
        for position in range(len(individual)):
            if random.random() < self._mutation_rate:
                individual[position] = self._draw_gene(position)
        return (individual,)


class EvolutionStrategy(DeapAlgorithm):
    """DEAP's ``eaMuPlusLambda`` with self-adapted step sizes, in the unit cube.

    Args:
        mu: Survivors of a generation.
        lambda_: Offspring of a generation.
        crossover_rate: Chance of an offspring to come from blending two parents.
        mutation_rate: Chance of it to come from mutating one.
        initial_step: Standard deviation of each gene at the start.
        smallest_step: Below which none falls.
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
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        check_integer("mu", mu, 2)
        check_integer("lambda_", lambda_, 1)
        check_fraction("crossover_rate", crossover_rate)
        check_fraction("mutation_rate", mutation_rate)
        check_fraction("crossover_rate + mutation_rate", crossover_rate + mutation_rate)
        check_at_least("initial_step", initial_step, 0.0)
        self._mu, self._lambda = mu, lambda_
        self._rates = {"cxpb": crossover_rate, "mutpb": mutation_rate}
        self._initial_step, self._smallest_step = initial_step, smallest_step
        self._toolbox.register("mate", tools.cxESBlend, alpha=0.1)
        self._toolbox.register("mutate", self._perturb)

    def first_generation(self) -> list[Individual]:
        """Individuals at random, all with the initial steps."""
        generation = []
        for _ in range(self._mu):
            individual = Individual(random.random() for _ in range(2 * self.space.num_jobs))
            individual.strategy = [self._initial_step] * len(individual)  # type: ignore[attr-defined]
            generation.append(individual)
        return generation

    def vary(self) -> list[Individual]:
        """Cross, mutate or copy (``varOr``)."""
        offspring: list[Individual] = algorithms.varOr(self._population, self._toolbox, self._lambda, **self._rates)
        return offspring

    def select(self) -> list[Individual]:
        """The best of parents and offspring."""
        best: list[Individual] = tools.selBest(self._population + self._offspring, self._mu)
        return best

    def decode(self, individuals: list[Individual]) -> Mappings:
        """Genomes are points of the unit cube; what a step carried outside counts as its edge."""
        return decode_cube(np.array(individuals), self.space.num_cores)

    def _perturb(self, individual: Any) -> tuple[Individual]:
        tools.mutESLogNormal(individual, c=1.0, indpb=1.0)
        individual.strategy = [max(step, self._smallest_step) for step in individual.strategy]
        individual[:] = np.clip(individual, 0.0, 1.0).tolist()
        return (individual,)
