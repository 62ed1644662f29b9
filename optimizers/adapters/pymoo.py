"""Adapter to pymoo's genetic algorithms by ask and tell, one generation at a time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.soo.nonconvex.brkga import BRKGA
from pymoo.algorithms.soo.nonconvex.de import DE
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.config import Config
from pymoo.core.algorithm import Algorithm
from pymoo.core.mixed import MixedVariableGA
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.core.termination import NoTermination
from pymoo.core.variable import Variable
from pymoo.problems.static import StaticProblem

from optimizers.adapters.rehearsal import rehearse
from optimizers.contract import AskTellOptimizer
from optimizers.native.warm_start import MappingTables, mappings_of, placed_first
from problems.arrays import FloatArray, IntArray
from problems.doors.encoding import CONTINUOUS, ENCODINGS, codec_of
from problems.doors.global_random import GlobalRandom
from problems.doors.losses import Losses
from problems.doors.pymoo import genomes_of, rows_of, unit_cube, variables
from problems.foundation.checks import check_integer
from problems.foundation.errors import UnknownName
from problems.foundation.json_values import to_json
from problems.space import Mappings, SearchSpace


def brkga(pop_size: int, **parameters: object) -> BRKGA:
    """Make a BRKGA with pymoo's proportions, 200 elites, 700 offspring and 100 mutants in 1000."""
    num_elites, num_mutants = round(0.2 * pop_size), max(round(0.1 * pop_size), 1)
    num_offspring = pop_size - num_elites - num_mutants
    return BRKGA(n_elites=num_elites, n_offsprings=num_offspring, n_mutants=num_mutants, **parameters)


METHODS: Mapping[str, Callable[..., Algorithm]] = {
    "GA": GA,
    "DE": DE,
    "BRKGA": brkga,
    "NSGA2": NSGA2,
    "MixedVariableGA": MixedVariableGA,
}

LEAST_POPULATION = 4
"""DE needs an agent and three others."""


class PymooOptimizer(AskTellOptimizer):
    """An algorithm of pymoo with its default operators, on the unit cube.

    When pymoo runs out of individuals because all offspring are duplicates, the algorithm restarts.

    Args:
        method: ``GA``, ``DE``, ``BRKGA`` or ``NSGA2``.
        population_size: Individuals per generation; the default is pymoo's, of ``BRKGA`` a tenth of it.
        encoding: ``continuous``.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``, instead of random ones,
            as many as the first generation holds.

    Raises:
        UnknownName: If there is no such method or encoding.
        InvalidInput: If the population size is not an integer of at least 4, or ``warm_start`` contains an invalid
            mapping.
    """

    libraries = ("pymoo",)
    methods: Sequence[str] = ("GA", "DE", "BRKGA", "NSGA2")
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
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        if method not in self.methods:
            raise UnknownName("algorithm of pymoo", method, self.methods)
        check_integer("population_size", population_size, LEAST_POPULATION)
        self._method = method
        self._size = population_size
        self._encoding = encoding
        self._codec = codec_of(encoding, space, self.offered)
        self._random = GlobalRandom(seed)
        self._problem = self.problem(encoding)
        given = None if warm_start is None else mappings_of(warm_start, space)
        self._algorithm = self._start(seed, self._first_generation(given))
        self._infills: Population | None = None
        self._losses = Losses()

    @classmethod
    def warm_up(cls) -> None:
        """Breed a small generation by every method."""
        for method in cls.methods:
            rehearse(cls, num_objectives=1 + cls.multi_objective, method=method, population_size=LEAST_POPULATION)

    def problem(self, encoding: str) -> Problem:
        """Describe the search space to pymoo."""
        return Problem(n_obj=self.space.num_objectives, **unit_cube(self.space))

    def points_of(self, population: Population) -> FloatArray:
        """Convert P individuals to points ``(P, 2G)``."""
        return np.asarray(population.get("X"), dtype=np.float64)

    def _first_generation(self, given: Mappings | None) -> Population | None:
        """Return random individuals, the first of which are those given; None to let the library draw them."""
        if given is None:
            return None
        points = self._codec.encode(*placed_first(given, self.space.sample(self.rng, self._size)))
        return self.population_of(points)

    def population_of(self, points: FloatArray) -> Population:
        """Convert points ``(P, 2G)`` to P individuals."""
        return Population.new(X=points)

    def surroundings(self) -> AbstractContextManager[None]:
        """Lend the run's random state, and mute NumPy's warnings about divisions where all values are equal."""
        return _calling(self._random)

    def settings(self) -> dict[str, object]:
        """The algorithm's sizes, and its operators with their parameters."""
        algorithm = self._algorithm
        sizes = {"pop_size": algorithm.pop_size, "n_offsprings": algorithm.n_offsprings}
        parts = {
            "sampling": _sampling_of(algorithm),
            "survival": algorithm.survival,
            "mating": algorithm.mating,
        }
        return sizes | {name: to_json(part, _describe) for name, part in parts.items() if part is not None}

    def first_population(self) -> int:
        """The first generation."""
        return int(self._algorithm.pop_size)

    def ask(self) -> Mappings:
        """Return the next generation."""
        self._infills = self._algorithm.ask()
        while self._infills is None:
            self._algorithm = self._start(int(self.rng.integers(2**32)))
            self._infills = self._algorithm.ask()
        return self._codec.decode(self.points_of(self._infills))

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Tell pymoo the values of the generation asked last."""
        losses = self._losses.of(values)
        self._algorithm.evaluator.eval(StaticProblem(self._problem, F=losses), self._infills)
        self._algorithm.tell(infills=self._infills)

    def _start(self, seed: int, first: Population | None = None) -> Algorithm:
        sampling = {} if first is None else {"sampling": first}
        with self._random.lent(), _silent():  # in this order: one thread at a time is there
            algorithm = METHODS[self._method](pop_size=self._size, **sampling)
            return algorithm.setup(self._problem, termination=NoTermination(), seed=seed)


class PymooFronts(PymooOptimizer):
    """An algorithm of pymoo that supports several objectives."""

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
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(
            space,
            budget=budget,
            seed=seed,
            method=method,
            population_size=population_size,
            encoding=encoding,
            warm_start=warm_start,
        )


class PymooMixed(PymooOptimizer):
    """An algorithm of pymoo that supports variables of several kinds.

    Args:
        method: ``MixedVariableGA``.
        population_size: Individuals per generation; the default is pymoo's.
        encoding: ``native``: a core is a ``Choice``, a priority a ``Real``; ``continuous``: all are ``Real``.
        warm_start: Mappings to start from, see ``PymooOptimizer``.
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
        encoding: str = CONTINUOUS,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(
            space,
            budget=budget,
            seed=seed,
            method=method,
            population_size=population_size,
            encoding=encoding,
            warm_start=warm_start,
        )

    def problem(self, encoding: str) -> Problem:
        """Describe the search space to pymoo, with a variable for every gene."""
        return Problem(vars=variables(self.space, encoding), n_obj=self.space.num_objectives)

    def first_population(self) -> int:
        """The first generation and its offspring, whose parents are drawn at random, whatever their values."""
        return int(self._algorithm.pop_size + self._algorithm.n_offsprings)

    def population_of(self, points: FloatArray) -> Population:
        """Convert points ``(P, 2G)`` to P individuals."""
        return Population.new(X=np.array(genomes_of(points, self.space, self._encoding), dtype=object))

    def points_of(self, population: Population) -> FloatArray:
        """Convert P individuals to points ``(P, 2G)``."""
        return rows_of([individual.X for individual in population])


def _sampling_of(algorithm: Algorithm) -> object:
    sampling = algorithm.initialization.sampling
    return "warm start" if isinstance(sampling, Population) else sampling


def _describe(part: object) -> object:
    """Describe an operator of pymoo by its class name and its parameters; anything else by its name."""
    if isinstance(part, Variable):
        return to_json(part.value, _describe)
    if inspect.isroutine(part) or inspect.isclass(part):
        return part.__name__
    if not type(part).__module__.startswith("pymoo."):
        return type(part).__name__
    parameters = {n: to_json(v, _describe) for n, v in vars(part).items() if n != "name" and v is not None}
    return {"operator": type(part).__name__} | parameters


@contextmanager
def _calling(generators: GlobalRandom) -> Iterator[None]:
    with generators.lent(), np.errstate(divide="ignore", invalid="ignore"):
        yield


@contextmanager
def _silent() -> Iterator[None]:
    """Mute the advice to compile pymoo, which it prints when the first algorithm is made."""
    before = Config.warnings["not_compiled"]
    Config.warnings["not_compiled"] = False
    try:
        yield
    finally:
        Config.warnings["not_compiled"] = before
