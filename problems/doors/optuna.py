"""Mappings as Optuna represents them, a core and a priority parameter for every job, and a problem as its objective."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import BaseTrial

from problems.arrays import FloatArray, IntArray
from problems.doors.encoding import CONTINUOUS, NATIVE
from problems.doors.scorer import Scorer, name_of
from problems.foundation.errors import InvalidInput
from problems.space import ProblemLike, SearchSpace

INTEGERS = ("CmaEsSampler", "QMCSampler")
"""Samplers for which cores are integers: CMA-ES, and QMC before Optuna 5, sample categories at random."""


def objective(problem: ProblemLike, encoding: str = NATIVE, *, integers: bool = False) -> Objective:
    """Return ``problem`` as an objective for ``study.optimize``, to be minimised.

    Args:
        problem: What ``problems.get`` returns, or anything like it.
        encoding: ``native``: the core of a job is a categorical parameter, a priority a float; ``continuous``: all are
            floats, the unit cube.
        integers: Whether cores in the native encoding are integers: CMA-ES samples categories at random.

    Raises:
        InvalidInput: If it is no problem.
        UnknownName: If there is no such encoding.
    """
    return Objective(problem, encoding, integers=integers)


class Objective:
    """``f(trial)`` suggests the parameters ``core_0``.. and ``priority_0``.., and returns the value of their mapping.

    It is in the unit of the problem's objective, by default cycles; ``inf``, which Optuna takes, for a mapping that
    cannot run. Two objectives are a tuple of two, and the study has the directions ``["minimize"] * 2``. It can be
    called from several threads, and sent to other processes if the problem can.

    Attributes:
        name: Id of the problem.
        num_objectives: 1 or 2.
        distributions: The distribution of every parameter by its name, for ``study.ask``.
    """

    def __init__(self, problem: ProblemLike, encoding: str = NATIVE, *, integers: bool = False) -> None:
        self._scorer = Scorer(problem, encoding)
        self.name = name_of(problem)
        self.num_objectives = self._scorer.space.num_objectives
        _, self.distributions = distributions_of(self._scorer.space, encoding, integers=integers)

    def __call__(self, trial: BaseTrial) -> float | tuple[float, ...]:
        """Evaluate a trial, be it a ``FixedTrial``."""
        return self.evaluate({name: _suggest(trial, name, kind) for name, kind in self.distributions.items()})

    def evaluate(self, params: Mapping[str, float]) -> float | tuple[float, ...]:
        """Evaluate parameters by name, e.g. ``study.best_params``."""
        values = self._scorer.values_of_one(self._point(params))
        return tuple(values) if len(values) > 1 else values[0]

    def decode(self, params: Mapping[str, float]) -> tuple[IntArray, FloatArray]:
        """Return the cores ``(G,)`` and priorities ``(G,)`` of parameters by name."""
        return self._scorer.decode_one(self._point(params))

    def _point(self, params: Mapping[str, float]) -> list[float]:
        missing = [name for name in self.distributions if name not in params]
        if missing:
            raise InvalidInput("params", expected="a core and a priority for every job", actual=f"no {missing[0]}")
        return [params[name] for name in self.distributions]


def _suggest(trial: BaseTrial, name: str, distribution: BaseDistribution) -> float:
    if isinstance(distribution, CategoricalDistribution):
        core: int = trial.suggest_categorical(name, distribution.choices)  # type: ignore[assignment]  # all are integers
        return core
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(name, distribution.low, distribution.high)
    assert isinstance(distribution, FloatDistribution)
    return trial.suggest_float(name, distribution.low, distribution.high)


def distributions_of(
    space: SearchSpace, encoding: str, *, integers: bool = False
) -> tuple[str, dict[str, BaseDistribution]]:
    """Return the kind of parameter that represents a core, and the distribution of every parameter by its name."""
    priority = FloatDistribution(0.0, 1.0)
    core = _core(space, encoding, integers=integers)
    cores = {f"core_{job}": core for job in range(space.num_jobs)}
    return type(core).__name__.removesuffix("Distribution").lower(), cores | {
        f"priority_{job}": priority for job in range(space.num_jobs)
    }


def _core(space: SearchSpace, encoding: str, *, integers: bool) -> BaseDistribution:
    if encoding == CONTINUOUS:
        return FloatDistribution(0.0, 1.0)
    return IntDistribution(0, space.num_cores - 1) if integers else CategoricalDistribution(range(space.num_cores))


def highest_of(distribution: BaseDistribution) -> int | float:
    """Return the largest value of a parameter, in its own type; the smallest is 0."""
    if isinstance(distribution, CategoricalDistribution):
        return len(distribution.choices) - 1
    assert isinstance(distribution, IntDistribution | FloatDistribution)
    return distribution.high


def rows_of(trials: Iterable[Mapping[str, float]]) -> FloatArray:
    """Convert the parameters of P trials to points ``(P, 2G)``."""
    return np.array([list(params.values()) for params in trials], dtype=np.float64)


def params_of(row: FloatArray, distributions: Mapping[str, BaseDistribution]) -> dict[str, float]:
    """Convert a point ``(2G,)`` to parameters, each in its own type."""
    pairs = zip(row.tolist(), distributions.items(), strict=True)
    return {name: type(highest_of(distribution))(value) for value, (name, distribution) in pairs}
