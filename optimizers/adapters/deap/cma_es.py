"""DEAP's ``cma.Strategy`` by generate and update."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from math import inf
from typing import Any

import numpy as np
from deap import cma
from threadpoolctl import threadpool_limits

from bench.errors import InvalidInput
from optimizers.adapters.deap.loop import DeapAlgorithm, Individual
from optimizers.contract import FloatArray, SearchSpace, check_integer
from optimizers.encoding import CONTINUOUS

MOST_CONDITION, SMALLEST_STEP, LARGEST_STEP = 1e14, 1e-12, 1e4
"""Beyond these a distribution is spent: the limits of DEAP's example ``es/cma_bipop.py`` and, above, of Hansen 2016."""


class CovarianceMatrixAdaptation(DeapAlgorithm):
    """CMA-ES in the unit cube, from its centre; what a step carries outside counts as the edge.

    DEAP leaves the first step to its user: 0.3 is about a third of the range, as Hansen 2016 (the tutorial) advises. A
    distribution that has become numerically meaningless is given up for a new one around a random place.

    Args:
        lambda_: Individuals in a generation; None for DEAP's 4 + 3 ln(genes).
        initial_step: Sigma, the standard deviation at the start.
        encoding: ``continuous``.
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
    ) -> None:
        super().__init__(space, budget=budget, seed=seed, encoding=encoding)
        if lambda_ is not None:
            check_integer("lambda_", lambda_, 4)
        if not isinstance(initial_step, int | float) or not 0.0 < initial_step < inf:
            raise InvalidInput("initial_step", expected="a finite number above 0", actual=initial_step)
        self._given = {} if lambda_ is None else {"lambda_": lambda_}
        self._initial_step = initial_step
        self._strategy = self._start(np.full(self._num_genes, 0.5))

    def surroundings(self) -> AbstractContextManager[None]:
        """Also one thread for its linear algebra, lest the result depends on their number, and no word on underflow."""
        return _alone(super().surroundings())

    def settings(self) -> dict[str, Any]:
        """The constants that DEAP derives from the number of genes."""
        names = ("lambda_", "mu", "mueff", "cc", "cs", "ccov1", "ccovmu", "damps")
        return {name: np.asarray(getattr(self._strategy, name)).item() for name in names} | {"weights": "superlinear"}

    def first_population(self) -> int:
        """The first generation."""
        return int(self._strategy.lambda_)

    def evolve(self) -> Iterator[list[Individual]]:
        """Generate, update (``eaGenerateUpdate``)."""
        while True:
            population = self._strategy.generate(self._to_individual)
            yield population
            self._strategy.update(population)
            if _is_spent(self._strategy):
                self._strategy = self._start(np.random.random(self._num_genes))

    def _start(self, centroid: FloatArray) -> Any:
        return cma.Strategy(centroid=centroid, sigma=self._initial_step, **self._given)

    def _to_individual(self, point: FloatArray) -> Individual:
        return self._individual(point.tolist())


def _is_spent(strategy: Any) -> bool:
    """Whether nothing can be sampled from it any more, NaN included."""
    widest = strategy.sigma * strategy.diagD.max()
    return not (0.0 < strategy.cond < MOST_CONDITION and SMALLEST_STEP < widest < LARGEST_STEP)


@contextmanager
def _alone(lent: AbstractContextManager[None]) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(lent)
        stack.enter_context(threadpool_limits(1))
        stack.enter_context(np.errstate(invalid="ignore", over="ignore", divide="ignore", under="ignore"))
        yield
