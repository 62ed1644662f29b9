"""Adapter to the distributions of cmaes (Nomura & Shibata 2024) by ask and tell, one generation at a time."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

import numpy as np
from cmaes import CMA, CatCMAwM, CMAwM, SepCMA
from threadpoolctl import threadpool_limits

from optimizers.contract import AskTellOptimizer
from optimizers.native.warm_start import MappingTables, best_of, mappings_of
from problems.arrays import FloatArray, IntArray
from problems.doors.cmaes import (
    bounds_and_steps,
    categories,
    point_of,
    probabilities,
    with_cores,
    without_fixed_cores,
)
from problems.doors.encoding import CONTINUOUS, NATIVE, codec_of
from problems.doors.losses import Losses
from problems.foundation.checks import check_above_zero, check_integer
from problems.foundation.errors import UnknownName
from problems.space import Mappings, SearchSpace

LEAST_POPULATION = 4

NO_RESAMPLING = 1
"""How often a sample outside the bounds is drawn anew: of hundreds of genes some always are, so it is clipped."""

IN_THE_CUBE: Mapping[str, Callable[..., CMA | SepCMA]] = {"CMA": CMA, "SepCMA": SepCMA}

Sample = TypeVar("Sample")


class Distribution(Protocol[Sample]):
    """What the classes of cmaes have in common; S is what they sample, and are told again."""

    @property
    def population_size(self) -> int:
        """Samples per generation."""

    def tell(self, solutions: list[tuple[Sample, float]]) -> None:
        """Update the distribution by a generation and its values."""

    def should_stop(self) -> bool:
        """Whether the distribution is degenerate."""


class CmaesOptimizer(AskTellOptimizer, Generic[Sample]):
    """Base of the adapters: a distribution that starts at the centre, with a step of 0.3 of the range of each gene.

    The library has no default for the step: a third of the range is what Hansen 2016 (the tutorial) advises. A
    distribution that has become degenerate is replaced by a new one.

    Args:
        population_size: Samples per generation; None for the library's 4 + 3 ln(dimensions).
        initial_step: Initial standard deviation, as a share of the range of each gene.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``: all are evaluated, and the
            first distribution is around the best that can run, with the initial step: a smaller one stays nearer.

    Raises:
        InvalidInput: If the population size is not an integer of at least 4, or the step is not above 0, or
            ``warm_start`` contains an invalid mapping.
    """

    libraries = ("cmaes",)
    encoding = NATIVE

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        population_size: int | None = None,
        initial_step: float = 0.3,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        if population_size is not None:
            check_integer("population_size", population_size, LEAST_POPULATION)
        self._size = population_size
        self._step = check_above_zero("initial_step", initial_step)
        self._codec = codec_of(self.encoding, space)
        self._losses = Losses()
        self._given = None if warm_start is None else mappings_of(warm_start, space)
        self._distribution = self.start(seed)
        self._samples: list[Sample] = []

    @abstractmethod
    def start(self, seed: int, around: FloatArray | None = None) -> Distribution[Sample]:
        """Make a new distribution around a point ``(2G,)`` of the codec; None for the centre."""

    @abstractmethod
    def sample(self) -> tuple[Sample, FloatArray]:
        """Draw from the distribution: what it is to be told, and the point ``(2G,)`` that the codec decodes."""

    def settings(self) -> dict[str, object]:
        """The population size, and how cores are encoded."""
        return {"population_size": int(self._distribution.population_size), "encoding": self.encoding}

    def first_population(self) -> int:
        """The first generation, or the mappings of a warm start."""
        return int(self._distribution.population_size) if self._given is None else len(self._given[0])

    @contextmanager
    def surroundings(self) -> Iterator[None]:
        """Limit linear algebra to one thread, so that results do not depend on the number; mute NumPy's warnings."""
        with threadpool_limits(1), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Mean of empty slice", RuntimeWarning)  # where all values are equal
            yield

    def ask(self) -> Mappings:
        """Return the next generation; first of all a warm start, if there is one."""
        if self._given is not None:
            return self._given
        drawn = [self.sample() for _ in range(self._distribution.population_size)]
        self._samples = [sample for sample, _ in drawn]
        return self._codec.decode(np.stack([point for _, point in drawn]))

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Update the distribution by the generation asked last, or start around the best of a warm start."""
        if self._given is not None:
            best, self._given = best_of((cores, priorities), values), None
            if best is not None:
                self._distribution = self.start(self.seed, self._codec.encode(*best)[0])
            return
        losses = self._losses.of(values)[:, 0].tolist()
        self._distribution.tell(list(zip(self._samples, losses, strict=True)))
        if self._distribution.should_stop():
            self._distribution = self.start(int(self.rng.integers(2**32)))


class CmaesCube(CmaesOptimizer[FloatArray]):
    """A distribution in the unit cube; samples outside are clipped to its edge.

    Args:
        method: ``CMA`` (Hansen & Ostermeier 2001), or ``SepCMA`` with a diagonal covariance matrix (Ros & Hansen 2008).
        population_size: See ``CmaesOptimizer``.
        initial_step: See ``CmaesOptimizer``.
        warm_start: See ``CmaesOptimizer``.

    Raises:
        UnknownName: If there is no such method.
        InvalidInput: As ``CmaesOptimizer``.
    """

    encoding = CONTINUOUS
    _distribution: CMA | SepCMA

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        method: str = "CMA",
        population_size: int | None = None,
        initial_step: float = 0.3,
        warm_start: MappingTables | None = None,
    ) -> None:
        if method not in IN_THE_CUBE:
            raise UnknownName("distribution of cmaes in the unit cube", method, IN_THE_CUBE)
        self._method = method
        super().__init__(
            space,
            budget=budget,
            seed=seed,
            population_size=population_size,
            initial_step=initial_step,
            warm_start=warm_start,
        )

    def start(self, seed: int, around: FloatArray | None = None) -> CMA | SepCMA:
        """Make a new distribution around a point, or the centre of the cube."""
        return IN_THE_CUBE[self._method](
            mean=np.full(2 * self.space.num_jobs, 0.5) if around is None else around,
            sigma=self._step,
            bounds=np.tile([0.0, 1.0], (2 * self.space.num_jobs, 1)),
            n_max_resampling=NO_RESAMPLING,
            population_size=self._size,
            seed=seed,
        )

    def sample(self) -> tuple[FloatArray, FloatArray]:
        """Draw a point ``(2G,)``."""
        point = self._distribution.ask()
        return point, point


class CmaesMargin(CmaesOptimizer[FloatArray]):
    """CMA-ES with margin (Hamano 2022): cores are integers, none of which becomes too rare to be sampled.

    Args:
        population_size: See ``CmaesOptimizer``.
        initial_step: See ``CmaesOptimizer``.
        warm_start: See ``CmaesOptimizer``.

    Raises:
        InvalidInput: As ``CmaesOptimizer``.
    """

    _distribution: CMAwM

    def start(self, seed: int, around: FloatArray | None = None) -> CMAwM:
        """Make a new distribution around a point, or the centre of the box."""
        bounds, steps = bounds_and_steps(self.space)
        return CMAwM(
            mean=bounds.mean(axis=1) if around is None else without_fixed_cores(around, self.space),
            sigma=self._step,
            bounds=bounds,
            steps=steps,
            cov=np.diag((bounds[:, 1] - bounds[:, 0]) ** 2),
            n_max_resampling=NO_RESAMPLING,
            population_size=self._size,
            seed=seed,
        )

    def sample(self) -> tuple[FloatArray, FloatArray]:
        """Draw a point; that to be evaluated has rounded cores."""
        rounded, drawn = self._distribution.ask()
        return drawn, with_cores(rounded, self.space)


class CmaesCategories(CmaesOptimizer[CatCMAwM.Solution]):
    """CatCMA with margin (Hamano 2025): priorities are Gaussian, and every job has a distribution over the cores.

    Args:
        population_size: See ``CmaesOptimizer``.
        initial_step: See ``CmaesOptimizer``.
        warm_start: See ``CmaesOptimizer``.

    Raises:
        InvalidInput: As ``CmaesOptimizer``.
    """

    _distribution: CatCMAwM

    def start(self, seed: int, around: FloatArray | None = None) -> CatCMAwM:
        """Make a new distribution: priorities around the middle, cores uniform; or both around a point.

        There the step is also the probability that a core is not the given one, unless that is more than uniform.
        """
        return CatCMAwM(
            mean=None if around is None else around[self.space.num_jobs :],
            cat_param=None if around is None else probabilities(around, self.space, self._step),
            x_space=[[0.0, 1.0]] * self.space.num_jobs,
            c_space=categories(self.space),
            sigma=self._step,
            cov=np.eye(self.space.num_jobs),
            population_size=self._size,
            seed=seed,
        )

    def sample(self) -> tuple[CatCMAwM.Solution, FloatArray]:
        """Draw a solution of priorities and categories."""
        solution = self._distribution.ask()
        return solution, point_of(solution)
