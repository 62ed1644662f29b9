"""Simulated annealing (Kirkpatrick 1983) of a plan, compiled.

The chance by which a move is accepted is drawn before the move is evaluated, so that its evaluation can end as soon as
the makespan is seen to be too long.
"""

from __future__ import annotations

import numpy as np

from optimizers.native.informed import sweep, waiting
from optimizers.native.informed.arrays import AREA, ENERGY, GUIDE, VALUE, Plan, Table, Trial
from optimizers.native.informed.limits import Limits, counted_span, inverse, is_better, lateness_of
from optimizers.native.informed.moves import NOTHING, Move, changes, longest_load
from optimizers.native.informed.proposing import propose
from problems.arrays import FloatArray, IntArray
from problems.foundation.compiling import borrowing

_sweep, _commit_sweep, _lay_out_sweep = sweep.sweep, sweep.commit, sweep.lay_out
_run_through, _commit_waiting, _lay_out_waiting = waiting.run_through, waiting.commit, waiting.lay_out


def lay_out(table: Table, plan: Plan, trial: Trial) -> float:
    """Compute the schedule and the totals of a plan's sequences; return its value, whatever the limits."""
    if table.needs.size:
        makespan = _lay_out_waiting(table, plan, trial)
    else:
        for c in range(len(plan.counts)):
            sweep.time_jobs(table, plan, c, 0)
        queued = np.concatenate([row[:n] for row, n in zip(plan.sequences, plan.counts, strict=True)])
        order = queued[np.argsort(plan.ends[queued], kind="stable")]  # of equal ends on one core, in its order
        makespan = _lay_out_sweep(table, plan, order)
    return _sum_up(table, plan, makespan)


@borrowing
def _sum_up(table: Table, plan: Plan, makespan: float) -> float:
    """Set the totals of a plan with this makespan; return its value."""
    area, energy, guide = 0.0, 0.0, 0.0
    for j in range(len(plan.cores)):
        c = plan.cores[j]
        area += table.latency[j, c] * table.demand[j, c]
        guide += table.guide[j, c]
        if table.energy.size:
            energy += table.energy[j, c]
    plan.totals[AREA], plan.totals[ENERGY], plan.totals[GUIDE] = area, energy, guide
    plan.totals[VALUE] = makespan * energy if table.energy.size else makespan
    value: float = plan.totals[VALUE]
    return value


@borrowing
def anneal(
    table: Table,
    plan: Plan,
    trial: Trial,
    limits: Limits,
    best: tuple[FloatArray, IntArray, IntArray],
    rng: np.random.Generator,
    quantiles: FloatArray,
    mix: FloatArray,
    temperature: float,
    cooling: float,
    steps: int,
    weight: float,
) -> float:
    """Propose ``steps`` moves and return the temperature at the end.

    Args:
        table: What is known of the jobs.
        plan: The present plan, laid out.
        trial: Working arrays.
        limits: When networks must be done; none of them for a search without.
        best: The best plan, to be improved: value, lateness and ceiling ``(3,)`` (see ``limits``), cores ``(G,)`` and
            positions ``(G,)``.
        rng: Source of all randomness.
        quantiles: Of the exponential distribution; limits are drawn from them.
        mix: Shares of the moves, see ``propose``.
        temperature: By how much a plan may be worse, as a share of the best value; the mean of an exponential
            distribution.
        cooling: Factor of the temperature a step.
        steps: Number of moves.
        weight: Of the guide: a plan is worse by so many times what its jobs are dearer than on their cheapest cores.
    """
    standing, best_cores, best_positions = best
    limited = limits.cycles.size > 0
    late = -np.inf
    for _ in range(steps):
        temperature *= cooling
        move = propose(table, plan, rng, mix)
        if move[0] == NOTHING:
            continue
        drawn = quantiles[np.uintp(rng.random() * len(quantiles))]
        limit = plan.totals[VALUE] + temperature * standing[0] * drawn
        first, second, area, energy, guide = changes(table, plan, move)
        limit -= weight * guide
        area, energy = area + plan.totals[AREA], energy + plan.totals[ENERGY]
        longest = longest_load(plan, move, first, second)
        if table.energy.size:
            limit = limit / energy
        if table.needs.size:
            makespan = _run_through(table, plan, move, trial, limit, longest, area)
        else:
            makespan = _sweep(table, plan, move, trial, limit, longest, area)
        if not makespan <= limit:
            continue
        if table.needs.size:
            _commit_waiting(table, plan, move, trial)
        else:
            _commit_sweep(table, plan, move, trial)
        span = makespan
        if limited:
            late = lateness_of(plan, limits)
            span = counted_span(makespan, late, standing[2])
            if not span <= limit:
                _take_back(table, plan, move, trial)
                continue
        plan.totals[VALUE] = span * energy if table.energy.size else span
        plan.totals[AREA], plan.totals[ENERGY] = area, energy
        plan.totals[GUIDE] += guide
        if is_better(plan.totals[VALUE], late, standing[0], standing[1]):
            standing[0], standing[1] = plan.totals[VALUE], late
            if late <= 0.0:
                standing[2] = makespan
            for j in range(len(best_cores)):
                best_cores[j], best_positions[j] = plan.cores[j], plan.positions[j]
    return temperature


@borrowing
def _take_back(table: Table, plan: Plan, move: Move, trial: Trial) -> None:
    """Undo the move that was made last."""
    back = inverse(move)
    first, second, area, _, _ = changes(table, plan, back)
    longest = longest_load(plan, back, first, second)
    if table.needs.size:
        _run_through(table, plan, back, trial, np.inf, longest, area)
        _commit_waiting(table, plan, back, trial)
    else:
        _sweep(table, plan, back, trial, np.inf, longest, area)
        _commit_sweep(table, plan, back, trial)
