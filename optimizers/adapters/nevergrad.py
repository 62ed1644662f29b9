"""Nevergrad's optimizers, by ask and tell, one mapping at a time (``num_workers=1``).

Most of their randomness is the parametrization's; some draw from the process-wide generators all the same.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from bench.errors import InvalidInput, M3EError, MissingExtra, UnknownName
from optimizers.adapters import FallbackToRandom
from optimizers.adapters.global_random import GlobalRandom
from optimizers.adapters.losses import Losses
from optimizers.contract import AskTellOptimizer, FloatArray, IntArray, Mappings, SearchSpace
from optimizers.encoding import ENCODINGS, NATIVE, codec_of

with GlobalRandom(0).lent():  # importing it seeds and draws
    import nevergrad as ng

HARMLESS = (
    "orphanated injected solution",  # CMA was told of a point that a small population made twice
    "COBYLA: Invalid",  # it sets the value right by itself
    "Budget may be too small",
    r"ES algorithms are inefficient with budget < 60",
)
"""Beginnings of warnings about tiny problems and budgets, which nobody can act on."""

FALLBACKS = (
    "Underlying optimizer has already converged, returning random points",
    "Failed to find bounds",
    "Voronoi DE needs a shape",
)
"""Beginnings of warnings that say that the method is not the one by its name."""

LAST_SECONDS = 5.0
"""How long a run waits for the end of the library's own threads."""

SIZES = {"population": "llambda", "cma_population": "_popsize"}
"""Sizes that an optimizer works out from budget and dimension, and where it keeps them."""

FIRST_POPULATIONS: Mapping[str, Callable[[Any], Any]] = {
    "_DE": lambda optimizer: optimizer.llambda,
    "_PSO": lambda optimizer: optimizer.llambda,
    "_CMA": lambda optimizer: (optimizer._config.inopts or {}).get("popsize", optimizer._popsize),
    "_TBPSA": lambda optimizer: optimizer.popsize.llambda,
    "cGA": lambda optimizer: 2,  # a pair, which it compares
    "_OnePlusOne": lambda optimizer: 2,  # the first and a mutation of it, as nothing else was told
}
"""By the class that an optimizer really is: how many values it is told before the first can matter."""

ADDRESS = re.compile(r" at 0x[0-9a-f]+")


class LibraryFailure(M3EError):
    """An optimizer of Nevergrad fails by itself; the message names it."""

    exit_code = 1


class NevergradOptimizer(AskTellOptimizer):
    """An optimizer of Nevergrad's registry.

    Args:
        method: Its name there, e.g. ``DE``.
        encoding: ``native``: cores are a ``TransitionChoice``, which the library advises for small ranges of
            integers, and priorities an array; ``continuous``: one array, the unit cube.
        configuration: Arguments of the class that Nevergrad made ``method`` from, e.g. ``{"popsize": 20}`` for ``DE``;
            they replace those of ``method``. None changes nothing.

    Raises:
        UnknownName: If Nevergrad has no such optimizer, or that no such argument.
        InvalidInput: If the optimizer cannot be configured, or not so.
        MissingExtra: (also in ``ask``) If it needs a library that is not installed.
        FallbackToRandom: (in ``ask``) If it says that it searches at random, or otherwise than its name says.
        LibraryFailure: (also in ``ask`` and ``tell``) If it fails.
    """

    libraries = ("nevergrad", "cma")

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        method: str = "DE",
        encoding: str = NATIVE,
        configuration: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        self._codec = codec_of(encoding, space, ENCODINGS)
        if method not in ng.optimizers.registry:
            raise UnknownName("optimizer of Nevergrad", method, ng.optimizers.registry)
        self._method = method
        self._random = GlobalRandom(seed)
        with self._calling():
            parametrization = parametrize(space, encoding)
            parametrization.random_state = np.random.RandomState(seed)
            self._optimizer, self._settings = self._make(configure(method, configuration), parametrization)
            self._first_population = first_population_of(self._optimizer)  # later a method may have changed its size
        self._candidate: Any = None
        self._losses = Losses()

    def settings(self) -> dict[str, Any]:
        """The optimizer's own configuration, where Nevergrad tells it, and what the optimizer chose to use."""
        return dict(self._settings)

    def first_population(self) -> int | None:
        """As far as the method is known; of a portfolio the smallest of its methods', so not too much."""
        return self._first_population

    @contextmanager
    def surroundings(self) -> Iterator[None]:
        """The library's, until its threads have ended: methods that own their loop run in one that never would."""
        before = set(threading.enumerate())
        with self._calling():
            try:
                yield
            finally:
                stop([thread for thread in threading.enumerate() if thread not in before])

    @contextmanager
    def _calling(self) -> Iterator[None]:
        """The run's own global randomness; word of a fallback is an error, and no complaints about tiny problems.

        On a gene or two the library divides 0 by 0 where all values are equal.
        """
        with self._random.lent(), np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
            for message in HARMLESS:
                warnings.filterwarnings("ignore", message=message)
            for message in FALLBACKS:
                warnings.filterwarnings("error", message=message)
            yield

    def ask(self) -> Mappings:
        """One mapping, ``(1, G)``."""
        try:
            self._candidate = self._optimizer.ask()
        except Exception as error:  # whatever its libraries raise
            raise self._explained(error) from error
        return self._codec.decode(point_of(self._candidate, self.space)[None, :])

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """The value of that mapping."""
        try:
            self._optimizer.tell(self._candidate, float(self._losses.of(values)[0, 0]))
        except Exception as error:  # whatever its libraries raise
            raise self._explained(error) from error

    def _make(self, configured: Any, parametrization: Any) -> tuple[Any, dict[str, Any]]:
        """The optimizer of this run and its settings; to be told, it chooses now what it would choose at first use."""
        try:
            optimizer = configured(parametrization, budget=self.budget, num_workers=1)
            return optimizer, tell_settings(configured, optimizer)
        except Exception as error:  # whatever its libraries raise
            raise self._explained(error) from error

    def _explained(self, error: Exception) -> M3EError:
        """The suite's error for one of the library, some of which come from its threads as causes of others."""
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
        """What ended the library's thread: it warns that it has converged before it looks whether it has failed."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self._optimizer.ask()
            except Exception as error:  # whatever its libraries raise
                return error
        return warning


class NevergradSequence(NevergradOptimizer):
    """A fixed sequence of Nevergrad's: every seed proposes the same."""

    seeded = False


def stop(threads: list[threading.Thread]) -> None:
    """End the threads of Nevergrad among these."""
    for thread in threads:
        if hasattr(thread, "stop"):
            thread.stop()
            thread.join(LAST_SECONDS)


def parametrize(space: SearchSpace, encoding: str) -> Any:
    """What Nevergrad is told of the mappings."""
    if encoding != NATIVE:
        return _array(2 * space.num_jobs)
    choices = range(max(space.num_cores, 2))  # discrete mutations refuse a choice of one, and CMA a single dimension
    cores = ng.p.TransitionChoice([min(c, space.num_cores - 1) for c in choices], repetitions=space.num_jobs)
    return ng.p.Dict(cores=cores, priorities=_array(space.num_jobs))


def _array(size: int) -> Any:
    return ng.p.Array(shape=(size,), lower=0.0, upper=1.0)


def point_of(candidate: Any, space: SearchSpace) -> FloatArray:
    """The point ``(2G,)`` of the codecs that a candidate stands for.

    The choices are the cores by number, so that their indices are the cores; ``value`` looks up each of them.
    """
    if isinstance(candidate, ng.p.Array):
        return np.asarray(candidate.value, dtype=np.float64)
    cores = np.minimum(candidate["cores"].indices.value, space.num_cores - 1)
    return np.concatenate([cores, candidate["priorities"].value])


def value_of(point: FloatArray, encoding: str) -> Any:
    """What ``value`` of the candidate of a point ``(2G,)`` is: a dictionary, or the point itself."""
    if encoding != NATIVE:
        return point
    half = len(point) // 2
    return {"cores": tuple(point[:half].astype(np.int64).tolist()), "priorities": point[half:]}


def configure(method: str, configuration: Mapping[str, Any] | None) -> Any:
    """Nevergrad's optimizer of that name, with ``configuration`` in place of its own arguments.

    Raises:
        UnknownName: If it has no such argument.
        InvalidInput: If it has none at all, or refuses their values.
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
    except Exception as error:  # whatever its constructor makes of a wrong value
        expected = f"values that Nevergrad's {method!r} takes"
        raise InvalidInput("configuration", expected=expected, actual=dict(configuration), hint=str(error)) from error


def tell_settings(configured: Any, optimizer: Any) -> dict[str, Any]:
    """The arguments of a configured optimizer, and under ``chosen`` what one that chooses has chosen."""
    settings = configured.config() if hasattr(configured, "config") else {}
    told = {name: _as_json(value) for name, value in sorted(settings.items())}
    sizes = {name: getattr(optimizer, attribute, None) for name, attribute in SIZES.items()}
    told |= {name: int(size) for name, size in sizes.items() if isinstance(size, int | np.integer)}
    chosen = choice_of(optimizer)
    return {**told, "chosen": chosen} if chosen else told


def first_population_of(optimizer: Any) -> int | None:
    """How many values an optimizer of Nevergrad is told before one can matter: 1 if unknown, None if none ever does."""
    if optimizer.one_shot:
        return None
    if hasattr(optimizer, "optim"):
        return first_population_of(optimizer.optim)
    if type(optimizer) is ng.optimizers.Portfolio and optimizer._warmup_budget is None:
        return min(filter(None, map(first_population_of, optimizer.optims)), default=None)
    size_of = FIRST_POPULATIONS.get(type(optimizer).__name__)
    size = size_of(optimizer) if size_of else 1
    return max(int(size), 1) if isinstance(size, int | np.integer) else 1  # it takes other values too


def choice_of(optimizer: Any) -> Any:
    """Names and arguments of the optimizers that one consists of, as far as it tells; None if it is one by itself."""
    if hasattr(optimizer, "optim"):
        return _describe(optimizer.optim)
    parts = getattr(optimizer, "optims", None)
    return [_describe(part) for part in parts] if isinstance(parts, list) else None


def _describe(optimizer: Any) -> dict[str, Any]:
    inner = choice_of(optimizer)
    return {"name": _as_json(optimizer.name), **({"chosen": inner} if inner else {})}


def _as_json(value: Any) -> Any:
    """A setting as a JSON value: optimizers and classes by name, and no addresses."""
    if isinstance(value, bool | int | float | str | None):
        return value
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _as_json(item) for name, item in value.items()}
    if isinstance(value, type):
        return value.__name__
    return ADDRESS.sub("", repr(value))
