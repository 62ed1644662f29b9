"""The adapter: one Optuna trial per evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import ClassVar

from optimizers.adapters.optuna.samplers import (
    NEVER_LEARN,
    WITH_TORCH,
    check_usable,
    first_population_of,
    make_sampler,
    sampler_class,
    settings_of,
)
from optimizers.adapters.optuna.study import TrialLoop
from optimizers.adapters.optuna.surroundings import fallbacks_raise, one_torch_thread, quiet
from optimizers.adapters.rehearsal import rehearse
from optimizers.contract import AskTellOptimizer
from optimizers.native.warm_start import MappingTables, check_learns, mappings_of
from problems.arrays import FloatArray, IntArray
from problems.doors.encoding import ENCODINGS, NATIVE, codec_of
from problems.doors.losses import Losses
from problems.doors.optuna import INTEGERS, distributions_of, params_of, rows_of
from problems.foundation.checks import check_integer
from problems.space import Mappings, SearchSpace

REHEARSED = {"TPESampler": 12, "CmaEsSampler": 3, "NSGAIISampler": 2, "NSGAIIISampler": 2, "QMCSampler": 2}
"""Trials after which each has loaded all that it needs; that of TPE models from the eleventh on."""


class OptunaOptimizer(AskTellOptimizer):
    """A sampler of Optuna, by default with its default settings.

    Args:
        method: Class name in ``optuna.samplers``, e.g. ``TPESampler``.
        encoding: ``native``: a core is a categorical parameter (an integer for samplers that do not model
            categories), a priority a float; ``continuous``: all are floats in the unit cube.
        sampler_parameters: Arguments of the sampler's constructor other than the seed.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``: they are the first trials,
            and part of the first generation of samplers that have one, which trials by ``enqueue_trial`` are not.
        batch: Mappings per ask, trials that are open at once, as in parallel evaluation.

    Raises:
        UnknownName: If there is no such sampler, or it has no such parameter.
        InvalidInput: If the sampler cannot search such a space, or rejects a parameter, or a warm start is of no use
            to it, or contains an invalid mapping, or the batch is below 1.
        MissingExtra: If the sampler needs a library that is not installed.
        FallbackToRandom: (in ``ask``) If the sampler falls back to random sampling for what it cannot model.
    """

    multi_objective = True
    libraries: ClassVar[tuple[str, ...]] = ("optuna", "cmaes")

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        method: str = "TPESampler",
        encoding: str = NATIVE,
        sampler_parameters: dict[str, object] | None = None,
        warm_start: MappingTables | None = None,
        batch: int = 1,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        self._codec = codec_of(encoding, space, ENCODINGS)
        self._batch = min(check_integer("batch", batch, 1), budget)
        kind = sampler_class(method)
        own = {} if sampler_parameters is None else sampler_parameters
        self._losses = Losses()
        self._with_torch = method in WITH_TORCH
        self._core_kind, distributions = distributions_of(space, encoding, integers=method in INTEGERS)
        num_choices = sum(not d.single() for d in distributions.values())
        self._settings = settings_of(kind, own, num_choices)
        self._first_population = None if method in NEVER_LEARN else first_population_of(self._settings)
        first: list[dict[str, float]] = []
        if warm_start is not None:
            check_learns(method, self._first_population)
            rows = self._codec.encode(*mappings_of(warm_start, space))
            first = [params_of(row, distributions) for row in rows]
        with quiet():
            check_usable(kind, own, distributions, space.num_objectives)
            sampler = make_sampler(kind, own, seed, distributions)
            self._trials = TrialLoop(sampler, distributions, space.num_objectives, first)

    @classmethod
    def warm_up(cls) -> None:
        """Try every sampler of ``REHEARSED``."""
        for method, steps in REHEARSED.items():
            rehearse(cls, steps=steps, method=method)

    def settings(self) -> dict[str, object]:
        """All parameters of the sampler's constructor, and the kind of parameter that represents a core."""
        return {**self._settings, "core": self._core_kind}

    def first_population(self) -> int | None:
        """The random startup trials, plus the first generation of samplers that have generations."""
        return self._first_population

    @contextmanager
    def surroundings(self) -> Iterator[None]:
        """Silence Optuna's log, and turn its warnings of a fallback to random sampling into errors."""
        with fallbacks_raise(), one_torch_thread() if self._with_torch else nullcontext():
            yield

    def ask(self) -> Mappings:
        """Return a batch of mappings, ``(batch, G)``."""
        return self._codec.decode(rows_of([self._trials.ask() for _ in range(self._batch)]))

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Complete the trials of the mappings asked last."""
        for losses in self._losses.of(values).tolist():
            self._trials.tell(losses)


class OptunaSingle(OptunaOptimizer):
    """A sampler of Optuna that supports only one objective."""

    multi_objective = False


class OptunaTorch(OptunaOptimizer):
    """A sampler of Optuna that needs torch."""

    libraries = (*OptunaOptimizer.libraries, "torch")

    @classmethod
    def warm_up(cls) -> None:
        """Load torch, and what it loads with the first surrogate."""
        rehearse(cls, steps=3, method="GPSampler", sampler_parameters={"n_startup_trials": 1})
