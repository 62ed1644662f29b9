"""Simulated annealing (Kirkpatrick 1983) of a plan, compiled.

The chance by which a move is accepted is drawn before the move is evaluated, so that its evaluation can end as soon as
the makespan is seen to be too long.
"""

from __future__ import annotations

import numpy as np

from optimizers.native.informed import sweep, waiting
from optimizers.native.informed.arrays import AREA, ENERGY, GUIDE, VALUE, Plan, Table, Trial
from optimizers.native.informed.moves import NOTHING, changes, longest_load
from optimizers.native.informed.proposing import propose
from problems.arrays import FloatArray, IntArray
from problems.foundation.compiling import borrowing

_sweep, _commit_sweep, _lay_out_sweep = sweep.sweep, sweep.commit, sweep.lay_out
_run_through, _commit_waiting, _lay_out_waiting = waiting.run_through, waiting.commit, waiting.lay_out


def lay_out(table: Table, plan: Plan, trial: Trial) -> float:
    """Compute the schedule and the totals of a plan's sequences; return its value."""
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
        best: Value ``(1,)``, cores ``(G,)`` and positions ``(G,)`` of the best plan, to be improved.
        rng: Source of all randomness.
        quantiles: Of the exponential distribution; limits are drawn from them.
        mix: Shares of the moves, see ``propose``.
        temperature: By how much a plan may be worse, as a share of the best value; the mean of an exponential
            distribution.
        cooling: Factor of the temperature a step.
        steps: Number of moves.
        weight: Of the guide: a plan is worse by so many times what its jobs are dearer than on their cheapest cores.
    """
    best_value, best_cores, best_positions = best
    for _ in range(steps):
        temperature *= cooling
        move = propose(table, plan, rng, mix)
        if move[0] == NOTHING:
            continue
        drawn = quantiles[np.uintp(rng.random() * len(quantiles))]
        limit = plan.totals[VALUE] + temperature * best_value[0] * drawn
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
        plan.totals[VALUE] = makespan * energy if table.energy.size else makespan
        plan.totals[AREA], plan.totals[ENERGY] = area, energy
        plan.totals[GUIDE] += guide
        if plan.totals[VALUE] < best_value[0]:
            best_value[0] = plan.totals[VALUE]
            for j in range(len(best_cores)):
                best_cores[j], best_positions[j] = plan.cores[j], plan.positions[j]
    return temperature
