"""What DEAP's algorithms share: individuals, and a loop that stops where they evaluate.

DEAP draws from the global generators, which are lent to it in this run's state.
"""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import numpy as np
from deap import base

from optimizers.adapters.global_random import GlobalRandom
from optimizers.adapters.losses import Losses
from optimizers.contract import AskTellOptimizer, FloatArray, IntArray, Mappings, SearchSpace
from optimizers.encoding import CONTINUOUS, codec_of


class Fitness(base.Fitness):  # type: ignore[misc]
    """One value, to be minimised."""

    weights = (-1.0,)


class FrontFitness(base.Fitness):  # type: ignore[misc]
    """Two values, both to be minimised."""

    weights = (-1.0, -1.0)


class Individual(list[Any]):
    """Genes with a fitness: what ``deap.creator`` would make, without its process-wide names."""

    fitness_class: ClassVar[type[Any]] = Fitness

    def __init__(self, genes: Any = ()) -> None:
        super().__init__(genes)
        self.fitness = self.fitness_class()

    def __deepcopy__(self, memo: dict[int, Any]) -> Individual:
        """DEAP clones by deep copy; genes are numbers, so a shallow one does."""
        clone = type(self)(self)
        clone.fitness.wvalues = self.fitness.wvalues
        return clone


class FrontIndividual(Individual):
    """The same with two values."""

    fitness_class = FrontFitness


def individuals_of(points: FloatArray, individual: type[Individual] = Individual) -> list[Individual]:
    """P individuals of points ``(P, 2G)``."""
    return [individual(point) for point in points.tolist()]


def points_of(individuals: Sequence[Individual]) -> FloatArray:
    """Points ``(P, 2G)`` of P individuals."""
    return np.array(individuals, dtype=np.float64)


class DeapAlgorithm(AskTellOptimizer):
    """An algorithm of DEAP that hands over its individuals instead of evaluating them itself.

    Subclasses implement ``evolve``.
    """

    libraries = ("deap",)

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        encoding: str = CONTINUOUS,
        offered: Sequence[str] = (CONTINUOUS,),
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        self._codec = codec_of(encoding, space, offered)
        self._individual = Individual if space.num_objectives == 1 else FrontIndividual
        self._random = GlobalRandom(seed)
        self._toolbox = base.Toolbox()
        self._num_genes = 2 * space.num_jobs
        self._evolution = self.evolve()
        self._unscored: list[Individual] = []
        self._losses = Losses()

    @abstractmethod
    def evolve(self) -> Iterator[list[Individual]]:
        """Yields individuals, of which those without a valid fitness are scored before it goes on; never ends."""

    def surroundings(self) -> AbstractContextManager[None]:
        """The global generators are this run's own."""
        return self._random.lent()

    def settings(self) -> dict[str, Any]:
        """The operators with what they were given."""
        return {name: _operator(tool) for name, tool in vars(self._toolbox).items() if name not in ("clone", "map")}

    def ask(self) -> Mappings:
        """The mappings of the individuals that are not scored yet."""
        while not self._unscored:
            self._unscored = [i for i in next(self._evolution) if not i.fitness.valid]
        return self._codec.decode(points_of(self._unscored))

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Their values."""
        for individual, own in zip(self._unscored, self._losses.of(values).tolist(), strict=True):
            individual.fitness.values = own
        self._unscored = []

    def draw(self, count: int) -> list[Individual]:
        """Individuals in the unit cube, uniformly at random."""
        return [self._individual(random.random() for _ in range(self._num_genes)) for _ in range(count)]


def _operator(tool: Any) -> dict[str, Any]:
    """A tool of a toolbox, a partial function, as JSON values."""
    return {"operator": tool.func.__name__.lstrip("_"), **tool.keywords}
