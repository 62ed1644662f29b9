"""The optimizers by name: their parameters, and how one is made."""

from __future__ import annotations

import hashlib
import inspect
import json
import warnings
from collections.abc import Mapping
from contextlib import suppress

import numpy as np

from optimizers.builtin import OPTIMIZERS
from optimizers.contract import AskTellOptimizer, Optimizer
from optimizers.derived import entry_of_class, lasting_name
from problems.foundation.checks import check_integer
from problems.foundation.errors import InvalidInput, M3EError, UnknownName
from problems.foundation.registry import Entry
from problems.space import Jobs, SearchSpace

OptimizerLike = str | type[Optimizer]
"""A registered name, ``package.module:Class``, or a class."""

_OWN = ("self", "space", "budget", "seed")


def names() -> list[str]:
    """Return the names of all optimizers, plug-ins included."""
    return OPTIMIZERS.names()


def entry_of(optimizer: OptimizerLike) -> Entry:
    """Return the entry of an optimizer, given by its name or as a class.

    Raises:
        UnknownName: If there is no such optimizer.
        InvalidInput: If there is no such module, or it is neither a name nor a class.
    """
    if isinstance(optimizer, str):
        return OPTIMIZERS.get(optimizer)
    if not isinstance(optimizer, type) or not issubclass(optimizer, Optimizer):
        expected = "a name, or a class derived from optimizers.Optimizer"
        raise InvalidInput("optimizer", expected=expected, actual=optimizer)
    return entry_of_class(optimizer)


def canonical_name(optimizer: OptimizerLike) -> str:
    """Return the name under which runs are stored: of a class its module and name, with ``#`` and a digest if named.

    Raises:
        UnknownName, InvalidInput: As ``entry_of``.
    """
    return entry_of(optimizer).name


def resolve_parameters(optimizer: OptimizerLike, parameters: Mapping[str, object]) -> dict[str, object]:
    """Return all parameters of ``optimizer``: its defaults, what its entry fixes, and ``parameters``.

    Raises:
        UnknownName: If there is no such optimizer, or it has no such parameter.
        InvalidInput: If it is to start from mappings but cannot, a value cannot be stored, it lacks a default, or a
            file that it names is not there.
    """
    entry, name = entry_of(optimizer), _told(optimizer)
    factory = entry.load()
    signature = _signature(factory, name)
    for p in signature:
        if p.name not in _OWN and p.kind is not p.KEYWORD_ONLY:
            what = f"optimizer {name!r}: parameter {p.name}"
            expected = "a keyword-only one, after a *"
            raise InvalidInput(what, expected=expected, actual=p.kind.description, hint="All of them are stored.")
    known = {p.name: p.default for p in signature if p.name not in _OWN}
    open_parameters = [p for p in known if p not in entry.parameters]
    for parameter in parameters:
        if parameter == "warm_start" and parameter not in known:
            raise _no_warm_start(factory, name)
        if parameter not in open_parameters:
            raise UnknownName(f"parameter of optimizer {name!r}:", parameter, open_parameters)
    resolved = {**known, **entry.parameters, **{n: _plain(v) for n, v in parameters.items()}}
    if hasattr(factory, "identify"):  # a factory need not be a class
        identified = factory.identify(resolved)
        if not isinstance(identified, Mapping):
            what = f"optimizer {name!r}: identify"
            raise InvalidInput(what, expected="a dictionary of parameters", actual=identified)
        resolved |= identified
    for parameter, value in resolved.items():
        if value is inspect.Parameter.empty:
            raise InvalidInput(f"optimizer {name!r}: parameter {parameter}", expected="a default", actual="none")
        _check_json(f"optimizer {name!r}: parameter {parameter}", value)
    return resolved


def _signature(factory: object, name: str) -> list[inspect.Parameter]:
    """The parameters that a factory takes."""
    try:
        return list(inspect.signature(factory).parameters.values())  # type: ignore[arg-type]  # it checks
    except (TypeError, ValueError) as error:
        expected = "a class derived from optimizers.Optimizer, or a function that makes one"
        raise InvalidInput(f"what optimizer {name!r} names", expected=expected, actual=factory) from error


def _plain(value: object) -> object:
    """Return a value with Python's numbers and lists in place of NumPy's."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if type(value) in (list, tuple) else value  # type: ignore[attr-defined]


def _check_json(what: str, value: object, *, allow_nan: bool = False) -> None:
    """Raise unless a value can be stored.

    Raises:
        InvalidInput: If JSON, or UTF-8, cannot hold it.
    """
    try:
        json.dumps(value, allow_nan=allow_nan, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise InvalidInput(what, expected="a value that JSON can hold", actual=value) from None


def plain_settings(name: str, settings: object) -> dict[str, object]:
    """Return what an optimizer says of its settings, as it can be stored.

    Raises:
        InvalidInput: If it is no dictionary, or JSON cannot hold it.
    """
    what = f"optimizer {name!r}: settings"
    if not isinstance(settings, dict) or not all(isinstance(key, str) for key in settings):
        raise InvalidInput(what, expected="a dictionary with names as keys", actual=settings)
    plain = {key: _plain(value) for key, value in settings.items()}
    _check_json(what, plain, allow_nan=True)
    return plain


def _no_warm_start(factory: object, name: str) -> InvalidInput:
    hint = getattr(factory, "no_warm_start", Optimizer.no_warm_start)
    return InvalidInput("warm_start", expected="an optimizer that can start from mappings", actual=name, hint=hint)


def check_parameters(optimizer: OptimizerLike, parameters: Mapping[str, object]) -> None:
    """Check that ``optimizer`` can be made with ``parameters``, but for those whose values fit one problem alone.

    Raises:
        UnknownName: If there is no such optimizer or parameter.
        InvalidInput: If a value is not valid.
        MissingExtra: If its library is not installed.
    """
    resolve_parameters(optimizer, parameters)
    bound = getattr(entry_of(optimizer).load(), "of_a_problem", Optimizer.of_a_problem)
    parameters = {name: value for name, value in parameters.items() if name not in bound}
    toy = SearchSpace(4, 2, jobs=Jobs(np.ones((4, 2)), np.ones((4, 2)), 1.0))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a toy
            create(optimizer, toy, budget=100, seed=0, parameters=parameters)
    except M3EError:
        raise
    except (Exception, SystemExit) as error:  # whatever a constructor makes of a wrong type
        if not parameters:  # the toy may be to blame: the run itself will tell
            return
        what, hint = f"parameters of optimizer {_told(optimizer)!r}", f"{type(error).__name__}: {error}"
        raise InvalidInput(what, expected="values that it takes", actual=dict(parameters), hint=hint) from error


def create(
    optimizer: OptimizerLike, space: SearchSpace, *, budget: int, seed: int, parameters: Mapping[str, object]
) -> Optimizer:
    """Make a new optimizer for one run.

    Raises:
        UnknownName: If there is no such optimizer or parameter.
        InvalidInput: If a parameter is not valid.
        MissingExtra: If its library is not installed.
    """
    resolved, name = resolve_parameters(optimizer, parameters), _told(optimizer)
    factory = entry_of(optimizer).load()
    _check_class(factory, name)
    made = factory(space, budget=budget, seed=seed, **resolved)
    if not isinstance(made, Optimizer):
        what = f"what optimizer {name!r} makes"
        raise InvalidInput(what, expected="an optimizers.Optimizer", actual=type(made).__name__)
    if isinstance(made, AskTellOptimizer) and getattr(made.run, "__func__", None) is not AskTellOptimizer.run:
        hint = "Derive it from optimizers.Optimizer to own the loop; an AskTellOptimizer's own would be ignored."
        what, expected = f"optimizer {name!r}: {type(made).__name__}", "either ask and tell, or run"
        raise InvalidInput(what, expected=expected, actual="an AskTellOptimizer with a run of its own", hint=hint)
    if (first := made.first_population()) is not None:
        check_integer(f"optimizer {name!r}: first_population", first, 1)
    plain_settings(name, made.settings())
    return made


def warm_up(optimizer: OptimizerLike) -> None:
    """Load and compile what ``optimizer`` needs, so that no run is charged for it; see ``Optimizer.warm_up``.

    Raises:
        UnknownName: If there is no such optimizer.
        MissingExtra: If its library is not installed.
    """
    factory = entry_of(optimizer).load()
    if hasattr(factory, "warm_up"):  # a factory need not be a class
        factory.warm_up()


def derived_seed(optimizer: OptimizerLike, seed: int) -> int:
    """Return the seed, 32 bits, that ``optimizer`` gets in a run with ``seed``.

    It depends on the name (without the digest of a file, and the folders of a program), so that methods that draw alike
    do not start with the same mappings: statistics take the seeds of different optimizers as independent. Runs of one
    optimizer share it, whatever the parameters: their seeds are paired.
    """
    told = f"{lasting_name(canonical_name(optimizer))}, seed {seed}"
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "little")


def _check_class(factory: object, name: str) -> None:
    """Raise for a class that is not an optimizer, or lacks methods of one; other factories are checked once called."""
    what = f"what optimizer {name!r} names"
    if inspect.isclass(factory) and not issubclass(factory, Optimizer):
        raise InvalidInput(what, expected="a class derived from optimizers.Optimizer", actual=factory.__name__)
    tuned_on = getattr(factory, "tuned_on", ())
    if not isinstance(tuned_on, tuple | list) or not all(isinstance(each, str) for each in tuned_on):
        expected = "patterns of problem ids, such as ('mix/*',)"
        raise InvalidInput(f"optimizer {name!r}: tuned_on", expected=expected, actual=tuned_on)
    if inspect.isabstract(factory):
        lacks = ", ".join(sorted(getattr(factory, "__abstractmethods__", ())))
        raise InvalidInput(what, expected="a class with all methods of an optimizer", actual=f"one without {lacks}")


def check_objectives(optimizer: OptimizerLike, num_objectives: int) -> None:
    """Check that ``optimizer`` takes problems with so many objectives.

    Raises:
        UnknownName: If there is no such optimizer.
        InvalidInput: If it does not, naming those that do.
    """
    if num_objectives == 1 or _takes_several(optimizer):
        return
    able = []
    for other in names():
        with suppress(M3EError):  # what cannot be loaded takes nothing
            able += [other] if _takes_several(other) else []
    what = f"problem for optimizer {_told(optimizer)!r}"
    hint = f"These take several: {', '.join(able)}."
    raise InvalidInput(what, expected="one objective", actual=str(num_objectives), hint=hint)


def _takes_several(optimizer: OptimizerLike) -> bool:
    return bool(getattr(entry_of(optimizer).load(), "multi_objective", False))


def sees_jobs(optimizer: OptimizerLike) -> bool:
    """Whether ``optimizer`` sees the jobs, and so is not a black-box optimizer.

    Raises:
        UnknownName: If there is no such optimizer.
        MissingExtra: If its library is not installed.
    """
    return bool(getattr(entry_of(optimizer).load(), "sees_jobs", False))


def _told(optimizer: OptimizerLike) -> str:
    """Return the name for messages: as it was given, or that of the class."""
    return optimizer if isinstance(optimizer, str) else canonical_name(optimizer)
