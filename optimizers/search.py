"""Running one optimizer on one problem."""

from __future__ import annotations

import hashlib
import inspect
import json
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.errors import BadProposal, InvalidInput, M3EError, UnknownName
from optimizers.builtin import OPTIMIZERS
from optimizers.contract import (
    AskTellOptimizer,
    FloatArray,
    IntArray,
    Jobs,
    Objective,
    Optimizer,
    SearchSpace,
    check_integer,
    count_objectives,
    jobs_of,
)
from optimizers.evaluators import (
    Budgeted,
    BudgetSpent,
    Checked,
    Rankable,
    Recorded,
    Remembered,
    Repaired,
    RunEnded,
    Timed,
    TimedAskTell,
)
from optimizers.front import RecordedFront
from optimizers.journal import Journal, Journaled, replay
from optimizers.wall import WallLimited, alarm

LARGEST_BUDGET = 10**12
LONGEST_SECONDS = 10**9
"""Of a wall limit: thirty years; timers take not much more."""

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
        best_value: Lowest value, by default the makespan in cycles; with two objectives the hypervolume shortfall of
            the front, 0 to 1. ``inf`` if no mapping that can run was found.
        best_cores: ``(G,)`` of the best mapping; with two objectives of the front's first.
        best_priorities: ``(G,)``, likewise.
        front_values: ``(m, num_objectives)`` of the mappings that no other dominates, by ascending first value; with
            one objective of the best alone. None of them if none can run.
        front_cores: ``(m, G)``, likewise.
        front_priorities: ``(m, G)``, likewise.
        num_evaluations: Mappings scored.
        trace_evaluations: ``(n,)`` evaluations, counted from 1, at which the best improved.
        trace_values: ``(n,)`` ``best_value`` then.
        trace_seconds: ``(n,)`` seconds since the start then.
        checkpoints: ``(m, 2)`` evaluations and seconds since the start, about ten a decade.
        all_values: ``(num_evaluations,)``, with two objectives ``(num_evaluations, 2)``, every value;
            empty unless kept.
        all_cores: ``(num_evaluations, G)`` of every mapping, 16-bit integers; of size 0 unless kept.
        all_priorities: ``(num_evaluations, G)``, single precision, likewise.
        stopped: ``budget``, ``wall`` (limit) or ``finished`` (nothing more to try).
        seconds: Where the time went.
    """

    best_value: float
    best_cores: IntArray
    best_priorities: FloatArray
    front_values: FloatArray
    front_cores: IntArray
    front_priorities: FloatArray
    num_evaluations: int
    trace_evaluations: IntArray
    trace_values: FloatArray
    trace_seconds: FloatArray
    checkpoints: FloatArray
    all_values: FloatArray
    all_cores: npt.NDArray[np.int16]
    all_priorities: npt.NDArray[np.float32]
    stopped: str
    seconds: Seconds


def names() -> list[str]:
    """The names of all optimizers, plug-ins included."""
    return OPTIMIZERS.names()


def canonical_name(name: str) -> str:
    """``name``, and of a class that is named by its module ``module:Class#digest``, see ``optimizers.derived``.

    Raises:
        UnknownName: If there is no such optimizer.
        InvalidInput: If there is no such module.
    """
    return OPTIMIZERS.get(name).name


def resolve_parameters(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of optimizer ``name``: its defaults, what its entry fixes, and ``parameters``.

    Raises:
        UnknownName: If there is no such optimizer, or it has no such parameter.
        InvalidInput: If a value cannot be stored, or the optimizer lacks a default.
    """
    entry = OPTIMIZERS.get(name)
    signature = inspect.signature(entry.load()).parameters.values()
    for p in signature:
        if p.name not in _OWN and p.kind is not p.KEYWORD_ONLY:
            what, expected = f"optimizer {name!r}: parameter {p.name}", "one that must be told by its name, after a *"
            raise InvalidInput(what, expected=expected, actual=p.kind.description, hint="All of them are stored.")
    known = {p.name: p.default for p in signature if p.name not in _OWN}
    open_parameters = [p for p in known if p not in entry.parameters]
    for parameter in parameters:
        if parameter not in open_parameters:
            raise UnknownName(f"parameter of optimizer {name!r}:", parameter, open_parameters)
    given = {n: v.item() if isinstance(v, np.generic) else v for n, v in parameters.items()}
    resolved = {**known, **entry.parameters, **given}
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
    toy = SearchSpace(4, 2, jobs=Jobs(np.ones((4, 2)), np.ones((4, 2)), 1.0))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a toy
            create(name, toy, budget=100, seed=0, parameters=parameters)
    except M3EError:
        raise
    except (Exception, SystemExit) as error:  # whatever a constructor makes of a wrong type
        if not parameters:  # the toy may be to blame: the run itself will tell
            return
        what, hint = f"parameters of optimizer {name!r}", f"{type(error).__name__}: {error}"
        raise InvalidInput(what, expected="values that it takes", actual=dict(parameters), hint=hint) from error


def create(name: str, space: SearchSpace, *, budget: int, seed: int, parameters: Mapping[str, Any]) -> Optimizer:
    """A new optimizer for one run.

    Raises:
        UnknownName: If there is no such optimizer or parameter.
        InvalidInput: If a parameter's value does not fit.
        MissingExtra: If its library is not installed.
    """
    resolved = resolve_parameters(name, parameters)
    optimizer = OPTIMIZERS.get(name).load()(space, budget=budget, seed=seed, **resolved)
    if not isinstance(optimizer, Optimizer):
        what = f"what optimizer {name!r} names"
        raise InvalidInput(what, expected="a class derived from optimizers.Optimizer", actual=type(optimizer).__name__)
    if isinstance(optimizer, AskTellOptimizer) and getattr(optimizer.run, "__func__", None) is not AskTellOptimizer.run:
        hint = "Derive it from optimizers.Optimizer to own the loop; an AskTellOptimizer's own would be ignored."
        what, expected = f"optimizer {name!r}: {type(optimizer).__name__}", "either ask and tell, or run"
        raise InvalidInput(what, expected=expected, actual="an AskTellOptimizer with a run of its own", hint=hint)
    if (first := optimizer.first_population()) is not None:
        check_integer(f"optimizer {name!r}: first_population", first, 1)
    return optimizer


def derived_seed(name: str, seed: int) -> int:
    """The seed that optimizer ``name`` gets in a run of that ``seed``, 32 bits.

    It depends on the name (without the digest of a class's file), so that methods that draw alike do not begin with the
    same mappings: statistics take the seeds of different optimizers as independent, and no pair shares its luck while
    others do not. Runs of one optimizer, with whatever parameters, share it: their seeds are paired.
    """
    told = f"{canonical_name(name).partition('#')[0]}, seed {seed}"
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "little")


def check_objectives(name: str, num_objectives: int) -> None:
    """See that optimizer ``name`` takes problems with so many objectives.

    Raises:
        UnknownName: If there is no such optimizer.
        InvalidInput: If it does not, naming those that do.
    """
    if num_objectives == 1 or _takes_several(name):
        return
    able = []
    for other in names():
        with suppress(M3EError):  # what cannot be loaded takes nothing
            able += [other] if _takes_several(other) else []
    what = f"problem for optimizer {name!r}"
    hint = f"These take several: {', '.join(able)}."
    raise InvalidInput(what, expected="one objective", actual=str(num_objectives), hint=hint)


def _takes_several(name: str) -> bool:
    return bool(getattr(OPTIMIZERS.get(name).load(), "multi_objective", False))


def sees_jobs(name: str) -> bool:
    """Whether optimizer ``name`` is no black-box optimizer.

    Raises:
        UnknownName: If there is no such optimizer.
        MissingExtra: If its library is not installed.
    """
    return bool(getattr(OPTIMIZERS.get(name).load(), "sees_jobs", False))


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
        problem: A problem, or anything else that is an ``optimizers.Objective``.
        optimizer: A registered name, see ``names()``.
        budget: Evaluations; never exceeded.
        seed: Same seed, same result; the optimizer's own is derived from it and the name, see ``derived_seed``.
        wall_limit_seconds: The run ends then, and keeps what it found; None for no limit.
        **parameters: The optimizer's own.

    Raises:
        UnknownName: If there is no such optimizer or parameter.
        InvalidInput: If the budget is below 1, the seed outside 32 bits, a parameter does not fit, or the problem has
            two objectives and the optimizer takes one.
        BadProposal: If the optimizer proposes what is no mapping, or nothing.
    """
    search = Search(problem, optimizer, budget=budget, seed=seed, parameters=parameters)
    search.run(wall_limit_seconds)
    return search.result()


def check_wall_limit(seconds: object) -> None:
    """See that ``seconds`` can limit a run; None is no limit.

    Raises:
        InvalidInput: If they cannot.
    """
    if seconds is None:
        return
    is_number = isinstance(seconds, int | float | np.number) and not isinstance(seconds, bool)
    if not is_number or not 0 < seconds <= LONGEST_SECONDS:  # type: ignore[operator]
        expected = f"a finite number of seconds above 0, at most {LONGEST_SECONDS:,}"
        raise InvalidInput("wall limit", expected=expected, actual=seconds, hint="Leave it out for no limit.")


def _check_integer(what: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= most:
        raise InvalidInput(what, expected=f"an integer from {least} to {most:,}", actual=value)


class Search:
    """One run that can be looked at also if it fails: ``run`` once, then ``result`` in any case.

    Arguments and errors are those of ``minimize``; ``keep_all`` keeps every value, and
    ``keep_mappings`` every mapping; ``journal`` receives what is found, so that it survives the process.

    Attributes:
        settings: What the optimizer's library chose by default; {} until the optimizer is made.
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
        keep_mappings: bool = False,
        journal: Journal | None = None,
    ) -> None:
        _check_integer("budget", budget, 1, LARGEST_BUDGET)
        _check_integer("seed", seed, 0, LARGEST_SEED)
        if not isinstance(name, str):
            raise InvalidInput("optimizer", expected="a name", actual=name)
        if not hasattr(problem, "evaluate"):
            hint = "problems.get makes one of a problem id."
            raise InvalidInput("problem", expected="a problem, not its id", actual=problem, hint=hint)
        self._name, self._budget = name, int(budget)
        check_objectives(name, count_objectives(problem))
        resolve_parameters(name, parameters)
        self._seed, self._parameters = derived_seed(name, int(seed)), parameters
        self._space = _space(problem, name)
        self._optimizer: Optimizer | None = None
        self.settings: dict[str, Any] = {}
        self._timed = Timed(Rankable(problem))
        self._record = _record(problem, self._timed, keep_all=keep_all)
        noted = Journaled(self._record, self._timed, journal) if journal else self._record
        repaired = Repaired(noted, problem)
        self._remembered = Remembered(repaired) if keep_mappings else None
        self._objective = self._remembered or repaired
        self._asked: TimedAskTell | None = None
        self._stopped = "finished"
        self._seconds = 0.0
        self._first_population: int | None = None
        self._first_batch = 0

    @property
    def first_population(self) -> int | None:
        """``first_population`` of the optimizer, or its first batch if that is more; None until it is made."""
        return None if self._first_population is None else max(self._first_population, self._first_batch)

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer itself, made at the first look.

        Raises:
            InvalidInput: If a parameter's value does not fit.
        """
        if self._optimizer is None:
            self._optimizer = create(
                self._name, self._space, budget=self._budget, seed=self._seed, parameters=self._parameters
            )
            self.settings = self._optimizer.settings()
            self._first_population = self._optimizer.first_population()
        return self._optimizer

    def run(self, wall_limit_seconds: float | None = None) -> None:
        """Search until the budget, the wall limit or the optimizer ends it; making the optimizer is part of the run.

        Raises:
            InvalidInput: If a parameter's value does not fit.
            BadProposal: If the optimizer proposes what is no mapping, or nothing.
        """
        check_wall_limit(wall_limit_seconds)
        checked = Checked(self._objective, self._name)
        limited = WallLimited(checked, wall_limit_seconds)
        evaluator = Budgeted(limited, self._budget)
        self._record.restart_clock()
        start = perf_counter()
        try:
            with alarm(limited):
                runner = self.optimizer
                if isinstance(runner, AskTellOptimizer):
                    runner = self._asked = TimedAskTell(runner)
                with self.optimizer.surroundings():
                    runner.run(evaluator)
        except RunEnded as end:
            self._stopped = "budget" if isinstance(end, BudgetSpent) else "wall"
        finally:
            self._seconds = perf_counter() - start
            self._first_batch = evaluator.first_batch
        if checked.refusal:  # and the optimizer has caught it
            raise checked.refusal
        if self._stopped == "finished":  # or it has caught the end
            self._stopped = "budget" if evaluator.is_spent else "wall" if limited.is_reached else "finished"
        if self._stopped == "finished" and not self._record.num_evaluations:
            raise BadProposal(f"optimizer {self._name!r} proposed nothing at all")

    def result(self) -> Result:
        """What was found so far."""
        asked = self._asked
        seconds = Seconds(
            ask=asked.ask_seconds if asked else 0.0,
            tell=asked.tell_seconds if asked else 0.0,
            evaluate=self._timed.seconds,
            total=self._seconds,
        )
        found = _result(self._record, self._stopped, seconds)
        if self._remembered is None or not self._remembered.all_cores:
            return found
        cores, priorities = self._remembered.all_cores, self._remembered.all_priorities
        return replace(found, all_cores=np.concatenate(cores), all_priorities=np.concatenate(priorities))


def recovered(problem: Objective, journal: Path) -> Result:
    """What a run on ``problem`` found whose process was ended, from the journal that it left; ``stopped`` is ``wall``.

    Values and mappings that were to be kept in full are not in it.
    """
    record = _record(problem, problem, keep_all=False)
    elapsed, evaluate_seconds = replay(journal, record)
    return _result(record, "wall", Seconds(ask=0.0, tell=0.0, evaluate=evaluate_seconds, total=elapsed))


def _result(record: Recorded, stopped: str, seconds: Seconds) -> Result:
    front_values, front_cores, front_priorities = record.front
    improvements = np.array(record.improvements, dtype=np.float64).reshape(-1, 3)
    return Result(
        best_value=record.best_value,
        best_cores=record.best_cores,
        best_priorities=record.best_priorities,
        front_values=front_values,
        front_cores=front_cores,
        front_priorities=front_priorities,
        num_evaluations=record.num_evaluations,
        trace_evaluations=improvements[:, 0].astype(np.int64),
        trace_values=improvements[:, 1].copy(),
        trace_seconds=improvements[:, 2].copy(),
        checkpoints=np.array(record.checkpoints, dtype=np.float64).reshape(-1, 2),
        all_values=np.concatenate(record.all_values) if record.all_values else np.zeros(0),
        all_cores=np.zeros((0, 0), np.int16),
        all_priorities=np.zeros((0, 0), np.float32),
        stopped=stopped,
        seconds=seconds,
    )


def _space(problem: Objective, name: str) -> SearchSpace:
    """What optimizer ``name`` is told of ``problem``: of its jobs only if it is no black-box optimizer."""
    jobs = jobs_of(problem) if sees_jobs(name) else None
    if jobs is None and sees_jobs(name):
        what = f"problem for optimizer {name!r}, which sees the jobs"
        raise InvalidInput(what, expected="one with a job table", actual=type(problem).__name__)
    return SearchSpace(problem.num_jobs, problem.num_cores, count_objectives(problem), jobs)


def _record(problem: Any, inner: Objective, *, keep_all: bool) -> Recorded:
    """What keeps the best of a run on ``problem``, around ``inner``."""
    if count_objectives(problem) == 1:
        return Recorded(inner, keep_all=keep_all)
    return RecordedFront(inner, problem.hypervolume, keep_all=keep_all)
