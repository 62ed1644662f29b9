"""Base of the DEAP algorithms: an ask/tell loop around a generator of populations.

DEAP draws from the global random generators, so each run lends it its own state of them.
"""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial

from deap import base

from optimizers.adapters.rehearsal import rehearse
from optimizers.contract import AskTellOptimizer
from optimizers.native.warm_start import MappingTables, mappings_of
from problems.arrays import FloatArray, IntArray
from problems.doors.deap import Individual, individual_class, individuals_of, points_of
from problems.doors.encoding import CONTINUOUS, codec_of
from problems.doors.global_random import GlobalRandom
from problems.doors.losses import Losses
from problems.space import Mappings, SearchSpace


class DeapAlgorithm(AskTellOptimizer):
    """Base of a DEAP algorithm that yields its individuals instead of evaluating them itself.

    Subclasses implement ``evolve``, and take the mappings of a warm start by ``started``.
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
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        self._codec = codec_of(encoding, space, offered)
        self._given = None if warm_start is None else self._codec.encode(*mappings_of(warm_start, space))
        self._individual = individual_class(space)
        self._random = GlobalRandom(seed)
        self._toolbox = base.Toolbox()
        self._num_genes = 2 * space.num_jobs
        self._evolution = self.evolve()
        self._unscored: list[Individual] = []
        self._losses = Losses()

    @classmethod
    def warm_up(cls) -> None:
        """Breed a generation: linear algebra starts at its first call."""
        rehearse(cls)

    @abstractmethod
    def evolve(self) -> Iterator[list[Individual]]:
        """Yield individuals, endlessly; those without a valid fitness are evaluated before the generator resumes."""

    def surroundings(self) -> AbstractContextManager[None]:
        """Put the global random generators into this run's state."""
        return self._random.lent()

    def settings(self) -> dict[str, object]:
        """The operators and their parameters."""
        return {name: _operator(tool) for name, tool in vars(self._toolbox).items() if name not in ("clone", "map")}

    def ask(self) -> Mappings:
        """Return the mappings of the individuals that are not evaluated yet."""
        while not self._unscored:
            self._unscored = [i for i in next(self._evolution) if not i.fitness.valid]
        return self._codec.decode(points_of(self._unscored))

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Set the fitness of the individuals asked last."""
        for individual, losses in zip(self._unscored, self._losses.of(values).tolist(), strict=True):
            individual.fitness.values = losses
        self._unscored = []

    def draw(self, count: int) -> list[Individual]:
        """Draw ``count`` individuals uniformly from the unit cube, after those of a warm start."""
        return self.started([self._individual(random.random() for _ in range(self._num_genes)) for _ in range(count)])

    def started(self, population: list[Individual]) -> list[Individual]:
        """Return ``population`` with the mappings of a warm start, as many as fit, in place of the first."""
        if self._given is None:
            return population
        given = individuals_of(self._given[: len(population)], self._individual)
        return given + population[len(given) :]


def _operator(tool: partial[object]) -> dict[str, object]:
    """Describe a tool of a toolbox as JSON values."""
    return {"operator": tool.func.__name__.lstrip("_"), **tool.keywords}
