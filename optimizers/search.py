"""Running one optimizer on one problem."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from bench.errors import BadProposal, InvalidInput, M3EError, UnknownName
from optimizers.builtin import OPTIMIZERS
from optimizers.contract import AskTellOptimizer, FloatArray, IntArray, Objective, Optimizer, SearchSpace
from optimizers.evaluators import (
    Budgeted,
    BudgetSpent,
    Checked,
    Recorded,
    RunEnded,
    Timed,
    TimedAskTell,
)
from optimizers.wall import WallLimited, alarm

LARGEST_BUDGET = 10**12
LARGEST_SEED = 2**32 - 1  # what all libraries take

_OWN = ("self", "space", "budget", "seed")


@dataclass(frozen=True)
class Seconds:
    """Where the time of a run went; ``ask`` and ``tell`` are 0 for methods that own their loop."""

    ask: float
    tell: float
    evaluate: float
    total: float


@dataclass(frozen=True, eq=False)
class Result:
    """What a run found.

    Attributes:
        best_value: Lowest makespan in cycles; ``inf`` if nothing was evaluated.
        best_cores: ``(G,)`` of the best mapping.
        best_priorities: ``(G,)`` of the best mapping.
        num_evaluations: Mappings scored.
        trace_evaluations: ``(n,)`` evaluations, counted from 1, at which the best improved.
        trace_values: ``(n,)`` the best then, cycles.
        trace_seconds: ``(n,)`` seconds since the start then.
        checkpoints: ``(m, 2)`` evaluations and seconds since the start, about ten a decade.
        all_values: ``(num_evaluations,)`` every makespan, or empty unless kept.
        stopped: ``budget``, ``wall`` (limit) or ``finished`` (nothing more to try).
        seconds: Where the time went.
    """

    best_value: float
    best_cores: IntArray
    best_priorities: FloatArray
    num_evaluations: int
    trace_evaluations: IntArray
    trace_values: FloatArray
    trace_seconds: FloatArray
    checkpoints: FloatArray
    all_values: FloatArray
    stopped: str
    seconds: Seconds


def names() -> list[str]:
    """The names of all optimizers, plug-ins included."""
    return OPTIMIZERS.names()


def resolve_parameters(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of optimizer ``name``: its defaults, what its entry fixes, and ``parameters``.

    Raises:
        UnknownName: If there is no such optimizer, or it has no such parameter.
        InvalidInput: If a value cannot be stored, or the optimizer lacks a default.
    """
    entry = OPTIMIZERS.get(name)
    signature = inspect.signature(entry.load()).parameters.values()
    known = {p.name: p.default for p in signature if p.name not in _OWN and p.kind is p.KEYWORD_ONLY}
    open_parameters = [p for p in known if p not in entry.parameters]
    for parameter in parameters:
        if parameter not in open_parameters:
            raise UnknownName(f"parameter of optimizer {name!r}:", parameter, open_parameters)
    resolved = {**known, **entry.parameters, **parameters}
    for parameter, value in resolved.items():
        if value is inspect.Parameter.empty:
            raise InvalidInput(f"optimizer {name!r}: parameter {parameter}", expected="a default", actual="none")
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            what = f"optimizer {name!r}: parameter {parameter}"
            raise InvalidInput(what, expected="a value that JSON can hold", actual=value) from None
    return resolved


def check_parameters(name: str, parameters: Mapping[str, Any]) -> None:
    """See that optimizer ``name`` can be made with ``parameters``.

    Raises:
        UnknownName: If there is no such optimizer or parameter.
        InvalidInput: If a value does not fit.
        MissingExtra: If its library is not installed.
    """
    resolve_parameters(name, parameters)
    if not parameters:
        return
    try:
        create(name, SearchSpace(2, 2), budget=1, seed=0, parameters=parameters)
    except M3EError:
        raise
    except Exception as error:  # whatever a constructor makes of a wrong type
        what = f"parameters of optimizer {name!r}"
        raise InvalidInput(what, expected="values that it takes", actual=dict(parameters), hint=str(error)) from error


def create(name: str, space: SearchSpace, *, budget: int, seed: int, parameters: Mapping[str, Any]) -> Optimizer:
    """A new optimizer for one run.

    Raises:
        UnknownName: If there is no such optimizer or parameter.
        InvalidInput: If a parameter's value does not fit.
        MissingExtra: If its library is not installed.
    """
    resolved = resolve_parameters(name, parameters)
    optimizer: Optimizer = OPTIMIZERS.get(name).load()(space, budget=budget, seed=seed, **resolved)
    return optimizer


def minimize(
    problem: Objective,
    optimizer: str,
    *,
    budget: int = 10_000,
    seed: int = 0,
    wall_limit_seconds: float | None = None,
    **parameters: Any,
) -> Result:
    """Search ``problem`` with the optimizer of that name.

    Args:
        problem: A problem, or anything else with ``num_jobs``, ``num_cores`` and ``evaluate``.
        optimizer: A registered name, see ``names()``.
        budget: Evaluations; never exceeded.
        seed: Same seed, same result.
        wall_limit_seconds: The run ends then, and keeps what it found; None for no limit.
        **parameters: The optimizer's own.

    Raises:
        UnknownName: If there is no such optimizer or parameter.
        InvalidInput: If the budget is below 1, the seed outside 32 bits, or a parameter does not fit.
        BadProposal: If the optimizer proposes what is no mapping, or nothing.
    """
    search = Search(problem, optimizer, budget=budget, seed=seed, parameters=parameters)
    search.run(wall_limit_seconds)
    return search.result()


def _check_integer(what: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= most:
        raise InvalidInput(what, expected=f"an integer from {least} to {most:,}", actual=value)


class Search:
    """One run that can be looked at also if it fails: ``run`` once, then ``result`` in any case.

    Arguments and errors are those of ``minimize``; ``keep_all`` keeps every makespan.
    """

    def __init__(
        self,
        problem: Objective,
        name: str,
        *,
        budget: int,
        seed: int,
        parameters: Mapping[str, Any],
        keep_all: bool = False,
    ) -> None:
        _check_integer("budget", budget, 1, LARGEST_BUDGET)
        _check_integer("seed", seed, 0, LARGEST_SEED)
        self._name, self._budget = name, int(budget)
        space = SearchSpace(problem.num_jobs, problem.num_cores)
        self.optimizer = create(name, space, budget=int(budget), seed=int(seed), parameters=parameters)
        self._timed = Timed(problem)
        self._record = Recorded(self._timed, keep_all=keep_all)
        self._asked: TimedAskTell | None = None
        self._stopped = "finished"
        self._seconds = 0.0

    def run(self, wall_limit_seconds: float | None = None) -> None:
        """Search until the budget, the wall limit or the optimizer ends it.

        Raises:
            BadProposal: If the optimizer proposes what is no mapping, or nothing.
        """
        if wall_limit_seconds is not None and not 0 < wall_limit_seconds < np.inf:
            raise InvalidInput("wall limit", expected="a finite number of seconds above 0", actual=wall_limit_seconds)
        limited = WallLimited(Checked(self._record, self._name), wall_limit_seconds)
        evaluator = Budgeted(limited, self._budget)
        runner = self.optimizer
        if isinstance(runner, AskTellOptimizer):
            runner = self._asked = TimedAskTell(runner)
        self._record.restart_clock()
        start = perf_counter()
        try:
            with alarm(limited):
                runner.run(evaluator)
        except RunEnded as end:
            self._stopped = "budget" if isinstance(end, BudgetSpent) else "wall"
        finally:
            self._seconds = perf_counter() - start
        if self._stopped == "finished" and not self._record.num_evaluations:
            raise BadProposal(f"optimizer {self._name!r} proposed nothing at all")

    def result(self) -> Result:
        """What was found so far."""
        record, asked = self._record, self._asked
        improvements = np.array(record.improvements, dtype=np.float64).reshape(-1, 3)
        return Result(
            best_value=record.best_value,
            best_cores=record.best_cores,
            best_priorities=record.best_priorities,
            num_evaluations=record.num_evaluations,
            trace_evaluations=improvements[:, 0].astype(np.int64),
            trace_values=improvements[:, 1].copy(),
            trace_seconds=improvements[:, 2].copy(),
            checkpoints=np.array(record.checkpoints, dtype=np.float64).reshape(-1, 2),
            all_values=np.concatenate([np.zeros(0), *record.all_values]),
            stopped=self._stopped,
            seconds=Seconds(
                ask=asked.ask_seconds if asked else 0.0,
                tell=asked.tell_seconds if asked else 0.0,
                evaluate=self._timed.seconds,
                total=self._seconds,
            ),
        )
