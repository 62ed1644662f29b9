"""Optuna's samplers, by ``study.ask`` and ``study.tell`` on an in-memory study."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from bench.errors import M3EError, UnknownName
from optimizers.adapters import as_json
from optimizers.contract import AskTellOptimizer, FloatArray, IntArray, Mappings, SearchSpace
from optimizers.encoding import ENCODINGS, LARGEST_LOSS, check_encoding, decode_cube, to_priorities

SAMPLERS: Mapping[str, Callable[..., optuna.samplers.BaseSampler]] = {
    "TPE": optuna.samplers.TPESampler,
    "NSGA-II": optuna.samplers.NSGAIISampler,
    "CMA-ES": optuna.samplers.CmaEsSampler,
}

WITHOUT_CATEGORICALS = ("CMA-ES",)
"""Samplers that draw categorical parameters at random: they are told of cores as integers."""


class FallbackToRandom(M3EError):
    """A sampler says that it samples at random what it cannot model."""

    exit_code = 1


class _Shared:
    """A distribution that is never copied: Optuna deep-copies all of them at each trial, and they never change."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Shared:
        return self

    def __eq__(self, other: object) -> bool:
        return self is other or super().__eq__(other)

    def __hash__(self) -> int:
        return super().__hash__()


class _Float(_Shared, FloatDistribution):
    pass


class _Int(_Shared, IntDistribution):
    pass


class _Categorical(_Shared, CategoricalDistribution):
    pass


class OptunaOptimizer(AskTellOptimizer):
    """A sampler of Optuna with its default settings.

    Args:
        method: ``TPE``, ``NSGA-II`` or ``CMA-ES``.
        encoding: ``native``: a core is a categorical parameter (an integer for CMA-ES), a priority a float;
            ``continuous``: all floats in the unit cube.

    Raises:
        UnknownName: If there is no such method.
        FallbackToRandom: (in ``ask``) If the sampler samples at random what it cannot model.
    """

    libraries = ("optuna", "cmaes")

    def __init__(
        self, space: SearchSpace, *, budget: int, seed: int, method: str = "TPE", encoding: str = ENCODINGS[0]
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        check_encoding(encoding)
        if method not in SAMPLERS:
            raise UnknownName("sampler of Optuna", method, SAMPLERS)
        self._encoding = encoding
        self._distributions = _distributions(space, encoding, method)
        choices = sum(not d.single() for d in self._distributions.values())
        # CMA-ES needs two dimensions: in one, on one job and one core, random sampling is all there is to do.
        extra = {"warn_independent_sampling": False} if method == "CMA-ES" and choices < 2 else {}
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        directions = [optuna.study.StudyDirection.MINIMIZE] * space.num_objectives
        self._study = optuna.create_study(sampler=SAMPLERS[method](seed=seed, **extra), directions=directions)
        self._trial: Any = None

    def settings(self) -> dict[str, Any]:
        """The sampler's own defaults."""
        parameters = inspect.signature(type(self._study.sampler)).parameters.values()
        return as_json({p.name: p.default for p in parameters if p.name != "seed"})

    def ask(self) -> Mappings:
        """One mapping, ``(1, G)``."""
        with _fallbacks_raise():
            self._trial = self._study.ask(self._distributions)
        values = self._trial.params
        genome = np.array([values[name] for name in self._distributions], dtype=np.float64)[None, :]
        if self._encoding == "continuous":
            return decode_cube(genome, self.space.num_cores)
        half = self.space.num_jobs
        return genome[:, :half].astype(np.int64), to_priorities(genome[:, half:])

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """The value or values of that mapping."""
        self._study.tell(self._trial, np.minimum(values, LARGEST_LOSS).reshape(-1).tolist())


class OptunaFronts(OptunaOptimizer):
    """A sampler of Optuna that takes several objectives."""

    multi_objective = True


def _distributions(space: SearchSpace, encoding: str, method: str) -> dict[str, BaseDistribution]:
    """A parameter for every gene: cores first, then priorities."""

    def core() -> BaseDistribution:
        if encoding == "continuous":
            return _Float(0.0, 1.0)
        if method in WITHOUT_CATEGORICALS:
            return _Int(0, space.num_cores - 1)
        return _Categorical(range(space.num_cores))

    cores = {f"core_{j}": core() for j in range(space.num_jobs)}
    return cores | {f"priority_{j}": _Float(0.0, 1.0) for j in range(space.num_jobs)}


class _Raise(logging.Handler):
    """Turns Optuna's word that it falls back to random sampling, which it only logs, into an error."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if "independent" in message or "instead" in message:
            raise FallbackToRandom(f"Optuna falls back to random sampling: {message}")


_RAISE = _Raise(logging.WARNING)


@contextmanager
def _fallbacks_raise() -> Iterator[None]:
    logger = logging.getLogger("optuna")
    logger.addHandler(_RAISE)
    try:
        yield
    finally:
        logger.removeHandler(_RAISE)
