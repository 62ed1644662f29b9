"""Adapter to fcmaes (Wolz 2022) by ask and tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import numpy as np
from scipy.optimize import Bounds

from optimizers.contract import AskTellOptimizer
from optimizers.native.warm_start import MappingTables, best_of, mappings_of
from problems.arrays import FloatArray, IntArray
from problems.doors.encoding import CONTINUOUS, codec_of
from problems.doors.fcmaes import CRFMNES_C, Bite_C
from problems.doors.losses import Losses
from problems.foundation.errors import LibraryFailure, UnknownName
from problems.space import Mappings, SearchSpace

MOST_EVALUATIONS = 2**31 - 1
"""The largest number that the library takes."""


class Searcher(Protocol):
    """What the classes of fcmaes have in common.

    Attributes:
        popsize: Points that it asks at once.
    """

    popsize: int

    def ask(self) -> FloatArray | None:
        """Return points ``(P, D)``, or None on an error."""

    def tell(self, values: FloatArray) -> int:
        """Take the values of the points; what it returns is not 0 if the search has ended."""


class Start(NamedTuple):
    """A point ``(2G,)`` to start from, and its loss."""

    point: FloatArray
    loss: float


def _bite(space: SearchSpace, generator: np.random.Generator, start: Start | None = None) -> Searcher:
    bounds = Bounds(np.zeros(2 * space.num_jobs), np.ones(2 * space.num_jobs))
    guess = None if start is None else start.point
    searcher: Searcher = Bite_C(
        2 * space.num_jobs, bounds, guess, max_evaluations=MOST_EVALUATIONS, batch_size=1, rg=generator
    )
    if start is not None:  # what it asks first
        searcher.ask()
        searcher.tell(np.array([start.loss]))
    return searcher


def _crfmnes(space: SearchSpace, generator: np.random.Generator, start: Start | None = None) -> Searcher:
    bounds = Bounds(np.zeros(2 * space.num_jobs), np.ones(2 * space.num_jobs))
    centre = np.full(2 * space.num_jobs, 0.5) if start is None else start.point
    searcher: Searcher = CRFMNES_C(2 * space.num_jobs, bounds, centre, rg=generator)
    return searcher


def _size_of(searcher: Searcher) -> int:
    """Return the population size; that of BiteOpt is not the size of a batch."""
    return int(getattr(searcher, "population_size", searcher.popsize))


METHODS: Mapping[str, Callable[..., Searcher]] = {
    "BiteOpt": _bite,
    "CR-FM-NES": _crfmnes,
}


class FcmaesOptimizer(AskTellOptimizer):
    """A method of fcmaes with its default parameters, on the unit cube; when it ends by itself, it restarts.

    Args:
        method: ``BiteOpt`` (Vaneev 2021), a mapping at a time, or ``CR-FM-NES`` (Nomura & Ono 2022), 32 at a time from
            the centre with a step of 0.3.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``: all are evaluated, and the
            best that can run is the library's initial guess. Its first steps are as wide as without.

    Raises:
        UnknownName: If there is no such method.
        InvalidInput: If ``warm_start`` contains an invalid mapping.
        LibraryFailure: (in ``ask``) If the library reports an error.
    """

    libraries = ("fcmaes",)

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        method: str = "BiteOpt",
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        if method not in METHODS:
            raise UnknownName("method of fcmaes", method, METHODS)
        self._method = method
        self._codec = codec_of(CONTINUOUS, space)
        self._losses = Losses()
        self._given = None if warm_start is None else mappings_of(warm_start, space)
        self._searcher = METHODS[method](space, self.rng)

    def settings(self) -> dict[str, object]:
        """The population size that the library chose."""
        return {"population_size": _size_of(self._searcher)}

    def first_population(self) -> int:
        """The first generation, or the mappings of a warm start."""
        return _size_of(self._searcher) if self._given is None else len(self._given[0])

    def ask(self) -> Mappings:
        """Return the next mapping, or generation; first of all a warm start, if there is one."""
        if self._given is not None:
            return self._given
        points = self._searcher.ask()
        if points is None or not len(points):
            raise LibraryFailure(f"method {self._method!r} of fcmaes proposes nothing")
        return self._codec.decode(np.asarray(points, dtype=np.float64))

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Tell fcmaes the values of the mappings asked last, or start from the best of a warm start."""
        losses = self._losses.of(values)[:, 0]
        if self._given is not None:
            best, self._given = best_of((cores, priorities), values), None
            if best is not None:
                start = Start(self._codec.encode(*best)[0], float(losses.min()))
                self._searcher = METHODS[self._method](self.space, self.rng, start)
        elif self._searcher.tell(losses):
            self._searcher = METHODS[self._method](self.space, self.rng)
