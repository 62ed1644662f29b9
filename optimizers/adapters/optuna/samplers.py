"""Finds the classes of ``optuna.samplers`` by name, and makes samplers of them."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import math
from collections.abc import Callable, Mapping
from typing import TypeGuard

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.trial import FrozenTrial

from problems.foundation.errors import InvalidInput, MissingExtra, UnknownName
from problems.foundation.extras import install_command
from problems.foundation.json_values import to_json

for _library in ("cmaes", "scipy.stats"):  # samplers would import them within a run
    importlib.import_module(_library)

SEED = "seed"

WITH_TORCH = ("GPSampler",)

NEVER_LEARN = ("RandomSampler", "QMCSampler")

SIZES = ("n_startup_trials", "popsize", "population_size")
"""Parameters whose sum, over those that a sampler has, is the number of trials before values matter."""

WORKED_OUT: Mapping[str, Mapping[str, Callable[[int], float | str]]] = {
    "CmaEsSampler": {"popsize": lambda n: 4 + int(3 * math.log(max(n, 1))), "sigma0": lambda n: 1 / 6},
    "NSGAIISampler": {"mutation_prob": lambda n: 1 / max(n, 1), "crossover": lambda n: "UniformCrossover"},
    "NSGAIIISampler": {"mutation_prob": lambda n: 1 / max(n, 1), "crossover": lambda n: "UniformCrossover"},
}
"""Values that a sampler derives at its first trial where a parameter is None, from the number n of search parameters.

As documented with each sampler, for ranges of [0, 1] or wider; a test compares runs with None and with these values.
"""


def sampler_class(method: str) -> type[BaseSampler]:
    """Return the sampler class of that name.

    Raises:
        UnknownName: If there is no such class.
        MissingExtra: If the sampler needs a library that is not installed.
    """
    known: dict[str, type[BaseSampler]] = {n: c for n, c in vars(optuna.samplers).items() if _can_be_made(c)}
    if method not in known:
        raise UnknownName("sampler of Optuna", method, known)
    if method in WITH_TORCH and importlib.util.find_spec("torch") is None:
        raise MissingExtra(f"sampler {method} of Optuna needs torch: {install_command('m3e[gp]')}")
    return known[method]


def _can_be_made(kind: object) -> TypeGuard[type[BaseSampler]]:
    """Whether ``kind`` is a sampler class whose constructor has no required arguments."""
    if not inspect.isclass(kind) or not issubclass(kind, BaseSampler) or inspect.isabstract(kind):
        return False
    parameters = inspect.signature(kind).parameters.values()
    return all(p.default is not p.empty for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))


def _defaults(kind: type[BaseSampler]) -> dict[str, object]:
    return {p.name: p.default for p in inspect.signature(kind).parameters.values() if p.name != SEED}


def settings_of(kind: type[BaseSampler], own: Mapping[str, object], num_parameters: int) -> dict[str, object]:
    """Return all constructor parameters as JSON values: ``own`` and the defaults; objects by their qualified names.

    Args:
        kind: Sampler class.
        own: Parameters to override.
        num_parameters: Number of search parameters with more than one value, from which some None are worked out.

    Raises:
        InvalidInput: If ``own`` is not a table.
        UnknownName: If it has a parameter that the sampler does not have.
    """
    if not isinstance(own, Mapping):
        raise InvalidInput("sampler_parameters", expected="a table of parameters", actual=own)
    defaults = _defaults(kind)
    for name in own:
        if name not in defaults:
            raise UnknownName(f"sampler_parameters of {kind.__name__}:", name, defaults)
    settings = {name: to_json(own.get(name, default), _qualified_name) for name, default in defaults.items()}
    later = WORKED_OUT.get(kind.__name__, {})
    return settings | {name: of(num_parameters) for name, of in later.items() if settings.get(name) is None}


def _qualified_name(value: object) -> str:
    """Name a class or function, or the class of any other object, with its module."""
    name = getattr(value, "__qualname__", None)
    return f"{value.__module__}.{name}" if name else f"{type(value).__module__}.{type(value).__qualname__}"


def first_population_of(settings: Mapping[str, object]) -> int:
    """Count the trials that a sampler with these ``settings`` proposes before values matter, at least 1."""
    sizes = [settings.get(name) for name in SIZES]
    return max(sum(int(size) for size in sizes if isinstance(size, int | float)), 1)


def make_sampler(
    kind: type[BaseSampler], own: Mapping[str, object], seed: int, distributions: Mapping[str, BaseDistribution]
) -> BaseSampler:
    """Make a sampler; ``RandomSampler`` is replaced by the equivalent ``RandomTrials``."""
    if kind is RandomSampler:
        return RandomTrials(seed, distributions)
    seeded = {SEED: seed} if SEED in inspect.signature(kind).parameters else {}
    return kind(**seeded, **own)


def check_usable(
    kind: type[BaseSampler],
    own: Mapping[str, object],
    distributions: Mapping[str, BaseDistribution],
    num_objectives: int,
) -> None:
    """Check that a sampler can be made, and can run a few trials with one core and one priority.

    Raises:
        InvalidInput: If it cannot; the hint is the sampler's own message.
    """
    names = list(distributions)
    pair = {name: distributions[name] for name in (names[0], names[-1])}
    try:
        sampler = make_sampler(kind, own, 0, pair)
        study = optuna.create_study(sampler=sampler, directions=["minimize"] * num_objectives)
        for _ in range(3):
            study.tell(study.ask(pair), [1.0] * num_objectives)
    except Exception as error:  # a sampler may raise anything on values and spaces that it does not support
        what = f"sampler_parameters and problem for {kind.__name__}"
        actual = f"{dict(own)!r} and {num_objectives} objectives"
        raise InvalidInput(what, expected="a supported combination", actual=actual, hint=str(error)) from error


class RandomTrials(RandomSampler):
    """Samples the same values as ``RandomSampler``, with one draw per trial instead of one per parameter.

    For a categorical parameter it draws one number per choice, and takes the choice with the largest.
    """

    def __init__(self, seed: int, distributions: Mapping[str, BaseDistribution]) -> None:
        super().__init__(seed=seed)
        self._generator = np.random.RandomState(seed)
        self._space = {name: d for name, d in distributions.items() if not d.single()}
        self._num_jobs = len(distributions) // 2
        core = next(iter(distributions.values()))
        self._draws_a_core = len(core.choices) if isinstance(core, CategoricalDistribution) else 1
        if core.single():
            self._draws_a_core = 0

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return all parameters that have more than one value."""
        return self._space

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, float]:
        """Sample a value for each of these parameters."""
        draws = self._generator.random_sample(self._num_jobs * (self._draws_a_core + 1))
        cores, priorities = draws[: -self._num_jobs], draws[-self._num_jobs :]
        if self._draws_a_core > 1:
            cores = cores.reshape(self._num_jobs, -1).argmax(axis=1)
        return dict(zip(self._space, [*cores.tolist(), *priorities.tolist()], strict=True))
