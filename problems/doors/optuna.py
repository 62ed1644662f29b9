"""Mappings as Optuna represents them: a core and a priority parameter for every job, cores first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from problems.arrays import FloatArray
from problems.doors.encoding import CONTINUOUS
from problems.space import SearchSpace

INTEGERS = ("CmaEsSampler", "QMCSampler")
"""Samplers for which cores are integers: CMA-ES, and QMC before Optuna 5, sample categories at random."""


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
