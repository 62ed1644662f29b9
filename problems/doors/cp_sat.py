"""The jobs on a grid of ticks as a model of CP-SAT, the constraint solver of OR-Tools.

Equal cores are one resource of so many units, and which job runs on which of them follows from a schedule: so no two
solutions differ in the names of cores alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from queue import SimpleQueue
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
from ortools.sat.python import cp_model

from problems.arrays import FloatArray, IntArray
from problems.doors.ticks import Plan, Ticks, ancestors, by_start
from problems.space import Jobs

STOPPING_SECONDS = 0.05
"""Interval at which a solver is told again to stop, in case it had not begun."""

Expression = Any
"""A variable or a linear expression of CP-SAT."""


class Search:
    """CP-SAT at work, in a thread of its own: iterate over its plans, each shorter than the one before.

    The same arguments give the same plans and the same bound on every machine. It is a context manager, which stops the
    solver at its end. Iterate once.

    Args:
        jobs: The group of jobs; the objective does not matter.
        deterministic_time: Effort after which it ends, in CP-SAT's own unit, about ten seconds.
        at_least: A makespan in cycles that is known to be a lower bound.

    Attributes:
        ticks: The jobs on the grid.
    """

    def __init__(self, jobs: Jobs, deterministic_time: float, at_least: float = 0.0) -> None:
        self.ticks = Ticks.of(jobs)
        self._proven = self.ticks.ticks_within(at_least)
        self._model = _Model(self.ticks, self._proven)
        self._solver = _solver(deterministic_time)
        self._plans: SimpleQueue[Plan | None] = SimpleQueue()
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Search:
        """Start the solver."""
        self._solving = self._pool.submit(self._solve)
        return self

    def __iter__(self) -> Iterator[Plan]:
        """Yield plans, in ticks, as they are found."""
        yield from iter(self._plans.get, None)
        self._proven = max(self._proven, self._solving.result())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the solver."""
        while wait([self._solving], timeout=0.0).not_done:
            self._solver.stop_search()
            wait([self._solving], timeout=STOPPING_SECONDS)
        self._pool.shutdown()

    @property
    def bound(self) -> float:
        """Cycles that no mapping's makespan is below, once all plans are found."""
        return self.ticks.cycles(self._proven)

    def _solve(self) -> int:
        """Solve, and return the ticks that are proven."""
        try:
            status = self._solver.solve(self._model.model, _Listener(self._model, self._plans))
        finally:
            self._plans.put(None)
        assert status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.UNKNOWN), self._solver.status_name(status)
        return int(self._solver.best_objective_bound)


def _solver(deterministic_time: float) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.interleave_search = True  # of several strategies in turn, some of which improve plans
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = deterministic_time
    solver.parameters.catch_sigint_signal = False  # an interrupt is Python's
    return solver


class _Listener(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]  # untyped
    """Puts each solution into a queue, as a plan."""

    def __init__(self, model: _Model, plans: SimpleQueue[Plan | None]) -> None:
        super().__init__()
        self._model, self._plans = model, plans

    def on_solution_callback(self) -> None:
        """Called by the solver."""
        self._plans.put(self._model.plan(self.value))


class _Job(NamedTuple):
    """Variables of a job, ticks.

    Attributes:
        start: When it starts.
        end: When it ends.
        chosen: Whether it runs on each kind of core that can run it; the number 1 if there is one kind alone.
    """

    start: Expression
    end: Expression
    chosen: dict[int, Expression]


class _Model:
    """Variables and constraints; the length of the schedule, from ``proven`` ticks up, is minimised."""

    def __init__(self, ticks: Ticks, proven: int) -> None:
        self._ticks = ticks
        self._kinds = _kinds(ticks)
        self._first = ticks.first_plan()
        self._most = max(proven, int(self._first.length))
        self.model = cp_model.CpModel()
        self._length = self.model.new_int_var(proven, self._most, "length")
        self._jobs = [self._job(j) for j in range(len(ticks.durations))]
        for kind in range(len(self._kinds)):
            self._run_on_cores(kind)
        self._start_after_predecessors()
        self._leave_room(self._length, range(len(self._jobs)))
        self._hint()
        self.model.minimize(self._length)

    def plan(self, value: Callable[[Expression], int]) -> Plan:
        """Return the plan of a solution; of each kind the core that has been free for longest runs the next job."""
        starts = np.array([value(job.start) for job in self._jobs], np.float64)
        cores = np.zeros(len(starts), np.int64)
        free = np.zeros(self._ticks.durations.shape[1])
        for j in by_start(starts, self._ticks.precedence).tolist():
            own = self._kinds[next(kind for kind, chosen in self._jobs[j].chosen.items() if value(chosen))]
            cores[j] = own[free[own].argmin()]
            free[cores[j]] = value(self._jobs[j].end)
        return Plan(cores, starts, float(value(self._length)))

    def _duration(self, j: int, kind: int) -> int:
        return int(self._ticks.durations[j, self._kinds[kind][0]])

    def _job(self, j: int) -> _Job:
        """Make the variables of a job, which ends when it has run on the kind that is chosen."""
        durations = self._ticks.durations[j]
        able = [kind for kind, cores in enumerate(self._kinds) if durations[cores[0]] <= self._most]
        start = self.model.new_int_var(0, self._most, f"start {j}")
        if len(able) == 1:
            return _Job(start, start + self._duration(j, able[0]), {able[0]: 1})
        chosen = {kind: self.model.new_bool_var(f"job {j} on kind {kind}") for kind in able}
        self.model.add_exactly_one(chosen.values())
        end = self.model.new_int_var(0, self._most, f"end {j}")
        self.model.add(end == start + sum(self._duration(j, kind) * literal for kind, literal in chosen.items()))
        return _Job(start, end, chosen)

    def _run_on_cores(self, kind: int) -> None:
        """As many jobs at a time as there are cores of a kind."""
        intervals = []
        for j, job in enumerate(self._jobs):
            if kind in job.chosen:
                size, present = self._duration(j, kind), job.chosen[kind]
                name = f"job {j} on kind {kind}"
                intervals.append(self.model.new_optional_interval_var(job.start, size, job.end, present, name))
        if intervals:
            self.model.add_cumulative(intervals, [1] * len(intervals), len(self._kinds[kind]))

    def _start_after_predecessors(self) -> None:
        """Each job starts after its predecessors, with room for all that is before it and all that is after it."""
        before = ancestors(self._ticks.precedence)
        for j, job in enumerate(self._jobs):
            self.model.add(job.end <= self._length)
            for other in set(self._ticks.precedence.predecessors[j]):
                self.model.add(self._jobs[other].end <= job.start)
            self._leave_room(job.start, before[j])
            self._leave_room(self._length - job.end, [other for other in range(len(before)) if j in before[other]])

    def _leave_room(self, ticks: Expression, jobs: Collection[int]) -> None:
        """So many ticks hold the volume of ``jobs``, and what each kind of core runs of them."""
        if len(jobs) < 2:
            return
        self.model.add(self._sum(self._ticks.volumes, jobs, range(len(self._kinds))) <= ticks)
        for kind, cores in enumerate(self._kinds):
            self.model.add(self._sum(self._ticks.durations, jobs, [kind]) <= len(cores) * ticks)

    def _sum(self, amounts: FloatArray, jobs: Iterable[int], kinds: Collection[int]) -> Expression:
        return sum(
            int(amounts[j, self._kinds[kind][0]]) * chosen
            for j in jobs
            for kind, chosen in self._jobs[j].chosen.items()
            if kind in kinds
        )

    def _hint(self) -> None:
        """Let the solver start from the first plan."""
        self.model.add_hint(self._length, self._most)
        for job, core, start in zip(self._jobs, self._first.cores, self._first.starts, strict=True):
            self.model.add_hint(job.start, int(start))
            for kind, chosen in job.chosen.items():
                if len(job.chosen) > 1:
                    self.model.add_hint(chosen, bool(core in self._kinds[kind]))


def _kinds(ticks: Ticks) -> list[IntArray]:
    """Return the cores of each kind: those on which all jobs have equal durations and volumes."""
    columns = np.concatenate([ticks.durations, ticks.volumes])
    kind = np.unique(columns, axis=1, return_inverse=True)[1].reshape(-1)
    return [np.flatnonzero(kind == k) for k in range(kind.max() + 1)]
