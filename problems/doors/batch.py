"""A problem as a function of whole batches, for populations that live in NumPy, PyTorch or JAX."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray
from problems.doors.scorer import Scorer, name_of, numbers
from problems.foundation.errors import InvalidInput
from problems.space import Mappings, ProblemLike


def function(problem: ProblemLike) -> BatchFunction:
    """Return ``problem`` as a function of n points ``(n, 2G)``, or of n mappings, to be minimised.

    Raises:
        InvalidInput: If it is no problem.
    """
    return BatchFunction(problem)


class BatchFunction:
    """``f(points)`` and ``f(cores, priorities)`` are the values of n mappings, each at a time.

    - ``points`` ``(n, 2G)`` in [0, 1]: G cores, then G priorities. Core c of A is the interval from c/A to (c+1)/A.
      Coordinates outside count as the ends.
    - ``cores`` ``(n, G)`` integers in 0..A-1, ``priorities`` ``(n, G)`` real numbers: as in ``problem.evaluate``.

    Any array that NumPy can read will do: one of PyTorch on the CPU and without gradient, one of JAX. Values are a
    NumPy array ``(n,)``, or ``(n, 2)`` of two objectives, float64 in the units of the objective, by default cycles;
    ``inf`` for mappings that cannot run. Values have no gradient.

    Attributes:
        name: Id of the problem.
        dimension: 2G.
    """

    def __init__(self, problem: ProblemLike) -> None:
        self._scorer = Scorer(problem)
        self.name = name_of(problem)
        self.dimension = 2 * problem.num_jobs

    def __call__(self, points_or_cores: object, priorities: object = None) -> FloatArray:
        """Evaluate n points, or n mappings.

        Raises:
            InvalidInput: On other shapes, on NaN, on cores that do not exist, and on what NumPy cannot read.
        """
        if priorities is None:
            return self._scorer.values(_read("points", points_or_cores))
        return self._scorer.values_of(*self._mappings(_read("cores", points_or_cores), _read("priorities", priorities)))

    def decode(self, points: object) -> Mappings:
        """Return the cores ``(n, G)`` and priorities ``(n, G)`` that ``points`` ``(n, 2G)`` encode."""
        return self._scorer.decode(_read("points", points))

    def _mappings(self, cores: npt.NDArray[Any], priorities: npt.NDArray[Any]) -> Mappings:
        num_jobs, num_cores = self._scorer.space.num_jobs, self._scorer.space.num_cores
        if cores.ndim != 2 or cores.shape[1] != num_jobs or priorities.shape != cores.shape:
            actual = f"{cores.shape} and {priorities.shape}"
            raise InvalidInput("cores and priorities", expected=f"shapes (n, {num_jobs})", actual=actual)
        if cores.dtype.kind not in "iu" or not ((cores >= 0) & (cores < num_cores)).all():
            expected = f"integers from 0 to {num_cores - 1}"
            raise InvalidInput("cores", expected=expected, actual=f"{cores.dtype}, {cores.tolist()}")
        real = numbers("priorities", priorities)
        if not np.isfinite(real).all():
            raise InvalidInput("priorities", expected="finite numbers", actual=priorities.tolist())
        return cores.astype(np.int64), real


def _read(what: str, array: object) -> npt.NDArray[Any]:
    try:
        return np.asarray(array)
    except Exception as error:  # a foreign array may raise anything
        hint = "Detach it and move it to the CPU, in PyTorch by x.detach().cpu()."
        raise InvalidInput(
            what, expected="an array that NumPy can read", actual=type(array).__name__, hint=hint
        ) from error
