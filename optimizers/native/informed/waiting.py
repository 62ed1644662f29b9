"""The makespan after a move, with dependencies: the events are run through from where the move changes something.

A job starts once its core is free and all jobs that it waits for have ended, so a move may shift jobs on every core.
"""

from __future__ import annotations

import numpy as np

from optimizers.native.informed.arrays import Plan, Table, Trial
from optimizers.native.informed.moves import (
    NOTHING,
    Move,
    breakpoint_before,
    no_move,
    take_tail,
    time_of,
    write_tail,
)
from problems.foundation.compiling import borrowing


@borrowing
def run_through(table: Table, plan: Plan, move: Move, trial: Trial, limit: float, longest: float, area: float) -> float:
    """Return the makespan after ``move``; ``inf`` as soon as it must be above ``limit``, or if jobs wait in a circle.

    Args:
        table: What is known of the jobs.
        plan: The present plan; it is left as it is.
        move: What would change.
        trial: Receives what ``commit`` needs.
        limit: Makespan that would still be accepted.
        longest: Longest load after the move.
        area: Area after the move.
    """
    kind = move[0]
    now = 0.0 if kind == NOTHING else time_of(plan, move)
    k = breakpoint_before(plan, now)
    stretched = plan.stretched[k] + (now - plan.times[k]) * max(0.0, plan.demands[k] - 1.0)
    idle = plan.idle[k] + (now - plan.times[k]) * max(0.0, 1.0 - plan.demands[k])
    if longest + stretched > limit or area + idle > limit:
        return np.inf
    trial.number[0] += 1
    left = _take_up(table, plan, move, trial, now)
    trial.frame[0] = k
    trial.num_breakpoints[0] = 0
    num_cores = len(plan.counts)
    for c in range(num_cores):
        if trial.busy_until[c] == np.inf and _start(table, plan, move, trial, c, now):
            left -= 1
            longest = max(longest, trial.busy_until[c] + table.chains[trial.started[c]])
    while True:
        then, demand = np.inf, 0.0
        for c in range(num_cores):
            then = min(then, trial.busy_until[c])
            demand += trial.asked[c]
        _note(trial, now, demand, stretched, idle)
        if then == np.inf:
            return np.inf if left else now + stretched
        excess = (then - now) * (demand - 1.0)
        if excess > 0.0:
            stretched += excess
        else:
            idle -= excess
        if longest + stretched > limit or area + idle > limit:
            return np.inf
        now = then
        for c in range(num_cores):
            if trial.busy_until[c] == now:
                trial.busy_until[c], trial.asked[c] = np.inf, 0.0
        for c in range(num_cores):
            if trial.busy_until[c] == np.inf and _start(table, plan, move, trial, c, now):
                left -= 1
                longest = max(longest, trial.busy_until[c] + table.chains[trial.started[c]])


@borrowing
def _take_up(table: Table, plan: Plan, move: Move, trial: Trial, now: float) -> int:
    """Set the cores as they are at ``now``; return how many jobs are yet to start."""
    kind, a, _, b, _ = move
    left = 0
    trial.since[0] = now if kind != NOTHING else -1.0  # of a whole schedule nothing ran before
    trial.frame[2] = trial.frame[4] = -1
    for c in range(len(plan.counts)):
        head = 0 if kind == NOTHING else _first_to_start(plan, c, now)
        trial.heads[c] = head
        left += plan.counts[c] - head
        trial.busy_until[c], trial.asked[c] = np.inf, 0.0
        if head > 0:
            j = plan.sequences[c, head - 1]
            if plan.ends[j] > now:
                trial.busy_until[c], trial.asked[c] = plan.ends[j], table.demand[j, c]
    if kind != NOTHING:
        trial.frame[1] = trial.heads[a]
        trial.frame[2] = write_tail(plan, move, a, trial.heads[a], plan.counts[a], trial.tails[0])
        trial.frame[3] = trial.heads[b]
        if a != b:
            trial.frame[4] = write_tail(plan, move, b, trial.heads[b], plan.counts[b], trial.tails[1])
    return left


@borrowing
def _first_to_start(plan: Plan, core: int, now: float) -> int:
    """Return the position of the first job of ``core`` that starts at ``now`` or later."""
    low, high = 0, plan.counts[core]
    while low < high:
        middle = (low + high) // 2
        if plan.starts[plan.sequences[core, middle]] >= now:
            high = middle
        else:
            low = middle + 1
    return low


@borrowing
def _start(table: Table, plan: Plan, move: Move, trial: Trial, core: int, now: float) -> bool:
    """Start the next job of an idle core, if there is one and all that it waits for have ended."""
    _, a, _, b, _ = move
    head = trial.heads[core]
    if core == a and trial.frame[2] >= 0:
        if head - trial.frame[1] >= trial.frame[2]:
            return False
        j = trial.tails[0, head - trial.frame[1]]
    elif core == b and trial.frame[4] >= 0:
        if head - trial.frame[3] >= trial.frame[4]:
            return False
        j = trial.tails[1, head - trial.frame[3]]
    else:
        if head >= plan.counts[core]:
            return False
        j = plan.sequences[core, head]
    begin = trial.since[0]
    for n in range(table.first_needs[j], table.first_needs[j + 1]):
        needed = table.needs[n]
        if plan.starts[needed] < begin:  # it ran before the change
            if plan.ends[needed] > now:
                return False
        elif trial.stamps[needed] != trial.number[0] or trial.ends[needed] > now:
            return False
    trial.stamps[j] = trial.number[0]
    trial.starts[j] = now
    trial.ends[j] = now + table.latency[j, core]
    trial.busy_until[core], trial.asked[core] = trial.ends[j], table.demand[j, core]
    trial.heads[core] += 1
    trial.started[core] = j
    return True


@borrowing
def _note(trial: Trial, now: float, demand: float, stretched: float, idle: float) -> None:
    """Enter a breakpoint."""
    n = trial.num_breakpoints[0]
    trial.times[n], trial.demands[n], trial.stretched[n], trial.idle[n] = now, demand, stretched, idle
    trial.num_breakpoints[0] = n + 1


@borrowing
def commit(table: Table, plan: Plan, move: Move, trial: Trial) -> None:
    """Make the move that was run through last, and bring the schedule up to date."""
    kind, a, _, b, _ = move
    if kind != NOTHING:
        take_tail(plan, a, trial.frame[1], trial.tails[0], trial.frame[2])
        if a != b:
            take_tail(plan, b, trial.frame[3], trial.tails[1], trial.frame[4])
    for j in range(len(plan.cores)):
        if trial.stamps[j] == trial.number[0]:
            plan.starts[j], plan.ends[j] = trial.starts[j], trial.ends[j]
    _load(table, plan, a)
    _load(table, plan, b)
    kept = trial.frame[0] + 1 if trial.since[0] > 0.0 else 0  # what is noted at time 0 replaces the first breakpoint
    for n in range(trial.num_breakpoints[0]):
        k = kept + n
        plan.times[k], plan.demands[k] = trial.times[n], trial.demands[n]
        plan.stretched[k], plan.idle[k] = trial.stretched[n], trial.idle[n]
    plan.num_breakpoints[0] = kept + trial.num_breakpoints[0]


@borrowing
def lay_out(table: Table, plan: Plan, trial: Trial) -> float:
    """Compute the whole schedule of a plan's sequences; return its makespan, or ``inf`` if jobs wait in a circle."""
    nothing = no_move()
    plan.num_breakpoints[0] = 1
    plan.times[0] = plan.demands[0] = plan.stretched[0] = plan.idle[0] = 0.0
    makespan: float = run_through(table, plan, nothing, trial, np.inf, 0.0, 0.0)
    if makespan < np.inf:
        commit(table, plan, nothing, trial)
        for c in range(len(plan.counts)):
            _load(table, plan, c)
    return makespan


@borrowing
def _load(table: Table, plan: Plan, core: int) -> None:
    """Sum up how long ``core`` is busy."""
    plan.loads[core] = 0.0
    for p in range(plan.counts[core]):
        plan.loads[core] += table.latency[plan.sequences[core, p], core]
