"""A lower bound on the makespan by a constraint solver, CP-SAT of OR-Tools (extra ``cp``).

It solves the relaxation of ``problems.doors.ticks``: least durations, one job at a time a core, dependencies, and sums
of volumes. A certificate lets jobs be split and run in pieces; this bound keeps them whole and in order. A certificate
counts what crowding costs at every moment; this bound knows only sums. So neither replaces the other.

What CP-SAT proves rests on CP-SAT; a certificate can be checked without a solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import check_above_zero, check_at_least
from problems.foundation.errors import MissingExtra
from problems.foundation.extras import install_command
from problems.space import Jobs

if TYPE_CHECKING:
    from problems.bounds.certificate import Bounded


@dataclass(frozen=True, eq=False)
class ScheduleBound:
    """What CP-SAT has proven and found.

    Attributes:
        makespan: Cycles that no mapping's makespan is below.
        cores: ``(G,)`` core of each job in the best schedule of the relaxation, which need not be the best mapping.
        priorities: ``(G,)`` by which cores run their jobs in the order of that schedule.
        scheduled: Cycles that the schedule takes in the relaxation: more effort cannot lift the bound above.
    """

    makespan: float
    cores: IntArray
    priorities: FloatArray
    scheduled: float


def lower_bound_by_cp(problem: Bounded, *, deterministic_time: float = 1.0, at_least: float = 0.0) -> ScheduleBound:
    """Return a makespan in cycles that no mapping can beat, whatever the objective.

    Args:
        problem: With or without dependencies.
        deterministic_time: Effort, in CP-SAT's own unit, about ten seconds; the same on every machine. A search that it
            cuts proves something too.
        at_least: A makespan in cycles that is a lower bound already, ``p.certificate().makespan``: the search only
            looks for more.

    Raises:
        InvalidInput: If the effort is not above 0, or ``at_least`` is below 0.
        MissingExtra: If OR-Tools is not installed.
    """
    try:
        from problems.doors.cp_sat import Search
    except ImportError as error:
        raise MissingExtra(f"bounds by CP-SAT need OR-Tools: {install_command('m3e[cp]')}") from error
    table, precedence = problem.job_table, problem.precedence
    predecessors = () if precedence is None else precedence.predecessors
    jobs = Jobs(table.latency, table.bandwidth, problem.system_bandwidth, predecessors=predecessors)
    check_above_zero("deterministic time", deterministic_time)
    check_at_least("lower bound", at_least, 0.0)
    with Search(jobs, deterministic_time, at_least) as search:
        best = search.ticks.first_plan()
        for best in search:  # noqa: B007  # the last is the best
            pass
    ticks = search.ticks
    return ScheduleBound(search.bound, best.cores, ticks.priorities(best), ticks.cycles(best.length))
