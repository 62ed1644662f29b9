"""What is proposed: moves at random, and moves that look at what limits the makespan."""

from __future__ import annotations

import numpy as np

from optimizers.native.informed.arrays import Plan, Table
from optimizers.native.informed.moves import NOTHING, SHIFT, SWAP, TRANSFER, Move, position_at
from problems.arrays import FloatArray
from problems.foundation.compiling import borrowing


@borrowing
def propose(table: Table, plan: Plan, rng: np.random.Generator, mix: FloatArray) -> Move:
    """Draw a move; ``mix`` ``(5,)`` holds the cumulated shares of the kinds, in the order of the code."""
    u = rng.random()
    if u < mix[0]:
        return _transfer(table, plan, rng, _below(rng, len(plan.cores)))
    if u < mix[1]:
        return _swap(table, plan, _below(rng, len(plan.cores)), _below(rng, len(plan.cores)))
    if u < mix[2]:
        return _shift(plan, rng)
    if u < mix[3]:
        return _relieve(table, plan, rng)
    return _level(table, plan, rng)


@borrowing
def _below(rng: np.random.Generator, n: int) -> int:
    """Return a random integer in 0..n-1."""
    return int(rng.random() * n)


@borrowing
def _runs_on(table: Table, job: int, core: int) -> bool:
    """Whether ``core`` is among the choices of ``job``."""
    count = table.num_choices[job]
    if count == table.choices.shape[1]:
        return True
    for n in range(count):  # noqa: SIM110  (no generator can be compiled)
        if table.choices[job, n] == core:
            return True
    return False


@borrowing
def _transfer(table: Table, plan: Plan, rng: np.random.Generator, job: int) -> Move:
    """Move ``job`` to another core, to about the same time or to any place."""
    core = plan.cores[job]
    other = table.choices[job, _below(rng, table.num_choices[job])]
    if other == core:
        return NOTHING, 0, 0, 0, 0
    place = position_at(plan, other, plan.starts[job])
    if rng.random() < 0.5:
        place = _below(rng, plan.counts[other] + 1)
    return TRANSFER, core, plan.positions[job], other, place


@borrowing
def _swap(table: Table, plan: Plan, first: int, second: int) -> Move:
    """Let two jobs change places."""
    a, b = plan.cores[first], plan.cores[second]
    if first == second or not (_runs_on(table, first, b) and _runs_on(table, second, a)):
        return NOTHING, 0, 0, 0, 0
    return SWAP, a, plan.positions[first], b, plan.positions[second]


@borrowing
def _shift(plan: Plan, rng: np.random.Generator) -> Move:
    """Move a job to another place on its core."""
    job = _below(rng, len(plan.cores))
    core, i = plan.cores[job], plan.positions[job]
    q = _below(rng, plan.counts[core])
    if q == i:
        return NOTHING, 0, 0, 0, 0
    return SHIFT, core, i, core, q


@borrowing
def _relieve(table: Table, plan: Plan, rng: np.random.Generator) -> Move:
    """Move a job from the core that is busy longest, or swap it with one of another core."""
    core = 0
    for c in range(1, len(plan.loads)):
        if plan.loads[c] > plan.loads[core]:
            core = c
    job = plan.sequences[core, _below(rng, plan.counts[core])]
    if rng.random() < 0.5:
        return _transfer(table, plan, rng, job)
    return _swap(table, plan, job, _below(rng, len(plan.cores)))


@borrowing
def _level(table: Table, plan: Plan, rng: np.random.Generator) -> Move:
    """Swap a job that runs while much bandwidth is asked for with one that asks for less, while little is."""
    high, low = _below(rng, plan.num_breakpoints[0]), _below(rng, plan.num_breakpoints[0])
    if plan.demands[high] < plan.demands[low]:
        high, low = low, high
    a = _below(rng, len(plan.counts))
    b = a if rng.random() < 0.5 else _below(rng, len(plan.counts))
    p, q = position_at(plan, a, plan.times[high]), position_at(plan, b, plan.times[low])
    if p >= plan.counts[a] or q >= plan.counts[b]:
        return NOTHING, 0, 0, 0, 0
    first, second = plan.sequences[a, p], plan.sequences[b, q]
    if table.demand[first, a] <= table.demand[second, b]:
        return NOTHING, 0, 0, 0, 0
    return _swap(table, plan, first, second)
