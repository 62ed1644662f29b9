"""Adapter to Nevergrad's optimizers by ask and tell, one mapping at a time unless told otherwise.

Most of them draw from the random state of the parametrization, some also from the global generators.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module

import numpy as np
from threadpoolctl import threadpool_limits

from optimizers.adapters import FallbackToRandom
from optimizers.contract import AskTellOptimizer
from optimizers.native.warm_start import MappingTables, check_learns, mappings_of
from problems.arrays import FloatArray, IntArray
from problems.doors.encoding import CONTINUOUS, ENCODINGS, NATIVE, codec_of
from problems.doors.global_random import GlobalRandom
from problems.doors.losses import Losses
from problems.doors.nevergrad import ng, parametrize, point_of, value_of
from problems.foundation.checks import check_integer
from problems.foundation.errors import InvalidInput, LibraryFailure, M3EError, MissingExtra, UnknownName
from problems.foundation.json_values import to_json
from problems.space import Mappings, SearchSpace

import_module("cma")  # Nevergrad would import it within a run

HARMLESS = (
    "orphanated injected solution",  # a small CMA population contained the same point twice
    "COBYLA: Invalid",  # COBYLA corrects the value itself
    "Budget may be too small",
    r"ES algorithms are inefficient with budget < 60",
    r"elements of z2\[k\] are larger than 55",  # CMA was told a point far from its own, and clips the update
)
"""Prefixes of warnings about tiny problems and budgets, which users cannot act on."""

FALLBACKS = (
    "Underlying optimizer has already converged, returning random points",
    "Failed to find bounds",
    "Voronoi DE needs a shape",
)
"""Prefixes of warnings that the search no longer follows the named method."""

LAST_SECONDS = 5.0
"""How long a run waits for each of the library's own threads to end."""

SIZES = {"population": "llambda", "cma_population": "_popsize"}
"""Population sizes that an optimizer derives from budget and dimension, and the attributes that hold them."""

FIRST_POPULATIONS: Mapping[str, Callable[[ng.optimizers.base.Optimizer], object]] = {
    "_DE": lambda optimizer: optimizer.llambda,
    "_PSO": lambda optimizer: optimizer.llambda,
    "_CMA": lambda optimizer: (optimizer._config.inopts or {}).get("popsize", optimizer._popsize),
    "_TBPSA": lambda optimizer: optimizer.popsize.llambda,
    "cGA": lambda optimizer: 2,  # a pair that it compares
    "_OnePlusOne": lambda optimizer: 2,  # the initial point and one mutation of it
}
"""How many values an optimizer is told before one can matter, by the name of its actual class."""


BETTER_NATIVE = frozenset(("CMA", "DiagonalCMA", "DiscreteOnePlusOne", "NGOpt", "PSO"))
"""Methods that find better mappings in the native encoding; others don't, and cost more in it.

Measured by ``tests/trials/compare_encodings.py``; its table is in ``tests/trials/README.md``.
"""


class NevergradOptimizer(AskTellOptimizer):
    """An optimizer of Nevergrad's registry.

    Args:
        method: Name in the registry, e.g. ``DE``.
        encoding: ``native``: cores are a ``TransitionChoice``, which the library recommends for small integer ranges,
            and priorities an array; ``continuous``: one array, the unit cube; None for that which suits ``method``.
        configuration: Arguments that override those of ``method``, by the names of its configuration class, e.g.
            ``{"popsize": 20}`` for ``DE``; None keeps all of them.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``: they are proposed first, by
            ``suggest``.
        batch: Mappings per ask, none of which knows the others' values: ``num_workers``, as in parallel evaluation.

    Raises:
        UnknownName: If Nevergrad has no such optimizer, or the optimizer no such argument.
        InvalidInput: If the optimizer cannot be configured, or not with these values; if a warm start is of no use
            to it, or contains an invalid mapping; if the batch is below 1, or above it for a method without a parallel
            form.
        MissingExtra: (also in ``ask``) If the optimizer needs a library that is not installed.
        FallbackToRandom: (in ``ask``) If the optimizer warns that it searches at random, or by another method.
        LibraryFailure: (also in ``ask`` and ``tell``) If the optimizer raises an unexpected exception.
    """

    libraries = ("nevergrad", "cma")

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        method: str = "DE",
        encoding: str | None = None,
        configuration: Mapping[str, object] | None = None,
        warm_start: MappingTables | None = None,
        batch: int = 1,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        encoding = encoding_for(method) if encoding is None else encoding
        self._codec = codec_of(encoding, space, ENCODINGS)
        if method not in ng.optimizers.registry:
            raise UnknownName("optimizer of Nevergrad", method, ng.optimizers.registry)
        self._method = method
        self._batch = _check_batch(method, batch)
        self._left = budget
        self._random = GlobalRandom(seed)
        with self._calling():
            parametrization = parametrize(space, encoding)
            parametrization.random_state = np.random.RandomState(seed)
            self._optimizer, self._settings = self._make(configure(method, configuration), parametrization)
            self._first_population = first_population_of(self._optimizer)  # now: some methods change their size later
            if warm_start is not None:
                check_learns(method, self._first_population)
                self._suggest(self._codec.encode(*mappings_of(warm_start, space)), encoding)
        self._candidates: list[ng.p.Parameter] = []
        self._losses = Losses()

    @classmethod
    def identify(cls, parameters: Mapping[str, object]) -> dict[str, object]:
        """Tell the encoding that None stands for."""
        return {"encoding": encoding_for(parameters["method"])} if parameters["encoding"] is None else {}

    def settings(self) -> dict[str, object]:
        """The optimizer's configuration, as far as Nevergrad exposes it, and the methods that it chose."""
        return dict(self._settings)

    def first_population(self) -> int | None:
        """A lower bound: 1 for methods that are not known, and of a portfolio the smallest size of its methods."""
        return self._first_population

    @contextmanager
    def surroundings(self) -> Iterator[None]:
        """Set up randomness and warnings; finally stop the threads in which some methods run a loop of their own."""
        before = set(threading.enumerate())
        with self._calling():
            try:
                yield
            finally:
                stop([thread for thread in threading.enumerate() if thread not in before])

    @contextmanager
    def _calling(self) -> Iterator[None]:
        """Lend the run's random state, turn warnings of a fallback into errors, and mute those about tiny problems.

        With one or two genes the library divides 0 by 0 if all values are equal. Linear algebra has one thread: the
        results of CMA-ES depend on the number.
        """
        with (
            self._random.lent(),
            threadpool_limits(1),
            np.errstate(divide="ignore", invalid="ignore"),
            warnings.catch_warnings(),
        ):
            for message in HARMLESS:
                warnings.filterwarnings("ignore", message=message)
            for message in FALLBACKS:
                warnings.filterwarnings("error", message=message)
            yield

    def ask(self) -> Mappings:
        """Return a batch of mappings, ``(batch, G)``; fewer at the end of the budget."""
        count = max(min(self._batch, self._left), 1)
        self._left -= count
        try:
            self._candidates = [self._optimizer.ask() for _ in range(count)]
        except Exception as error:  # its libraries may raise anything
            raise self._explained(error) from error
        return self._codec.decode(np.stack([point_of(candidate, self.space) for candidate in self._candidates]))

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Tell Nevergrad the values of the mappings asked last."""
        losses = self._losses.of(values)[:, 0].tolist()
        try:
            for candidate, loss in zip(self._candidates, losses, strict=True):
                self._optimizer.tell(candidate, loss)
        except Exception as error:  # its libraries may raise anything
            raise self._explained(error) from error

    def _suggest(self, points: FloatArray, encoding: str) -> None:
        """Let the ``points`` ``(P, 2G)`` be asked first: the last one suggested is asked next."""
        for point in points[::-1]:
            self._optimizer.suggest(value_of(point, encoding))

    def _make(
        self, configured: ng.optimizers.base.ConfiguredOptimizer, parametrization: ng.p.Parameter
    ) -> tuple[ng.optimizers.base.Optimizer, dict[str, object]]:
        """Make the optimizer of this run, and its settings: reading them triggers choices that it would make later."""
        try:
            optimizer = configured(parametrization, budget=self.budget, num_workers=min(self._batch, self.budget))
            return optimizer, tell_settings(configured, optimizer)
        except Exception as error:  # its libraries may raise anything
            raise self._explained(error) from error

    def _explained(self, error: Exception) -> M3EError:
        """Translate an error of the library, which may come from one of its threads as the cause of another one."""
        what = f"optimizer {self._method!r} of Nevergrad"
        if isinstance(error, Warning):
            error = self._error_behind(error)
        for cause in (error, error.__cause__):
            if isinstance(cause, ImportError):
                return MissingExtra(f"{what} needs an optional library that is not installed: {cause}")
        if isinstance(error, Warning):
            return FallbackToRandom(f"{what} does not search by its method: {error}")
        return LibraryFailure(f"{what} fails: {type(error).__name__}: {error}")

    def _error_behind(self, warning: Warning) -> Exception:
        """Return the error that ended the library's thread: it warns of convergence before it reports a failure."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self._optimizer.ask()
            except Exception as error:  # its libraries may raise anything
                return error
        return warning


class NevergradSequence(NevergradOptimizer):
    """A deterministic sequence of Nevergrad: the proposals do not depend on the seed."""

    seeded = False


def encoding_for(method: object) -> str:
    """Return the encoding that suits a method."""
    return NATIVE if method in BETTER_NATIVE else CONTINUOUS


def _check_batch(method: str, batch: object) -> int:
    """Return the size of a batch, which ``method`` can ask for."""
    size = check_integer("batch", batch, 1)
    if size > 1 and getattr(ng.optimizers.registry[method], "no_parallelization", False):
        hint = "It needs each value before it proposes the next mapping."
        raise InvalidInput("batch", expected=f"1 for Nevergrad's {method!r}", actual=size, hint=hint)
    return size


def stop(threads: list[threading.Thread]) -> None:
    """Stop those of the ``threads`` that belong to Nevergrad."""
    for thread in threads:
        if type(thread).__module__.startswith("nevergrad."):
            thread.stop()  # type: ignore[attr-defined]
            thread.join(LAST_SECONDS)


def configure(method: str, configuration: Mapping[str, object] | None) -> ng.optimizers.base.ConfiguredOptimizer:
    """Look up ``method`` in Nevergrad's registry, and override its arguments by those in ``configuration``.

    Raises:
        UnknownName: If the optimizer has no such argument.
        InvalidInput: If it takes no arguments at all, or rejects their values.
    """
    registered = ng.optimizers.registry[method]
    if configuration is None:
        return registered
    if not isinstance(configuration, Mapping):
        raise InvalidInput("configuration", expected="arguments by name", actual=configuration)
    if not hasattr(registered, "config"):
        actual = ", ".join(configuration) or "an empty one"
        raise InvalidInput("configuration", expected=f"none, for {method!r} has no arguments", actual=actual)
    own = registered.config()
    for name in configuration:
        if name not in own:
            raise UnknownName(f"configuration of Nevergrad's {method!r}:", name, own)
    try:
        return type(registered)(**{**own, **configuration}).set_name(method)
    except Exception as error:  # a constructor may raise anything on a wrong value
        expected = f"values that Nevergrad's {method!r} takes"
        raise InvalidInput("configuration", expected=expected, actual=dict(configuration), hint=str(error)) from error


def tell_settings(
    configured: ng.optimizers.base.ConfiguredOptimizer, optimizer: ng.optimizers.base.Optimizer
) -> dict[str, object]:
    """Return the arguments of an optimizer as JSON values, with the methods that it chose, if any, under ``chosen``."""
    settings = configured.config() if hasattr(configured, "config") else {}
    told = {name: to_json(value) for name, value in sorted(settings.items())}
    sizes = {name: getattr(optimizer, attribute, None) for name, attribute in SIZES.items()}
    told |= {name: int(size) for name, size in sizes.items() if isinstance(size, int | np.integer)}
    chosen = choice_of(optimizer)
    return {**told, "chosen": chosen} if chosen else told


def first_population_of(optimizer: ng.optimizers.base.Optimizer) -> int | None:
    """Count the values that ``optimizer`` is told before one can matter: 1 if unknown, None if none ever does."""
    if optimizer.one_shot:
        return None
    if hasattr(optimizer, "optim"):
        return first_population_of(optimizer.optim)
    if type(optimizer) is ng.optimizers.Portfolio and optimizer._warmup_budget is None:
        return min(filter(None, map(first_population_of, optimizer.optims)), default=None)
    tell = FIRST_POPULATIONS.get(type(optimizer).__name__)
    size = tell(optimizer) if tell else 1
    return max(int(size), 1) if isinstance(size, int | np.integer) else 1  # configured sizes may be of other types


def choice_of(optimizer: ng.optimizers.base.Optimizer) -> dict[str, object] | list[dict[str, object]] | None:
    """Describe the optimizer or optimizers that ``optimizer`` delegates to; None if there are none."""
    if hasattr(optimizer, "optim"):
        return _describe(optimizer.optim)
    parts = getattr(optimizer, "optims", None)
    return [_describe(part) for part in parts] if isinstance(parts, list) else None


def _describe(optimizer: ng.optimizers.base.Optimizer) -> dict[str, object]:
    name = to_json(optimizer.name)
    inner = choice_of(optimizer)
    return {"name": name, "chosen": inner} if inner else {"name": name}
