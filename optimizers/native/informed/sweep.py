"""The makespan after a move, without dependencies: a sweep over the breakpoints from where the move changes something.

Only the demand of at most two cores changes. So the present breakpoints are swept, with what these cores asked for
taken off, merged with the new ends of the jobs of the two: the cost does not depend on the number of cores.
"""

from __future__ import annotations

import numpy as np

from optimizers.native.informed.arrays import Plan, Table, Trial
from optimizers.native.informed.moves import (
    Move,
    breakpoint_before,
    free_at,
    longest_load,
    no_move,
    take_tail,
    time_of,
    write_tail,
)
from problems.arrays import IntArray
from problems.foundation.compiling import borrowing


@borrowing
def sweep(table: Table, plan: Plan, move: Move, trial: Trial, limit: float, longest: float, area: float) -> float:
    """Return the makespan after ``move``, or ``inf`` as soon as it must be above ``limit``.

    Args:
        table: What is known of the jobs.
        plan: The present plan; it is left as it is.
        move: What would change.
        trial: Receives what ``commit`` needs.
        limit: Makespan that would still be accepted.
        longest: Longest load after the move.
        area: Area after the move.
    """
    _, a, i, b, q = move
    now = time_of(plan, move)
    k = breakpoint_before(plan, now)
    stretched = plan.stretched[k] + (now - plan.times[k]) * max(0.0, plan.demands[k] - 1.0)
    idle = plan.idle[k] + (now - plan.times[k]) * max(0.0, 1.0 - plan.demands[k])
    if longest + stretched > limit or area + idle > limit:
        return np.inf
    alone = a == b
    last = max(i, q)
    shifts_until = plan.ends[plan.sequences[a, last]] if alone else np.inf
    first_a = _first_position(plan, a, min(i, q) if alone else i, now)
    length_a = write_tail(plan, move, a, first_a, last + 1 if alone else plan.counts[a], trial.tails[0])
    old_a = _demand(table, plan, a, first_a)
    first_b, length_b, old_b = 0, 0, 0.0
    if not alone:
        first_b = _first_position(plan, b, q, now)
        length_b = write_tail(plan, move, b, first_b, plan.counts[b], trial.tails[1])
        old_b = _demand(table, plan, b, first_b)
    trial.frame[0], trial.frame[1], trial.frame[2] = k, first_a, length_a
    trial.frame[3], trial.frame[4] = first_b, length_b
    tail_a, tail_b = trial.tails[0], trial.tails[1]
    next_a, next_b = 0, 0
    end_a, new_a = _run_next(table, tail_a, length_a, 0, a, free_at(plan, a, first_a))
    end_b, new_b = np.inf, 0.0
    if not alone:
        end_b, new_b = _run_next(table, tail_b, length_b, 0, b, free_at(plan, b, first_b))
    others = plan.demands[k] - old_a - old_b
    num_breakpoints = plan.num_breakpoints[0]
    k += 1
    time = plan.times[k] if k < num_breakpoints else np.inf
    while True:
        then = min(time, end_a, end_b)
        if then >= longest:  # all jobs have ended, whatever breakpoints are left of what ran before
            stretched += max(0.0, (longest - now) * (others + new_a + new_b - 1.0))
            break
        excess = (then - now) * (others + new_a + new_b - 1.0)
        if excess > 0.0:
            stretched += excess
            if longest + stretched > limit:
                return np.inf
        else:
            idle -= excess
            if area + idle > limit:
                return np.inf
        now = then
        if time == then:
            if then >= shifts_until:  # from here on nothing is changed
                stretched += plan.stretched[num_breakpoints - 1] - plan.stretched[k]
                break
            owner = plan.owners[k]
            if owner == a:
                old_a = plan.next_demands[k]
            elif owner == b:
                old_b = plan.next_demands[k]
            others = plan.demands[k] - old_a - old_b
            k += 1
            time = plan.times[k] if k < num_breakpoints else np.inf
        if end_a == then:
            next_a += 1
            end_a, new_a = _run_next(table, tail_a, length_a, next_a, a, end_a)
        if end_b == then:
            next_b += 1
            end_b, new_b = _run_next(table, tail_b, length_b, next_b, b, end_b)
    makespan: float = longest + stretched
    return makespan


@borrowing
def _run_next(table: Table, tail: IntArray, length: int, place: int, core: int, now: float) -> tuple[float, float]:
    """Return end and demand of the job at a place of a core's tail that starts ``now``; behind the last inf and 0."""
    if place >= length:
        return np.inf, 0.0
    j = np.uintp(tail[place])
    return now + table.latency[j, core], table.demand[j, core]


@borrowing
def _first_position(plan: Plan, core: int, position: int, time: float) -> int:
    """Return the first position, at most ``position``, whose job ends at ``time`` or later."""
    while position > 0 and plan.ends[plan.sequences[core, position - 1]] >= time:
        position -= 1
    return position


@borrowing
def _demand(table: Table, plan: Plan, core: int, position: int) -> float:
    """Return the demand of the job at ``position``, or 0 behind the last."""
    if position >= plan.counts[core]:
        return 0.0
    demand: float = table.demand[plan.sequences[core, position], core]
    return demand


@borrowing
def commit(table: Table, plan: Plan, move: Move, trial: Trial) -> None:
    """Make the move of the last sweep, and bring the schedule up to date from where it changes."""
    _, a, _, b, _ = move
    k, first_a, length_a, first_b, length_b = trial.frame
    if a == b:  # the sweep has only written what changes
        length_a = write_tail(plan, move, a, first_a, plan.counts[a], trial.tails[0])
    take_tail(plan, a, first_a, trial.tails[0], length_a)
    time_jobs(table, plan, a, first_a)
    if a != b:
        take_tail(plan, b, first_b, trial.tails[1], length_b)
        time_jobs(table, plan, b, first_b)
    _merge(table, plan, trial, k, a, first_a, b, first_b)


@borrowing
def time_jobs(table: Table, plan: Plan, core: int, first: int) -> None:
    """Bring starts and ends of a core's jobs up to date from position ``first`` on, and its load."""
    now = free_at(plan, core, first)
    for p in range(first, plan.counts[core]):
        j = np.uintp(plan.sequences[core, p])
        plan.starts[j] = now
        now += table.latency[j, core]
        plan.ends[j] = now
    plan.loads[core] = now


@borrowing
def _merge(table: Table, plan: Plan, trial: Trial, k: int, a: int, first_a: int, b: int, first_b: int) -> None:
    """Bring the breakpoints after ``k`` up to date, where ``a`` and ``b`` have changed from the given positions on."""
    kept = 0
    for old in range(k + 1, plan.num_breakpoints[0]):
        if plan.owners[old] not in (a, b):
            trial.times[kept] = plan.times[old]
            trial.owners[kept] = plan.owners[old]
            trial.next_demands[kept] = plan.next_demands[old]
            trial.drops[kept] = plan.drops[old]
            kept += 1
    count_a, count_b = plan.counts[a], plan.counts[b] if a != b else 0
    if k == 0:
        plan.demands[0] = 0.0
        for c in range(len(plan.counts)):
            plan.demands[0] += _demand(table, plan, c, 0)
    old, p, r = 0, first_a, first_b
    end_a = plan.ends[plan.sequences[a, p]] if p < count_a else np.inf
    end_b = plan.ends[plan.sequences[b, r]] if r < count_b else np.inf
    end_old = trial.times[0] if kept else np.inf
    while True:
        time = min(end_old, end_a, end_b)
        if time == np.inf:
            return
        stretch = (time - plan.times[k]) * (plan.demands[k] - 1.0)
        plan.stretched[k + 1] = plan.stretched[k] + max(0.0, stretch)
        plan.idle[k + 1] = plan.idle[k] + max(0.0, -stretch)
        if end_old == time:
            owner, next_demand, drop = trial.owners[old], trial.next_demands[old], trial.drops[old]
            old += 1
            end_old = trial.times[old] if old < kept else np.inf
        elif end_a == time:
            owner, next_demand = a, _demand(table, plan, a, p + 1)
            drop = table.demand[plan.sequences[a, p], a] - next_demand
            p += 1
            end_a = plan.ends[plan.sequences[a, p]] if p < count_a else np.inf
        else:
            owner, next_demand = b, _demand(table, plan, b, r + 1)
            drop = table.demand[plan.sequences[b, r], b] - next_demand
            r += 1
            end_b = plan.ends[plan.sequences[b, r]] if r < count_b else np.inf
        k += 1
        plan.times[k], plan.owners[k], plan.next_demands[k] = time, owner, next_demand
        plan.drops[k] = drop
        plan.demands[k] = plan.demands[k - 1] - drop


@borrowing
def lay_out(table: Table, plan: Plan, order: IntArray) -> float:
    """Set the breakpoints of a plan whose jobs are timed and end in this ``order`` ``(G,)``; return its makespan."""
    plan.num_breakpoints[0] = len(plan.cores) + 1
    plan.times[0] = plan.stretched[0] = plan.idle[0] = plan.demands[0] = 0.0
    plan.owners[0] = -1
    for c in range(len(plan.counts)):
        plan.demands[0] += _demand(table, plan, c, 0)
    k = 0
    for j in order:
        c = plan.cores[j]
        stretch = (plan.ends[j] - plan.times[k]) * (plan.demands[k] - 1.0)
        plan.stretched[k + 1] = plan.stretched[k] + max(0.0, stretch)
        plan.idle[k + 1] = plan.idle[k] + max(0.0, -stretch)
        k += 1
        next_demand = _demand(table, plan, c, plan.positions[j] + 1)
        plan.times[k], plan.owners[k], plan.next_demands[k] = plan.ends[j], c, next_demand
        plan.drops[k] = table.demand[j, c] - next_demand
        plan.demands[k] = plan.demands[k - 1] - plan.drops[k]
    makespan: float = longest_load(plan, no_move(), 0.0, 0.0) + plan.stretched[k]
    return makespan
