"""A mapping as Optuna's parameters: a core and a priority for every job, cores first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from optimizers.contract import FloatArray, SearchSpace
from optimizers.encoding import CONTINUOUS

INTEGERS = ("CmaEsSampler", "QMCSampler")
"""Samplers that are told of cores as integers: CMA-ES, and QMC before Optuna 5, draw categories at random."""


class _Shared:
    """A distribution that never changes: not copied, where Optuna copies all of them at each trial."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Shared:
        return self

    def __eq__(self, other: object) -> bool:
        return self is other or super().__eq__(other)

    def __hash__(self) -> int:
        return super().__hash__()


class _Float(_Shared, FloatDistribution):
    def to_internal_repr(self, param_value_in_external_repr: float) -> float:
        return param_value_in_external_repr


class _Int(_Shared, IntDistribution):
    def to_internal_repr(self, param_value_in_external_repr: int) -> float:
        return param_value_in_external_repr


class _Categorical(_Shared, CategoricalDistribution):
    """Of 0, 1, and so on: each is its own index."""

    def to_internal_repr(self, param_value_in_external_repr: Any) -> float:
        return int(param_value_in_external_repr)


def distributions_of(
    space: SearchSpace, encoding: str, *, integers: bool = False
) -> tuple[str, dict[str, BaseDistribution]]:
    """What a core is, and the distribution of every parameter by its name."""
    priority, core = _Float(0.0, 1.0), _core(space, encoding, integers=integers)
    cores = {f"core_{job}": core for job in range(space.num_jobs)}
    return type(core).__name__.strip("_").lower(), cores | {
        f"priority_{job}": priority for job in range(space.num_jobs)
    }


def _core(space: SearchSpace, encoding: str, *, integers: bool) -> BaseDistribution:
    if encoding == CONTINUOUS:
        return _Float(0.0, 1.0)
    return _Int(0, space.num_cores - 1) if integers else _Categorical(range(space.num_cores))


def highest_of(distribution: BaseDistribution) -> int | float:
    """The largest value of a parameter, in its own type; the least is 0."""
    if isinstance(distribution, CategoricalDistribution):
        return len(distribution.choices) - 1
    return distribution.high  # type: ignore[attr-defined, no-any-return]


def rows_of(trials: Iterable[Mapping[str, Any]]) -> FloatArray:
    """Points ``(P, 2G)`` of the parameters of P trials."""
    return np.array([list(params.values()) for params in trials], dtype=np.float64)


def params_of(row: FloatArray, distributions: Mapping[str, BaseDistribution]) -> dict[str, Any]:
    """The parameters that a point ``(2G,)`` stands for, each in its own type."""
    pairs = zip(row.tolist(), distributions.items(), strict=True)
    return {name: type(highest_of(distribution))(value) for value, (name, distribution) in pairs}
