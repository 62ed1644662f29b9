"""A problem as a benchmark of OptunaHub."""

from __future__ import annotations

from collections.abc import Mapping

from optuna.distributions import BaseDistribution
from optuna.study import StudyDirection

from problems.arrays import FloatArray, IntArray
from problems.doors.encoding import NATIVE
from problems.doors.optuna import Objective
from problems.foundation.extras import from_extra
from problems.space import ProblemLike

with from_extra("optunahub", "the door to OptunaHub"):
    from optunahub.benchmarks import BaseProblem


def problem(problem: ProblemLike, encoding: str = NATIVE, *, integers: bool = False) -> MappingProblem:
    """Return ``problem`` as a ``BaseProblem``, for ``study.optimize``; arguments as in ``problems.doors.optuna``.

    Raises:
        InvalidInput: If it is no problem.
        UnknownName: If there is no such encoding.
        MissingExtra: (at import) If optunahub is not installed.
    """
    return MappingProblem(problem, encoding, integers=integers)


class MappingProblem(BaseProblem):  # type: ignore[misc]
    """``problem(trial)`` suggests a mapping and returns its value, as ``problems.doors.optuna.Objective`` does."""

    def __init__(self, problem: ProblemLike, encoding: str = NATIVE, *, integers: bool = False) -> None:
        self._objective = Objective(problem, encoding, integers=integers)

    @property
    def search_space(self) -> dict[str, BaseDistribution]:
        """The distribution of every parameter: ``core_0``.. and ``priority_0``..."""
        return dict(self._objective.distributions)

    @property
    def directions(self) -> list[StudyDirection]:
        """To be minimised, all of them."""
        return [StudyDirection.MINIMIZE] * self._objective.num_objectives

    def evaluate(self, params: Mapping[str, float]) -> float | tuple[float, ...]:
        """Evaluate parameters by name."""
        return self._objective.evaluate(params)

    def decode(self, params: Mapping[str, float]) -> tuple[IntArray, FloatArray]:
        """Return the cores ``(G,)`` and priorities ``(G,)`` of parameters by name."""
        return self._objective.decode(params)
