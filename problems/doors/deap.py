"""Mappings as DEAP represents them, individuals with operators that keep them valid, and a problem as a toolbox."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from deap import base, tools

from problems.arrays import FloatArray, IntArray
from problems.doors.encoding import NATIVE
from problems.doors.scorer import Scorer
from problems.space import ProblemLike, SearchSpace


def toolbox(problem: ProblemLike, encoding: str = NATIVE) -> base.Toolbox:
    """Return a toolbox for ``problem``, to be minimised; nothing is registered in ``deap.creator``.

    An individual is a list of 2G genes, the cores and then the priorities of the jobs, with a ``fitness``. There are

    - ``individual()`` and ``population(n=...)``, drawn uniformly at random;
    - ``evaluate(individual)``, a tuple of one value or two, in the units of the objective, by default cycles; 1e20 for
      a mapping that cannot run, as crowding distances of infinite values are NaN;
    - ``mate``, two-point crossover, ``mutate``, which draws a tenth of the genes anew, and ``select``, tournaments of
      three, or NSGA-II if there are two objectives: register others as you like;
    - ``decode(individual)``, its cores ``(G,)`` and priorities ``(G,)``.

    All of these draw from the global generator of ``random``, as DEAP does. ``evaluate`` and individuals can be sent to
    other processes if the problem can, so that ``register("map", pool.map)`` works.

    Args:
        problem: What ``problems.get`` returns, or anything like it.
        encoding: ``native``: cores are integers in 0..A-1, priorities reals in [0, 1]; ``continuous``: all are reals,
            the unit cube, for operators on reals. Genes outside it count as its ends.

    Raises:
        InvalidInput: If it is no problem; in ``evaluate`` on NaN, and on native cores that do not exist.
        UnknownName: If there is no such encoding.
    """
    scorer = Scorer(problem, encoding)
    genes = Genes(scorer.space, encoding)
    made = base.Toolbox()
    made.register("individual", genes.individual)
    made.register("population", tools.initRepeat, list, made.individual)
    made.register("evaluate", _evaluate, scorer)
    made.register("decode", _decode, scorer)
    made.register("mate", tools.cxTwoPoint)
    made.register("mutate", genes.resample, indpb=MUTATION_RATE)
    _register_selection(made, scorer.space)
    return made


def _register_selection(made: base.Toolbox, space: SearchSpace) -> None:
    if space.num_objectives == 1:
        made.register("select", tools.selTournament, tournsize=TOURNAMENT_SIZE)
    else:
        made.register("select", tools.selNSGA2)


def _evaluate(scorer: Scorer, individual: npt.ArrayLike) -> tuple[float, ...]:
    return tuple(scorer.losses_of_one(individual))


def _decode(scorer: Scorer, individual: npt.ArrayLike) -> tuple[IntArray, FloatArray]:
    return scorer.decode_one(individual)


MUTATION_RATE, TOURNAMENT_SIZE = 0.1, 3
"""Of the standard genetic algorithm."""


class Fitness(base.Fitness):  # type: ignore[misc]
    """Fitness with one value, to be minimised."""

    weights: ClassVar[tuple[float, ...]] = (-1.0,)


class FrontFitness(Fitness):
    """Fitness with two values, both to be minimised."""

    weights = (-1.0, -1.0)


class Individual(list[float]):
    """Genes with a fitness: what ``deap.creator`` would make, without registering a global class."""

    fitness_class: ClassVar[type[Fitness]] = Fitness

    def __init__(self, genes: Iterable[float] = ()) -> None:
        super().__init__(genes)
        self.fitness = self.fitness_class()

    def __deepcopy__(self, memo: dict[int, object]) -> Individual:
        """Copy the genes and the fitness. DEAP clones by deep copy; genes are numbers, so a shallow copy is enough."""
        clone = type(self)(self)
        clone.fitness.wvalues = self.fitness.wvalues
        return clone


class FrontIndividual(Individual):
    """An individual with two objective values."""

    fitness_class = FrontFitness


class Genes:
    """Draws genes uniformly from the global generator of ``random``: in the native encoding cores are integers."""

    def __init__(self, space: SearchSpace, encoding: str) -> None:
        self._num_genes = 2 * space.num_jobs
        self._num_integers = space.num_jobs if encoding == NATIVE else 0
        self._num_cores = space.num_cores
        self._class = individual_class(space)

    def individual(self) -> Individual:
        """Draw an individual."""
        return self._class(self._draw(g) for g in range(self._num_genes))

    def resample(self, individual: Individual, indpb: float) -> tuple[Individual]:
        """Draw each gene anew with probability ``indpb``, as DEAP's ``mutUniformInt`` does with integers."""
        individual[:] = [self._draw(g) if random.random() < indpb else gene for g, gene in enumerate(individual)]
        return (individual,)

    def _draw(self, position: int) -> float:
        return random.randrange(self._num_cores) if position < self._num_integers else random.random()


def individual_class(space: SearchSpace) -> type[Individual]:
    """Return the class of individuals with as many values as mappings have."""
    return Individual if space.num_objectives == 1 else FrontIndividual


def individuals_of(points: FloatArray, individual: type[Individual] = Individual) -> list[Individual]:
    """Convert points ``(P, 2G)`` to P individuals."""
    return [individual(point) for point in points.tolist()]


def points_of(individuals: Sequence[Individual]) -> FloatArray:
    """Convert P individuals to points ``(P, 2G)``."""
    return np.array(individuals, dtype=np.float64)
