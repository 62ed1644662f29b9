"""Mappings as Nevergrad represents them, and a problem as its ``ExperimentFunction``.

Import Nevergrad as ``ng`` from here: the library seeds, and draws from, the global random generators when it is first
imported, and only here they are protected from that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from scipy.special import ndtr, ndtri

from problems.arrays import FloatArray, IntArray
from problems.doors.encoding import NATIVE
from problems.doors.global_random import GlobalRandom
from problems.doors.scorer import Scorer, name_of
from problems.foundation.errors import InvalidInput
from problems.space import GivesReferencePoint, ProblemLike, SearchSpace, offers

with GlobalRandom(0).lent():
    import nevergrad as ng
    from nevergrad.functions import ExperimentFunction

__all__ = ["experiment_function", "ng", "parametrize", "point_from", "point_of", "value_of"]

Value: TypeAlias = FloatArray | Mapping[str, Sequence[int] | FloatArray]
"""The ``value`` of a candidate: an array ``(2G,)``, or in the native encoding ``cores`` and ``priorities``."""


def experiment_function(problem: ProblemLike, encoding: str = NATIVE) -> MappingExperiment:
    """Return ``problem`` as a Nevergrad ``ExperimentFunction``, for its optimizers and its ``Experiment``.

    Args:
        problem: What ``problems.get`` returns, or anything like it.
        encoding: ``native``: the value of a candidate is a dictionary, ``cores`` G numbers in 0..A-1 (a
            ``TransitionChoice``), ``priorities`` an array ``(G,)``; ``continuous``: one array ``(2G,)``, the unit cube.

    Raises:
        InvalidInput: If it is no problem.
        UnknownName: If there is no such encoding.
    """
    return MappingExperiment(problem, encoding)


class MappingExperiment(ExperimentFunction):  # type: ignore[misc]
    """``f(value)`` is the value of a mapping, in the unit of the problem's objective, by default cycles.

    Two objectives are a list of two, with the problem's reference point as ``multiobjective_upper_bounds``. A mapping
    that cannot run has the loss 1e20, at which Nevergrad would clip ``inf``, with a warning. The loss that benchmarks
    report, ``evaluation_function``, is the value of the recommendation. Every evaluation takes one unit of pseudotime.
    """

    def __init__(self, problem: ProblemLike, encoding: str = NATIVE) -> None:
        self._scorer = Scorer(problem, encoding)
        parametrization = parametrize(self._scorer.space, encoding).set_name(encoding)
        super().__init__(self._loss, parametrization)
        self.add_descriptors(problem=name_of(problem))
        if self._scorer.space.num_objectives > 1 and offers(problem, GivesReferencePoint):
            self.multiobjective_upper_bounds = problem.reference_point()

    def decode(self, value: Value) -> tuple[IntArray, FloatArray]:
        """Return the cores ``(G,)`` and priorities ``(G,)`` of a candidate's ``value``."""
        return self._scorer.decode_one(point_from(value))

    def _loss(self, value: Value) -> float | list[float]:
        losses = self._scorer.losses_of_one(point_from(value))
        return losses if len(losses) > 1 else losses[0]


def parametrize(space: SearchSpace, encoding: str) -> ng.p.Parameter:
    """Make Nevergrad's parametrization of the mappings."""
    if encoding != NATIVE:
        return _array(2 * space.num_jobs)
    cores = CoreChoice(space.num_cores, space.num_jobs)
    return ng.p.Dict(cores=cores, priorities=_array(space.num_jobs))


class CoreChoice(ng.p.TransitionChoice):  # type: ignore[misc]
    """A ``TransitionChoice`` among cores, one for each job: the same values from the same random numbers, much sooner.

    The library keeps every choice as a parameter of its own, visits all of them at each step, finds a value among them
    by trying one after the other, and computes anew where the middle of its bin lies. Here cores are their own indices,
    what never changes (choices, transitions) is kept aside, and the middles of the bins are known.
    """

    def __init__(self, num_cores: int, num_jobs: int) -> None:
        # Discrete mutations reject a single choice, and CMA a single dimension.
        num_choices = max(num_cores, 2)
        self._aside: dict[str, ng.p.Parameter] = {}
        super().__init__([min(core, num_cores - 1) for core in range(num_choices)], repetitions=num_jobs)
        self._aside = {name: self._content.pop(name) for name in ("choices", "transitions")}
        self._last = num_cores - 1
        (bound,) = (layer for layer in self.indices._layers if hasattr(layer, "_transform"))
        bound._transform._forw, bound._transform._back = ndtr, ndtri  # what scipy.stats.norm calls after its checks
        self._middles = bound._transform.backward(np.arange(num_choices) + 0.5)

    def __getitem__(self, name: str) -> ng.p.Parameter:
        return self._aside[name] if name in self._aside else super().__getitem__(name)

    def __setitem__(self, name: str, value: object) -> None:
        self._aside = {key: part for key, part in self._aside.items() if key != name}  # copies share it
        super().__setitem__(name, value)

    def _set_random_state(self, random_state: np.random.RandomState | None) -> None:
        super()._set_random_state(random_state)
        for part in self._aside.values():
            part._set_random_state(random_state)

    def satisfies_constraints(self, ref: CoreChoice | None = None, no_tabu: bool = False) -> bool:
        """Whether the cores satisfy what was registered; the library visits all to find that there is nothing."""
        if ref is None and not any(part._constraint_checkers for part in (self, *self._content.values())):
            return True
        return bool(super().satisfies_constraints(ref, no_tabu))

    def _layered_get_value(self) -> tuple[int, ...]:
        return tuple(np.minimum(self.indices.value, self._last).tolist())

    def _layered_set_value(self, value: Sequence[int]) -> None:
        self._check_frozen()
        cores = np.asarray(value)
        if not np.array_equal(cores, np.clip(cores.astype(np.int64), 0, self._last)):
            raise ValueError(f"cores are integers from 0 to {self._last}, not {value}")
        self.indices.value = cores.astype(np.int64)

    def _internal_set_standardized_data(self, data: FloatArray, reference: CoreChoice) -> None:
        super(ng.p.TransitionChoice, self)._internal_set_standardized_data(data, reference)
        cores = self.indices.value
        if self._last > 0:
            self.indices._value = self._middles[cores]
        else:
            self.indices.value = np.zeros_like(cores)


def _array(size: int) -> ng.p.Array:
    return ng.p.Array(shape=(size,), lower=0.0, upper=1.0)


def point_of(candidate: ng.p.Parameter, space: SearchSpace) -> FloatArray:
    """Convert a candidate to the point ``(2G,)`` that the codecs decode.

    The indices of the choices are the cores; reading them is faster than ``value``, which looks up each one.
    """
    if isinstance(candidate, ng.p.Array):
        return np.asarray(candidate.value, dtype=np.float64)
    cores = np.minimum(candidate["cores"].indices.value, space.num_cores - 1)
    return np.concatenate([cores, candidate["priorities"].value])


def value_of(point: FloatArray, encoding: str) -> FloatArray | dict[str, tuple[int, ...] | FloatArray]:
    """Convert a point ``(2G,)`` to the ``value`` of its candidate: a dictionary, or the point itself."""
    if encoding != NATIVE:
        return point
    half = len(point) // 2
    return {"cores": tuple(point[:half].astype(np.int64).tolist()), "priorities": point[half:]}


def point_from(value: Value) -> FloatArray:
    """Convert the ``value`` of a candidate to the point ``(2G,)``: the inverse of ``value_of``."""
    if not isinstance(value, Mapping):
        return np.asarray(value)
    if set(value) != {"cores", "priorities"}:
        raise InvalidInput("value", expected="cores and priorities", actual=", ".join(map(str, value)))
    return np.concatenate([value["cores"], value["priorities"]])
