"""Adapter to SciPy's global optimizers, which call the objective themselves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import numpy as np
from scipy.optimize import differential_evolution, dual_annealing

from optimizers.contract import Optimizer
from optimizers.native.warm_start import MappingTables, best_of, mappings_of
from problems.arrays import FloatArray
from problems.doors.encoding import CONTINUOUS, codec_of
from problems.doors.losses import Losses
from problems.foundation.checks import check_integer
from problems.foundation.errors import InvalidInput
from problems.space import Evaluator, SearchSpace

LEAST_POPULATION = 5
"""SciPy's own limit."""


class ScipyOptimizer(Optimizer):
    """Base of the adapters: an objective on the unit cube."""

    libraries = ("scipy",)

    def __init__(self, space: SearchSpace, *, budget: int, seed: int, warm_start: MappingTables | None = None) -> None:
        super().__init__(space, budget=budget, seed=seed)
        self._given = None if warm_start is None else mappings_of(warm_start, space)
        self._codec = codec_of(CONTINUOUS, space)
        self._losses = Losses()
        self._bounds = [(0.0, 1.0)] * (2 * space.num_jobs)

    def surroundings(self) -> AbstractContextManager[None]:
        """Mute NumPy's warnings about huge differences of values."""
        return np.errstate(all="ignore")

    def losses_of(self, evaluator: Evaluator, points: FloatArray) -> FloatArray:
        """Evaluate points ``(P, 2G)``; the losses are ``(P,)``."""
        return self._losses.of(evaluator.evaluate(*self._codec.decode(points)))[:, 0]


class DualAnnealing(ScipyOptimizer):
    """Generalized simulated annealing with SciPy's default temperatures (Xiang 1997).

    SciPy compares differences of values with its temperatures as they are, in the unit of the values.

    Args:
        local_search: Whether to descend from good points by L-BFGS-B. On a function that is constant around almost
            every point, its gradients are 0, and each costs 2G + 1 evaluations.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``: all are evaluated, and the
            best that can run is the initial point. The first visits are as far away as without.

    Raises:
        InvalidInput: If ``local_search`` is neither true nor false, or ``warm_start`` contains an invalid mapping.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        local_search: bool = False,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, warm_start=warm_start)
        if not isinstance(local_search, bool):
            raise InvalidInput("local_search", expected="true or false", actual=local_search)
        self._local_search = local_search

    def first_population(self) -> int:
        """The initial point, and a visit from there; or the mappings of a warm start."""
        return 2 if self._given is None else len(self._given[0])

    def run(self, evaluator: Evaluator) -> None:
        """Anneal, with more iterations than there are evaluations."""
        start, losses = self._start(evaluator)

        def loss_of(point: FloatArray) -> float:
            if losses:  # of the initial point, which is asked first
                return losses.pop()
            return float(self.losses_of(evaluator, point[None, :])[0])

        dual_annealing(
            loss_of,
            self._bounds,
            maxiter=self.budget,
            maxfun=np.inf,
            no_local_search=not self._local_search,
            x0=start,
            rng=self.rng,
        )

    def _start(self, evaluator: Evaluator) -> tuple[FloatArray | None, list[float]]:
        """Evaluate the mappings of a warm start; return the best as a point ``(2G,)`` and its loss, if it can run."""
        if self._given is None:
            return None, []
        values = evaluator.evaluate(*self._given)
        best = best_of(self._given, values)
        if best is None:
            return None, []
        return self._codec.encode(*best)[0], [float(self._losses.of(values).min())]


class DifferentialEvolution(ScipyOptimizer):
    """Differential evolution (Storn & Price 1997), a generation at a time.

    When all individuals have the same value, it restarts.

    Args:
        population_size: Individuals, at least 5; None for SciPy's default, 15 for each of the 2G genes.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``, instead of random ones,
            as many as the first generation holds.

    Raises:
        InvalidInput: If the population size is not an integer of at least 5, or ``warm_start`` contains an invalid
            mapping.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        population_size: int | None = None,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, warm_start=warm_start)
        size = 15 * len(self._bounds) if population_size is None else population_size
        self._size = check_integer("population_size", size, LEAST_POPULATION)

    def settings(self) -> dict[str, object]:
        """The population size."""
        return {"population_size": self._size}

    def first_population(self) -> int:
        """The first generation."""
        return self._size

    def run(self, evaluator: Evaluator) -> None:
        """Evolve, and restart."""
        losses_of = partial(self._losses_of_columns, evaluator)
        self._evolve(losses_of, self._first_generation())
        while True:
            self._evolve(losses_of, self._random_generation())

    def _random_generation(self) -> FloatArray:
        """Draw a generation ``(P, 2G)``."""
        return self.rng.random((self._size, len(self._bounds)))

    def _first_generation(self) -> FloatArray:
        """Draw a generation ``(P, 2G)``, with the mappings of a warm start, as many as fit, in place of the first."""
        points = self._random_generation()
        if self._given is not None:
            given = self._codec.encode(*self._given)[: self._size]
            points[: len(given)] = given
        return points

    def _evolve(self, losses_of: Callable[[FloatArray], FloatArray], first: FloatArray) -> None:
        differential_evolution(
            losses_of,
            self._bounds,
            init=first,
            maxiter=self.budget,
            tol=0.0,
            polish=False,
            updating="deferred",
            vectorized=True,
            rng=self.rng,
        )

    def _losses_of_columns(self, evaluator: Evaluator, columns: FloatArray) -> FloatArray:
        """Evaluate points ``(2G, P)``, the layout of SciPy's vectorized functions."""
        return self.losses_of(evaluator, columns.T)
