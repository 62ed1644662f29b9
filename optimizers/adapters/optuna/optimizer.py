"""The adapter: one trial of Optuna an evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, ClassVar

from optimizers.adapters.losses import Losses
from optimizers.adapters.optuna.parameters import INTEGERS, distributions_of, rows_of
from optimizers.adapters.optuna.samplers import (
    NEVER_LEARN,
    SIZES,
    WITH_TORCH,
    check_usable,
    make_sampler,
    sampler_class,
    settings_of,
)
from optimizers.adapters.optuna.study import TrialLoop
from optimizers.adapters.optuna.surroundings import fallbacks_raise, one_torch_thread, quiet
from optimizers.contract import AskTellOptimizer, FloatArray, IntArray, Mappings, SearchSpace
from optimizers.encoding import ENCODINGS, NATIVE, codec_of


class OptunaOptimizer(AskTellOptimizer):
    """A sampler of Optuna, by default with its default settings.

    Args:
        method: Class name in ``optuna.samplers``, e.g. ``TPESampler``.
        encoding: ``native``: a core is a categorical parameter (an integer for samplers that do not model
            categories), a priority a float; ``continuous``: all floats in the unit cube.
        sampler_parameters: What the sampler is made with beside the seed, by the names of its constructor.

    Raises:
        UnknownName: If there is no such sampler, or it has no such parameter.
        InvalidInput: If the sampler cannot search such a space, or refuses a parameter.
        MissingExtra: If the sampler needs a library that is not installed.
        FallbackToRandom: (in ``ask``) If the sampler samples at random what it cannot model.
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
        sampler_parameters: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        self._codec = codec_of(encoding, space, ENCODINGS)
        kind = sampler_class(method)
        own = {} if sampler_parameters is None else sampler_parameters
        self._losses = Losses()
        self._with_torch, self._never_learns = method in WITH_TORCH, method in NEVER_LEARN
        integers = method in INTEGERS
        self._core_kind, self._distributions = distributions_of(space, encoding, integers=integers)
        num_choices = sum(not d.single() for d in self._distributions.values())
        self._settings = settings_of(kind, own, num_choices)
        with quiet():
            check_usable(kind, own, self._distributions, space.num_objectives)
            sampler = make_sampler(kind, own, seed, self._distributions)
            self._trials = TrialLoop(sampler, self._distributions, space.num_objectives)

    def settings(self) -> dict[str, Any]:
        """All parameters of the sampler's constructor, and what it is told a core is."""
        return {**self._settings, "core": self._core_kind}

    def first_population(self) -> int | None:
        """Trials at random, and the first generation of those that have one."""
        if self._never_learns:
            return None
        return max(sum(int(self._settings.get(name) or 0) for name in SIZES), 1)

    @contextmanager
    def surroundings(self) -> Iterator[None]:
        """Optuna's log is quiet but for its word that it samples at random, which is an error."""
        with fallbacks_raise(), one_torch_thread() if self._with_torch else nullcontext():
            yield

    def ask(self) -> Mappings:
        """One mapping, ``(1, G)``."""
        return self._codec.decode(rows_of([self._trials.ask()]))

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """The value or values of that mapping."""
        self._trials.tell(self._losses.of(values)[0].tolist())


class OptunaSingle(OptunaOptimizer):
    """A sampler of Optuna that takes one objective."""

    multi_objective = False


class OptunaTorch(OptunaOptimizer):
    """A sampler of Optuna that calculates with torch."""

    libraries = (*OptunaOptimizer.libraries, "torch")
