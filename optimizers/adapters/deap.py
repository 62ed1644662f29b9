"""DEAP's evolutionary algorithms, assembled from its tools as its own ``algorithms`` module assembles them.

Those loops count generations; here their bodies are split at the evaluation, so that the harness can count.
DEAP draws from the global ``random``, which is lent to it in this run's state.
"""

from __future__ import annotations

import random
from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from deap import algorithms, base, tools

from bench.errors import InvalidInput
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
from optimizers.encoding import LARGEST_LOSS, decode_cube


class Fitness(base.Fitness):  # type: ignore[misc]
    """One value, to be minimised."""

    weights = (-1.0,)


class FrontFitness(base.Fitness):  # type: ignore[misc]
    """Two values, both to be minimised."""

    weights = (-1.0, -1.0)


class Individual(list[Any]):
    """A genome with a fitness: what ``deap.creator`` would make, without its process-wide names."""

    fitness_class: ClassVar[type[Any]] = Fitness

    def __init__(self, genes: Any = ()) -> None:
        super().__init__(genes)
        self.fitness = self.fitness_class()


class FrontIndividual(Individual):
    """The same with two values."""

    fitness_class = FrontFitness


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

    def first_population(self) -> list[Individual]:
        """The first generation once it is scored."""
        return self._offspring

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
        """Their values; the next population is selected."""
        losses = np.minimum(values, LARGEST_LOSS).reshape(len(values), -1)
        for individual, own in zip(self._unscored, losses.tolist(), strict=True):
            individual.fitness.values = tuple(own)
        self._unscored = []
        with self._random.lent():
            self._population = self.select() if self._population else self.first_population()


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


class NSGA2(DeapAlgorithm):
    """NSGA-II as DEAP's own example assembles it, in the unit cube; settings as in Deb 2002 for real numbers.

    Args:
        population_size: Individuals in a generation; a multiple of 4, for its tournaments.
        crossover_rate: Chance of a pair to be crossed.
        crossover_eta: Distribution index of the simulated binary crossover; large ones keep children near.
        mutation_eta: Distribution index of the polynomial mutation, likewise; a gene mutates with chance 1 / genes.

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
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        check_integer("population_size", population_size, 4)
        if population_size % 4:
            raise InvalidInput("population_size", expected="a multiple of 4", actual=population_size)
        check_fraction("crossover_rate", crossover_rate)
        check_at_least("crossover_eta", crossover_eta, 0.0)
        check_at_least("mutation_eta", mutation_eta, 0.0)
        self._size, self._crossover_rate = population_size, crossover_rate
        self._individual = Individual if space.num_objectives == 1 else FrontIndividual
        cube: dict[str, Any] = {"low": 0.0, "up": 1.0}
        chance = 1.0 / (2 * space.num_jobs)
        self._toolbox.register("mate", tools.cxSimulatedBinaryBounded, eta=crossover_eta, **cube)
        self._toolbox.register("mutate", tools.mutPolynomialBounded, eta=mutation_eta, indpb=chance, **cube)

    def first_generation(self) -> list[Individual]:
        """Individuals at random."""
        genes = range(2 * self.space.num_jobs)
        return [self._individual(random.random() for _ in genes) for _ in range(self._size)]

    def first_population(self) -> list[Individual]:
        """All of them; selecting tells each its crowding distance."""
        return self.select()

    def vary(self) -> list[Individual]:
        """Tournaments by dominance and crowding distance, then crossover of pairs, then mutation of all."""
        chosen = tools.selTournamentDCD(self._population, len(self._population))
        offspring: list[Individual] = [self._toolbox.clone(individual) for individual in chosen]
        for first, second in zip(offspring[::2], offspring[1::2], strict=True):
            if random.random() <= self._crossover_rate:
                self._toolbox.mate(first, second)
            for child in (first, second):
                self._toolbox.mutate(child)
                del child.fitness.values
        return offspring

    def select(self) -> list[Individual]:
        """The best of parents and offspring by front, and within the last front by crowding distance."""
        best: list[Individual] = tools.selNSGA2(self._population + self._offspring, self._size)
        return best

    def decode(self, individuals: list[Individual]) -> Mappings:
        """Genomes are points of the unit cube."""
        return decode_cube(np.array(individuals), self.space.num_cores)
