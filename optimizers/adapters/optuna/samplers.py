"""The classes of ``optuna.samplers`` by name, and how they are made."""

from __future__ import annotations

import importlib.util
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.trial import FrozenTrial

from bench.errors import InvalidInput, MissingExtra, UnknownName
from bench.extras import install_command

SEED = "seed"

WITH_TORCH = ("GPSampler",)

NEVER_LEARN = ("RandomSampler", "QMCSampler")

SIZES = ("n_startup_trials", "popsize", "population_size")
"""Parameters that say how many trials a sampler proposes before values count; those that it has add up."""

WORKED_OUT: Mapping[str, Mapping[str, Callable[[int], Any]]] = {
    "CmaEsSampler": {"popsize": lambda n: 4 + int(3 * math.log(max(n, 1))), "sigma0": lambda n: 1 / 6},
    "NSGAIISampler": {"mutation_prob": lambda n: 1 / max(n, 1), "crossover": lambda n: "UniformCrossover"},
    "NSGAIIISampler": {"mutation_prob": lambda n: 1 / max(n, 1), "crossover": lambda n: "UniformCrossover"},
}
"""What a None stands for that a sampler works out at its first trial, of n parameters in [0, 1] or wider.

Documented with each sampler; a test compares runs with None and with these values.
"""


def sampler_class(method: str) -> type[BaseSampler]:
    """The sampler class of that name.

    Raises:
        UnknownName: If there is none.
        MissingExtra: If it needs a library that is not installed.
    """
    known: dict[str, type[BaseSampler]] = {n: c for n, c in vars(optuna.samplers).items() if _can_be_made(c)}
    if method not in known:
        raise UnknownName("sampler of Optuna", method, known)
    if method in WITH_TORCH and importlib.util.find_spec("torch") is None:
        raise MissingExtra(f"sampler {method} of Optuna needs torch: {install_command('m3e[gp]')}")
    return known[method]


def _can_be_made(kind: Any) -> bool:
    """Whether it is a class of samplers that needs nothing to be made."""
    if not inspect.isclass(kind) or not issubclass(kind, BaseSampler) or inspect.isabstract(kind):
        return False
    parameters = inspect.signature(kind).parameters.values()
    return all(p.default is not p.empty for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))


def _defaults(kind: type[BaseSampler]) -> dict[str, Any]:
    return {p.name: p.default for p in inspect.signature(kind).parameters.values() if p.name != SEED}


def settings_of(kind: type[BaseSampler], own: Mapping[str, Any], num_parameters: int) -> dict[str, Any]:
    """All parameters as JSON values: ``own`` and the defaults; functions and objects by their qualified names.

    What depends on the number of parameters that have a choice is worked out.

    Raises:
        InvalidInput: If ``own`` is no table.
        UnknownName: If it has a parameter that the sampler does not know.
    """
    if not isinstance(own, Mapping):
        raise InvalidInput("sampler_parameters", expected="a table of parameters", actual=own)
    defaults = _defaults(kind)
    for name in own:
        if name not in defaults:
            raise UnknownName(f"sampler_parameters of {kind.__name__}:", name, defaults)
    settings = {name: _as_json(own.get(name, default)) for name, default in defaults.items()}
    later = WORKED_OUT.get(kind.__name__, {})
    return settings | {name: of(num_parameters) for name, of in later.items() if settings.get(name) is None}


def _as_json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def make_sampler(
    kind: type[BaseSampler], own: Mapping[str, Any], seed: int, distributions: Mapping[str, BaseDistribution]
) -> BaseSampler:
    """A new sampler; of the random one its equal that draws all parameters at once."""
    if kind is RandomSampler:
        return RandomTrials(seed, distributions)
    seeded = {SEED: seed} if SEED in inspect.signature(kind).parameters else {}
    return kind(**seeded, **own)


def check_usable(
    kind: type[BaseSampler], own: Mapping[str, Any], distributions: Mapping[str, BaseDistribution], num_objectives: int
) -> None:
    """See that a sampler can be made, and begins to search a core and a priority.

    Raises:
        InvalidInput: If not, with what it says.
    """
    names = list(distributions)
    pair = {name: distributions[name] for name in (names[0], names[-1])}
    try:
        sampler = make_sampler(kind, own, 0, pair)
        study = optuna.create_study(sampler=sampler, directions=["minimize"] * num_objectives)
        for _ in range(3):
            study.tell(study.ask(pair), [1.0] * num_objectives)
    except Exception as error:  # whatever a sampler makes of values and spaces that it does not take
        what = f"sampler_parameters and problem for {kind.__name__}"
        actual = f"{dict(own)!r} and {num_objectives} objectives"
        raise InvalidInput(what, expected="what it can search with", actual=actual, hint=str(error)) from error


class RandomTrials(RandomSampler):
    """The numbers of ``RandomSampler``, which takes a call for each parameter, by one draw a trial.

    Of a category it draws a number for each choice, and takes the largest.
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
        """All parameters that have more than one value."""
        return self._space

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """A value for each of them."""
        draws = self._generator.random_sample(self._num_jobs * (self._draws_a_core + 1))
        cores, priorities = draws[: -self._num_jobs], draws[-self._num_jobs :]
        if self._draws_a_core > 1:
            cores = cores.reshape(self._num_jobs, -1).argmax(axis=1)
        return dict(zip(self._space, [*cores.tolist(), *priorities.tolist()], strict=True))
