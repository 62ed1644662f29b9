"""Running one optimizer on one problem."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from optimizers.catalogue import (
    OptimizerLike,
    canonical_name,
    check_objectives,
    create,
    derived_seed,
    plain_settings,
    resolve_parameters,
    sees_jobs,
    warm_up,
)
from optimizers.contract import AskTellOptimizer, Optimizer
from optimizers.evaluators.budgeted import Budgeted
from optimizers.evaluators.checked import Checked
from optimizers.evaluators.journaled import Journaled, replay
from optimizers.evaluators.limited import Limited, alarms
from optimizers.evaluators.recorded import Recorded
from optimizers.evaluators.recorded_front import RecordedFront
from optimizers.evaluators.remembered import Remembered
from optimizers.evaluators.repaired import Repaired
from optimizers.evaluators.timed import Timed, TimedAskTell
from optimizers.evaluators.watched import Callback, Watched
from optimizers.evaluators.wrapper import RunEnded
from optimizers.journal import Journal
from optimizers.limits import LARGEST_BUDGET, check_budget, check_cpu_limit, check_seed, check_wall_limit
from optimizers.result import FullTrace, Moment, Result, Seconds
from problems.doors.rankable import Rankable
from problems.foundation.checks import check_integer
from problems.foundation.errors import BadProposal, InvalidInput
from problems.space import (
    Evaluator,
    MeasuresFronts,
    ProblemLike,
    SearchSpace,
    WarmsUp,
    count_objectives,
    jobs_of,
    offers,
)


def minimize(
    problem: ProblemLike,
    optimizer: OptimizerLike,
    *,
    budget: int = 10_000,
    seed: int = 0,
    wall_limit_seconds: float | None = None,
    cpu_limit_seconds: float | None = None,
    callback: Callback | None = None,
    callback_every: int | None = None,
    **parameters: Any,
) -> Result:
    """Minimize ``problem`` with ``optimizer``.

    Threads may search at the same time. Of optimizers whose library draws from the process-wide generators of
    ``random`` and ``numpy.random`` (those of DEAP, Nevergrad and pymoo, and agents) one runs at a time, and the others
    wait, in their own time: use processes for these. A callback, and an objective of a class of your own, draw from the
    generators as they are outside of the run.

    Args:
        problem: A problem, or anything else that is an ``optimizers.ProblemLike``.
        optimizer: A registered name, see ``names()``, ``exec:COMMAND`` for a program, or a class derived from
            ``optimizers.Optimizer``.
        budget: Number of evaluations, never exceeded.
        seed: Seed of the run: the same one gives the same result; see ``derived_seed``.
        wall_limit_seconds: Time after which the search ends with what it has found; None for no limit. In the main
            thread of POSIX systems also within an ask or tell that takes long, elsewhere after it.
        cpu_limit_seconds: CPU time after which it ends likewise: of this process, all its threads together, and of the
            program of ``exec:``, but not of other children. An optimizer that sleeps is not ended by it.
        callback: Called with an ``optimizers.Progress`` after each batch of evaluations with an improvement. If it
            returns True, of Python or NumPy, the run ends; if False or None it goes on. Its time counts for the total
            and the limits, but not as the optimizer's ask or tell, nor as evaluation.
        callback_every: Call it also whenever another so many evaluations are complete, at most once a batch.
        **parameters: Parameters of the optimizer.

    Raises:
        UnknownName: If there is no such optimizer or parameter.
        InvalidInput: If the budget is below 1, the seed has more than 32 bits, a limit is not above 0, a parameter or
            the callback, or what it returns, is not valid, or the problem has two objectives and the optimizer takes
            one.
        BadProposal: If the optimizer proposes something that is not a mapping, or nothing.
        Exception: Whatever the callback or the objective raises.
    """
    _check_callback(callback, callback_every)
    search = Search(problem, optimizer, budget=budget, seed=seed, parameters=parameters)
    if callback is not None:
        search.watch(callback, callback_every)
    search.run(wall_limit_seconds, cpu_limit_seconds)
    return search.result()


def replay_trace(problem: ProblemLike, path: str | Path, *, budget: int = LARGEST_BUDGET) -> Result:
    """Evaluate mappings that a method elsewhere has proposed, in their order, e.g. of one whose code cannot run here.

    In campaigns it is the optimizer ``replay-trace`` with the parameter ``path``.

    Args:
        problem: As for ``minimize``.
        path: CSV file with a mapping a row, columns ``core_0,...,core_{G-1},priority_0,...,priority_{G-1}``.
        budget: Number of evaluations, never exceeded; all rows by default.

    Raises:
        InvalidInput: If the file is no such table or of another problem, naming line and column.
    """
    return minimize(problem, "replay-trace", budget=budget, path=str(path))


class Search:
    """One run whose result can be read even if it fails: call ``run`` once, then ``result`` in any case.

    Arguments and errors are those of ``minimize``; ``full_trace`` says what is kept of every evaluation, and
    ``journal`` receives what is found, so that it survives the process.
    """

    def __init__(
        self,
        problem: ProblemLike,
        optimizer: OptimizerLike,
        *,
        budget: int,
        seed: int,
        parameters: Mapping[str, object],
        full_trace: FullTrace = FullTrace.NOTHING,
        journal: Journal | None = None,
    ) -> None:
        self._budget = check_budget("budget", budget)
        seed = check_seed("seed", seed)
        _check_problem(problem)
        self._problem, self._chosen = problem, optimizer
        self._name = optimizer if isinstance(optimizer, str) else canonical_name(optimizer)
        check_objectives(optimizer, count_objectives(problem))
        resolve_parameters(optimizer, parameters)
        self._seed, self._parameters = derived_seed(optimizer, seed), parameters
        self._space = _space(problem, optimizer)
        self._optimizer: Optimizer | None = None
        self._settings: dict[str, object] = {}
        self._timed = Timed(Rankable(problem))
        self._record = _record(problem, self._timed, keep_all=full_trace is not FullTrace.NOTHING)
        noted = Journaled(self._record, self._timed, journal) if journal else self._record
        self._remembered = Remembered(noted) if full_trace is FullTrace.MAPPINGS else None
        self._objective: Evaluator = Repaired(self._remembered or noted, problem)
        self._watched: Watched | None = None
        self._checked = Checked(self._objective, self._name)
        self._asked: TimedAskTell | None = None
        self._stopped = "finished"
        self._moment: Moment = (0.0, 0.0)
        self._first_population: int | None = None
        self._first_batch = 0

    def watch(self, callback: Callback, every: int | None = None) -> None:
        """Call ``callback`` during the run; see ``minimize``.

        Raises:
            InvalidInput: If it cannot be called, or ``every`` is below 1.
        """
        _check_callback(callback, every)
        self._watched = Watched(self._objective, self._record, callback, every)
        self._checked = Checked(self._watched, self._name)

    @property
    def settings(self) -> dict[str, object]:
        """Settings that the optimizer's library chose, with what it adds during the run; {} until it is made."""
        return plain_settings(self._name, self._settings)

    @property
    def first_population(self) -> int | None:
        """First population of the optimizer, or its first batch if that is larger; None until it is made."""
        return None if self._first_population is None else max(self._first_population, self._first_batch)

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer, made when it is first needed.

        Raises:
            InvalidInput: If a parameter is not valid.
        """
        if self._optimizer is None:
            self._optimizer = create(
                self._chosen, self._space, budget=self._budget, seed=self._seed, parameters=self._parameters
            )
            self._settings = self._optimizer.settings()
            self._first_population = self._optimizer.first_population()
        return self._optimizer

    def run(self, wall_limit_seconds: float | None = None, cpu_limit_seconds: float | None = None) -> None:
        """Search until the budget, a limit or the optimizer ends it.

        The clocks start once everything is loaded and compiled; making the optimizer is part of the run.

        Raises:
            InvalidInput: If a limit or a parameter is not valid.
            BadProposal: If the optimizer proposes something that is not a mapping, or nothing.
        """
        check_wall_limit(wall_limit_seconds)
        check_cpu_limit(cpu_limit_seconds)
        budgeted = Budgeted(self._checked, self._budget)
        stopwatch = self._record.stopwatch
        limited = Limited(budgeted, stopwatch, wall_seconds=wall_limit_seconds, cpu_seconds=cpu_limit_seconds)
        self._warm_up()
        stopwatch.restart()
        try:
            with suppress(RunEnded), alarms(limited):
                self._run_optimizer(limited)
        except BaseException:
            if self._checked.error is None:
                raise
        finally:
            limited.close()
            self._moment = stopwatch.read()
            self._first_batch = budgeted.first_batch
            self._stopped = self._reason(budgeted, limited)
        if self._checked.error is not None:  # the optimizer may have caught it, or made another one of it
            raise self._checked.error
        if self._stopped == "finished" and not self._record.num_evaluations:
            raise BadProposal(f"optimizer {self._name!r} proposed nothing at all")

    def _reason(self, budgeted: Budgeted, limited: Limited) -> str:
        """Return why the run has ended."""
        if self._watched and self._watched.has_stopped:
            return "callback"
        return "budget" if budgeted.is_spent else limited.reached or "finished"

    def _warm_up(self) -> None:
        """Load and compile what the run will need."""
        if offers(self._problem, WarmsUp):
            self._problem.warm_up()
        warm_up(self._chosen)

    def _run_optimizer(self, evaluator: Limited) -> None:
        runner = self.optimizer
        runner.check_limits = evaluator.check
        self._record.stopwatch.elsewhere = runner.cpu_seconds_elsewhere
        if isinstance(runner, AskTellOptimizer):
            runner = self._asked = TimedAskTell(runner)
        with self.optimizer.surroundings():
            try:
                runner.run(evaluator)
            except BadProposal as error:
                if self._name in str(error):
                    raise
                raise BadProposal(f"optimizer {self._name!r}: {error}") from error
            finally:
                evaluator.is_over = True  # no signal may interrupt what cleans up

    def result(self) -> Result:
        """Return what was found so far."""
        asked = self._asked
        wall, cpu = self._moment
        seconds = Seconds(
            ask=asked.ask_seconds if asked else 0.0,
            tell=asked.tell_seconds if asked else 0.0,
            evaluate=self._timed.seconds,
            total=wall,
            cpu=cpu,
        )
        found = _result(self._record, self._stopped, seconds)
        if self._remembered is None or not self._remembered.all_cores:
            return found
        cores, priorities = self._remembered.all_cores, self._remembered.all_priorities
        return replace(found, all_cores=np.concatenate(cores), all_priorities=np.concatenate(priorities))


def _check_callback(callback: object, every: object) -> None:
    if callback is not None and not callable(callback):
        raise InvalidInput("callback", expected="a function of the progress", actual=callback)
    if inspect.iscoroutinefunction(callback):
        raise InvalidInput("callback", expected="a function that returns its answer", actual="a coroutine")
    if every is None:
        return
    if callback is None:
        raise InvalidInput("callback_every", expected="none without a callback", actual=every)
    check_integer("callback_every", every, 1)


def recovered(problem: ProblemLike, journal: Path, stopped: str = "wall") -> Result:
    """Recover what a run on ``problem`` found from the journal of its process, which ``stopped`` ended.

    Its seconds end with the last evaluation, CPU seconds with the last improvement or checkpoint. The full trace is
    not in it.
    """
    record = _record(problem, Rankable(problem), keep_all=False)
    seconds = replay(journal, record)
    return _result(record, stopped, seconds)


def _result(record: Recorded, stopped: str, seconds: Seconds) -> Result:
    front_values, front_cores, front_priorities = record.front
    improvements = np.array(record.improvements, dtype=np.float64).reshape(-1, 4)
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
        trace_cpu_seconds=improvements[:, 3].copy(),
        checkpoints=np.array(record.checkpoints, dtype=np.float64).reshape(-1, 3),
        all_values=np.concatenate(record.all_values) if record.all_values else np.zeros(0),
        all_cores=np.zeros((0, 0), np.int16),
        all_priorities=np.zeros((0, 0), np.float32),
        stopped=stopped,
        seconds=seconds,
    )


def _space(problem: ProblemLike, optimizer: OptimizerLike) -> SearchSpace:
    """Return what ``optimizer`` is told about ``problem``: about its jobs only if it is not a black-box optimizer."""
    jobs = jobs_of(problem) if sees_jobs(optimizer) else None
    if jobs is None and sees_jobs(optimizer):
        what = f"problem for optimizer {canonical_name(optimizer)!r}, which sees the jobs"
        raise InvalidInput(what, expected="one with a job table", actual=type(problem).__name__)
    return SearchSpace(int(problem.num_jobs), int(problem.num_cores), count_objectives(problem), jobs)


def _check_problem(problem: object) -> None:
    """Check that ``problem`` can be searched.

    Raises:
        InvalidInput: If it is none, or its sizes are not valid.
    """
    if not hasattr(problem, "evaluate"):
        hint = "problems.get makes one of a problem id."
        raise InvalidInput("problem", expected="a problem, not its id", actual=problem, hint=hint)
    for name in ("num_jobs", "num_cores"):
        check_integer(f"{name} of the problem", getattr(problem, name, None), 1)
    check_integer("num_objectives of the problem", getattr(problem, "num_objectives", 1), 1, 2)


def _record(problem: ProblemLike, inner: Evaluator, *, keep_all: bool) -> Recorded:
    """Return the record of a run on ``problem``, around ``inner``."""
    if count_objectives(problem) == 1:
        return Recorded(inner, keep_all=keep_all)
    if not offers(problem, MeasuresFronts):
        what = f"problem of {count_objectives(problem)} objectives"
        raise InvalidInput(what, expected="a method hypervolume(values)", actual=type(problem).__name__)
    return RecordedFront(inner, problem.hypervolume, keep_all=keep_all)
