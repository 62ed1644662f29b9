"""pymoo's genetic algorithms, by ask and tell, a generation at a time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.soo.nonconvex.de import DE
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.config import Config
from pymoo.core.mixed import MixedVariableGA
from pymoo.core.problem import Problem
from pymoo.core.termination import NoTermination
from pymoo.core.variable import Choice, Real, Variable
from pymoo.problems.static import StaticProblem

from bench.errors import UnknownName
from optimizers.adapters.global_random import GlobalRandom
from optimizers.adapters.losses import Losses
from optimizers.contract import AskTellOptimizer, FloatArray, IntArray, Mappings, SearchSpace, check_integer
from optimizers.encoding import CONTINUOUS, ENCODINGS, NATIVE, codec_of

METHODS: Mapping[str, Callable[..., Any]] = {"GA": GA, "DE": DE, "NSGA2": NSGA2, "MixedVariableGA": MixedVariableGA}

LEAST_POPULATION = 4
"""What DE needs: an agent and three others."""


class PymooOptimizer(AskTellOptimizer):
    """An algorithm of pymoo with its default operators, on the unit cube.

    Where pymoo finds no new individual, because all that it can make are there already, it starts again.

    Args:
        method: ``GA``, ``DE`` or ``NSGA2``.
        population_size: Individuals in a generation; the default is pymoo's.
        encoding: ``continuous``.

    Raises:
        UnknownName: If there is no such method or encoding.
        InvalidInput: If the population is no integer of at least 4.
    """

    libraries = ("pymoo",)
    methods: Sequence[str] = ("GA", "DE", "NSGA2")
    offered: Sequence[str] = (CONTINUOUS,)

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        method: str = "GA",
        population_size: int = 100,
        encoding: str = CONTINUOUS,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        if method not in self.methods:
            raise UnknownName("algorithm of pymoo", method, self.methods)
        check_integer("population_size", population_size, LEAST_POPULATION)
        self._method, self._size = method, population_size
        self._codec = codec_of(encoding, space, self.offered)
        self._random = GlobalRandom(seed)
        self._problem = self.problem(encoding)
        self._algorithm = self._start(seed)
        self._infills: Any = None
        self._losses = Losses()

    def problem(self, encoding: str) -> Any:
        """What pymoo is told of the space."""
        return Problem(n_var=2 * self.space.num_jobs, n_obj=self.space.num_objectives, xl=0.0, xu=1.0)

    def points_of(self, population: Any) -> FloatArray:
        """Points ``(P, 2G)`` of P individuals."""
        return np.asarray(population.get("X"), dtype=np.float64)

    def surroundings(self) -> AbstractContextManager[None]:
        """For what might draw from the global generators; no word on divisions of values that are all equal."""
        return _calling(self._random)

    def settings(self) -> dict[str, Any]:
        """The algorithm's sizes, and its operators with their parameters."""
        algorithm = self._algorithm
        sizes = {"pop_size": algorithm.pop_size, "n_offsprings": algorithm.n_offsprings}
        parts = {"sampling": algorithm.initialization.sampling, "survival": algorithm.survival}
        return sizes | {n: describe(p) for n, p in (parts | {"mating": algorithm.mating}).items() if p is not None}

    def first_population(self) -> int:
        """The first generation."""
        return int(self._algorithm.pop_size)

    def ask(self) -> Mappings:
        """The next generation."""
        self._infills = self._algorithm.ask()
        while self._infills is None:
            self._algorithm = self._start(int(self.rng.integers(2**32)))
            self._infills = self._algorithm.ask()
        return self._codec.decode(self.points_of(self._infills))

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Its values."""
        losses = self._losses.of(values)
        self._algorithm.evaluator.eval(StaticProblem(self._problem, F=losses), self._infills)
        self._algorithm.tell(infills=self._infills)

    def _start(self, seed: int) -> Any:
        with _silent(), self._random.lent():
            algorithm = METHODS[self._method](pop_size=self._size)
            return algorithm.setup(self._problem, termination=NoTermination(), seed=seed)


class PymooFronts(PymooOptimizer):
    """An algorithm of pymoo that takes several objectives."""

    multi_objective = True
    methods = ("NSGA2",)

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        method: str = "NSGA2",
        population_size: int = 100,
        encoding: str = CONTINUOUS,
    ) -> None:
        super().__init__(
            space, budget=budget, seed=seed, method=method, population_size=population_size, encoding=encoding
        )


class PymooMixed(PymooOptimizer):
    """An algorithm of pymoo that takes variables of several kinds.

    Args:
        method: ``MixedVariableGA``.
        population_size: Individuals in a generation; the default is pymoo's.
        encoding: ``native``: a core is a ``Choice``, a priority a ``Real``; ``continuous``: all are ``Real``.
    """

    methods = ("MixedVariableGA",)
    offered = ENCODINGS

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        method: str = "MixedVariableGA",
        population_size: int = 50,
        encoding: str = NATIVE,
    ) -> None:
        super().__init__(
            space, budget=budget, seed=seed, method=method, population_size=population_size, encoding=encoding
        )

    def problem(self, encoding: str) -> Any:
        """A variable for every gene."""
        return Problem(vars=variables(self.space, encoding), n_obj=self.space.num_objectives)

    def first_population(self) -> int:
        """The first generation and its children: their parents are drawn at random, in the order they came."""
        return int(self._algorithm.pop_size + self._algorithm.n_offsprings)

    def points_of(self, population: Any) -> FloatArray:
        """Points ``(P, 2G)`` of P individuals."""
        return rows_of([individual.X for individual in population])


def variables(space: SearchSpace, encoding: str) -> dict[str, Variable]:
    """A variable for every gene by name: cores first, then priorities."""

    def core() -> Variable:
        return Choice(options=list(range(space.num_cores))) if encoding == NATIVE else Real(bounds=(0.0, 1.0))

    jobs = range(space.num_jobs)
    return {f"core_{j}": core() for j in jobs} | {f"priority_{j}": Real(bounds=(0.0, 1.0)) for j in jobs}


def rows_of(genomes: Sequence[Mapping[str, float]]) -> FloatArray:
    """Points ``(P, 2G)`` of P genomes by the names of their variables."""
    half = len(genomes[0]) // 2
    names = [f"core_{j}" for j in range(half)] + [f"priority_{j}" for j in range(half)]
    return np.array([[genome[name] for name in names] for genome in genomes], dtype=np.float64)


def genomes_of(points: FloatArray, space: SearchSpace, encoding: str) -> list[dict[str, float]]:
    """P genomes by the names of their variables, of points ``(P, 2G)``; cores are integers if they are choices."""
    names = variables(space, encoding)
    genomes = [dict(zip(names, row, strict=True)) for row in points.tolist()]
    if encoding == NATIVE:
        return [{n: int(v) if n.startswith("core_") else v for n, v in genome.items()} for genome in genomes]
    return genomes


def describe(part: Any) -> Any:
    """An operator of pymoo, with its parameters by name, as JSON values."""
    if isinstance(part, bool | int | float | str | None):
        return part
    if isinstance(part, Variable):
        return describe(part.value)
    if isinstance(part, Mapping):
        return {key.__name__: describe(value) for key, value in part.items()}
    if inspect.isroutine(part) or inspect.isclass(part):
        return part.__name__
    if not type(part).__module__.startswith("pymoo."):
        return type(part).__name__
    parameters = {n: describe(v) for n, v in vars(part).items() if n != "name" and v is not None}
    return {"operator": type(part).__name__} | parameters


@contextmanager
def _calling(generators: GlobalRandom) -> Iterator[None]:
    with generators.lent(), np.errstate(divide="ignore", invalid="ignore"):
        yield


@contextmanager
def _silent() -> Iterator[None]:
    """Without the advice to compile it that pymoo prints when its first algorithm is made."""
    before = Config.warnings["not_compiled"]
    Config.warnings["not_compiled"] = False
    try:
        yield
    finally:
        Config.warnings["not_compiled"] = before
