"""CMA-ES: DEAP's ``cma.Strategy``, driven by generate and update."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import numpy as np
from deap import cma
from threadpoolctl import threadpool_limits

from optimizers.adapters.deap.loop import DeapAlgorithm
from optimizers.native.warm_start import MappingTables
from problems.arrays import FloatArray
from problems.doors.deap import Individual, individuals_of
from problems.doors.encoding import CONTINUOUS
from problems.doors.losses import LARGEST_LOSS
from problems.foundation.checks import check_above_zero, check_integer
from problems.space import SearchSpace

MOST_CONDITION, SMALLEST_STEP, LARGEST_STEP = 1e14, 1e-12, 1e4
"""Beyond these limits a distribution is degenerate: as in DEAP's example ``es/cma_bipop.py``; the largest step is from
Hansen 2016.
"""


class CovarianceMatrixAdaptation(DeapAlgorithm):
    """CMA-ES in the unit cube, started at its centre; points outside are clipped to the edge when evaluated.

    DEAP has no default for the initial step: 0.3 is about a third of the range, as Hansen 2016 (the tutorial) advises.
    When the distribution degenerates numerically, the search restarts from a new one around a random point.

    Args:
        lambda_: Individuals per generation; None for DEAP's 4 + 3 ln(genes).
        initial_step: Initial standard deviation sigma.
        encoding: ``continuous``.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``: all are evaluated, and the
            first distribution is around the best that can run, with the initial step: a smaller one stays nearer.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        lambda_: int | None = None,
        initial_step: float = 0.3,
        encoding: str = CONTINUOUS,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, encoding=encoding, warm_start=warm_start)
        if lambda_ is not None:
            check_integer("lambda_", lambda_, 4)
        self._lambda = lambda_
        self._initial_step = check_above_zero("initial_step", initial_step)
        self._strategy = self._start(np.full(self._num_genes, 0.5))

    def surroundings(self) -> AbstractContextManager[None]:
        """Also limit linear algebra to one thread, so that results do not depend on the number; mute NumPy warnings."""
        return _alone(super().surroundings())

    def settings(self) -> dict[str, object]:
        """The constants that DEAP derives from the number of genes."""
        names = ("lambda_", "mu", "mueff", "cc", "cs", "ccov1", "ccovmu", "damps")
        return {name: np.asarray(getattr(self._strategy, name)).item() for name in names} | {"weights": "superlinear"}

    def first_population(self) -> int:
        """The first generation, or the mappings of a warm start."""
        return int(self._strategy.lambda_) if self._given is None else len(self._given)

    def evolve(self) -> Iterator[list[Individual]]:
        """Alternate generate and update (``eaGenerateUpdate``), at first around the best of a warm start."""
        if self._given is not None:
            given = individuals_of(self._given)
            yield given
            best = min(given, key=_loss_of)
            if _loss_of(best) < LARGEST_LOSS:
                self._strategy = self._start(np.array(best))
        while True:
            population = self._strategy.generate(self._to_individual)
            yield population
            self._strategy.update(population)
            if _is_spent(self._strategy):
                self._strategy = self._start(np.random.random(self._num_genes))

    def _start(self, centroid: FloatArray) -> cma.Strategy:
        if self._lambda is None:
            return cma.Strategy(centroid=centroid, sigma=self._initial_step)
        return cma.Strategy(centroid=centroid, sigma=self._initial_step, lambda_=self._lambda)

    def _to_individual(self, point: FloatArray) -> Individual:
        return self._individual(point.tolist())


def _loss_of(individual: Individual) -> float:
    return float(individual.fitness.values[0])


def _is_spent(strategy: cma.Strategy) -> bool:
    """Whether sampling from the distribution has become meaningless, be it by NaN."""
    widest = strategy.sigma * strategy.diagD.max()
    return not (0.0 < strategy.cond < MOST_CONDITION and SMALLEST_STEP < widest < LARGEST_STEP)


@contextmanager
def _alone(outer: AbstractContextManager[None]) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(outer)
        stack.enter_context(threadpool_limits(1))
        stack.enter_context(np.errstate(invalid="ignore", over="ignore", divide="ignore", under="ignore"))
        yield
