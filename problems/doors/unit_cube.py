"""A problem as a function on the unit cube, for SciPy, pycma and whatever else minimises a callable."""

from __future__ import annotations

import numpy.typing as npt

from problems.arrays import FloatArray, IntArray
from problems.doors.scorer import Scorer, name_of
from problems.foundation.errors import InvalidInput
from problems.space import ProblemLike


def function(problem: ProblemLike) -> UnitCubeFunction:
    """Return ``problem`` as a function of ``x`` ``(2G,)`` in [0, 1], to be minimised.

    Raises:
        InvalidInput: If it is no problem, or has two objectives.
    """
    return UnitCubeFunction(problem)


class UnitCubeFunction:
    """``f(x)`` is the value of the mapping that ``x`` ``(2G,)`` encodes: G cores, then G priorities.

    Core c of A is the interval from c/A to (c+1)/A. Coordinates outside [0, 1] count as its ends. The value is in the
    unit of the problem's objective, by default cycles; 1e20 for a mapping that cannot run, as many methods fail on
    ``inf``. It can be called from several threads, and sent to other processes if the problem can.

    Attributes:
        name: Id of the problem.
        dimension: 2G.
        bounds: (0, 1) for each coordinate, as SciPy takes them.
    """

    def __init__(self, problem: ProblemLike) -> None:
        self._scorer = Scorer(problem)
        if self._scorer.space.num_objectives != 1:
            hint = "The doors to Nevergrad, Optuna, OptunaHub, DEAP and pymoo, and that for batches, take two."
            raise InvalidInput("problem", expected="one objective", actual="two", hint=hint)
        self.name = name_of(problem)
        self.dimension = 2 * problem.num_jobs
        self.bounds = [(0.0, 1.0)] * self.dimension

    def __call__(self, x: npt.ArrayLike) -> float:
        """Evaluate ``x`` ``(2G,)``; raise ``InvalidInput`` on another shape and on NaN."""
        return self._scorer.losses_of_one(x)[0]

    def decode(self, x: npt.ArrayLike) -> tuple[IntArray, FloatArray]:
        """Return the cores ``(G,)`` and priorities ``(G,)`` that ``x`` ``(2G,)`` encodes."""
        return self._scorer.decode_one(x)
