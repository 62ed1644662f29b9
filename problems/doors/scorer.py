"""What all doors share: points of a library are checked, decoded and scored."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray, IntArray
from problems.doors.encoding import CONTINUOUS, ENCODINGS, NATIVE, codec_of
from problems.doors.losses import LARGEST_LOSS
from problems.doors.rankable import Rankable
from problems.foundation.errors import InvalidInput
from problems.space import Mappings, ProblemLike, SearchSpace, count_objectives, offers

HINT = 'Give e.g. problems.get("mix/S2/bw1/g20/i0").'


class Scorer:
    """Scores points ``(P, 2G)``, a row a mapping, with the values that ``problem.evaluate`` gives the mappings.

    It can be sent to other processes if the problem can.

    Args:
        problem: What ``problems.get`` returns, or anything like it.
        encoding: ``native``: G core numbers, then G priorities; ``continuous``: the unit cube, where core c of A is
            the interval from c/A to (c+1)/A.

    Raises:
        InvalidInput: If it is no problem.
        UnknownName: If there is no such encoding.
    """

    def __init__(self, problem: ProblemLike, encoding: str = CONTINUOUS) -> None:
        self.space = _space_of(problem)
        self.encoding = encoding
        self._codec = codec_of(encoding, self.space, ENCODINGS)
        self._evaluator = Rankable(problem)

    def decode(self, points: npt.ArrayLike) -> Mappings:
        """Convert points ``(P, 2G)`` to mappings; priorities, and in the unit cube cores, are clipped into [0, 1).

        Raises:
            InvalidInput: On another shape, on NaN, and on cores of the native encoding that do not exist.
        """
        rows = self._checked(points)
        if self.encoding == NATIVE:
            self._check_cores(rows[:, : self.space.num_jobs])
        return self._codec.decode(rows)

    def decode_one(self, point: npt.ArrayLike) -> tuple[IntArray, FloatArray]:
        """Convert a point ``(2G,)`` to the cores ``(G,)`` and priorities ``(G,)`` of its mapping; errors as above."""
        cores, priorities = self.decode(self._as_row(point))
        return cores[0], priorities[0]

    def values(self, points: npt.ArrayLike) -> FloatArray:
        """Score points ``(P, 2G)``: ``(P,)``, or ``(P, 2)`` of two objectives; ``inf`` if a mapping cannot run."""
        return self.values_of(*self.decode(points))

    def values_of(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Score mappings ``(P, G)``: values as above, never NaN."""
        return self._evaluator.evaluate(cores, priorities)

    def values_of_one(self, point: npt.ArrayLike) -> list[float]:
        """Score a point ``(2G,)``: a value for each objective."""
        return _flat(self.values(self._as_row(point)))

    def losses(self, points: npt.ArrayLike) -> FloatArray:
        """Score points ``(P, 2G)`` for libraries that do not accept infinite values: ``(P, k)``, at most 1e20."""
        return np.minimum(self.values(points).reshape(-1, self.space.num_objectives), LARGEST_LOSS)

    def losses_of_one(self, point: npt.ArrayLike) -> list[float]:
        """Score a point ``(2G,)`` for such libraries: a loss for each objective."""
        return _flat(self.losses(self._as_row(point)))

    def _as_row(self, point: npt.ArrayLike) -> FloatArray:
        """Return ``(1, 2G)`` of a point ``(2G,)``."""
        one = numbers("point", point)
        if one.ndim != 1:
            raise InvalidInput("point", expected=f"shape ({2 * self.space.num_jobs},)", actual=one.shape)
        return one[None]

    def _checked(self, points: npt.ArrayLike) -> FloatArray:
        rows, width = numbers("point", points), 2 * self.space.num_jobs
        if rows.ndim != 2 or rows.shape[1] != width:
            expected = f"{width} numbers each, a core and a priority for every job"
            raise InvalidInput("point", expected=expected, actual=f"an array of shape {rows.shape}")
        if np.isnan(rows).any():
            raise InvalidInput("point", expected="numbers", actual="NaN")
        return rows

    def _check_cores(self, cores: FloatArray) -> None:
        known = (cores >= 0) & (cores < self.space.num_cores) & (cores == np.floor(cores))
        for point, job in np.argwhere(~known)[:1]:
            expected = f"an integer from 0 to {self.space.num_cores - 1}"
            raise InvalidInput(f"core of job {job}", expected=expected, actual=float(cores[point, job]))


def name_of(problem: ProblemLike) -> str:
    """Return the id of a problem, or the name of its class."""
    return str(getattr(problem, "id", type(problem).__name__))


def _space_of(problem: ProblemLike) -> SearchSpace:
    if not offers(problem, ProblemLike):
        raise InvalidInput("problem", expected="one with num_jobs, num_cores, evaluate", actual=problem, hint=HINT)
    return SearchSpace(problem.num_jobs, problem.num_cores, count_objectives(problem))


def numbers(what: str, array: npt.ArrayLike) -> FloatArray:
    """Convert an array to floats; raise an ``InvalidInput`` that says ``what`` it is if it holds anything else."""
    try:
        return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(what, expected="numbers", actual=array, hint=str(error)) from error


def _flat(values: FloatArray) -> list[float]:
    row: list[float] = values.reshape(-1).tolist()
    return row
