"""The moves: what a proposal changes in the sequences of at most two cores."""

from __future__ import annotations

import numpy as np

from optimizers.native.informed.arrays import Plan, Table
from problems.arrays import IntArray
from problems.foundation.compiling import borrowing

Move = tuple[int, int, int, int, int]
"""Kind, and two places: core, position, core, position."""

NOTHING, TRANSFER, SWAP, SHIFT = 0, 1, 2, 3
"""Kinds: none; the job at the first place goes before the second; the two jobs change places; on one core, the job
goes to the second place and those between make room."""


@borrowing
def no_move() -> Move:
    """Return a move of the kind ``NOTHING``."""
    zero = int(np.int64(0))  # for a literal zero, all that takes a move would be compiled once more
    return zero, zero, zero, zero, zero


@borrowing
def changes(table: Table, plan: Plan, move: Move) -> tuple[float, float, float, float, float]:
    """Return by how much a move changes the loads of both cores, the area, the energy and the guide's sum."""
    kind, a, i, b, q = move
    if a == b:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    j = plan.sequences[a, i]
    out, into = table.latency[j, a], table.latency[j, b]
    first, second = -out, into
    area = into * table.demand[j, b] - out * table.demand[j, a]
    counts = table.energy.size > 0
    energy = table.energy[j, b] - table.energy[j, a] if counts else 0.0
    guide = table.guide[j, b] - table.guide[j, a]
    if kind == SWAP:
        k = plan.sequences[b, q]
        out, into = table.latency[k, b], table.latency[k, a]
        first += into
        second -= out
        area += into * table.demand[k, a] - out * table.demand[k, b]
        if counts:
            energy += table.energy[k, a] - table.energy[k, b]
        guide += table.guide[k, a] - table.guide[k, b]
    return first, second, area, energy, guide


@borrowing
def longest_load(plan: Plan, move: Move, first: float, second: float) -> float:
    """Return the largest load of a core, where those of the move's cores change by ``first`` and ``second``."""
    _, a, _, b, _ = move
    longest: float = max(plan.loads[a] + first, plan.loads[b] + second)
    for c in range(len(plan.loads)):
        if c not in (a, b):
            longest = max(longest, plan.loads[c])
    return longest


@borrowing
def write_tail(plan: Plan, move: Move, core: int, first: int, stop: int, tail: IntArray) -> int:
    """Fill ``tail`` with what ``core`` runs after the move, from position ``first`` on; return its length.

    Of its present sequence only what is before ``stop`` is taken.
    """
    kind, a, i, b, q = move
    job = plan.sequences[a, i]
    length = 0
    if kind == TRANSFER:
        for p in range(first, stop):
            if core == b and p == q:
                tail[length] = job
                length += 1
            if core == b or p != i:
                tail[length] = plan.sequences[core, p]
                length += 1
        if core == b and q >= stop:
            tail[length] = job
            length += 1
        return length
    for p in range(first, stop):
        tail[p - first] = plan.sequences[core, p]
    if kind == SWAP:
        if core == a:
            tail[i - first] = plan.sequences[b, q]
        if core == b:
            tail[q - first] = job
    else:
        step = 1 if i < q else -1
        for p in range(i, q, step):
            tail[p - first] = plan.sequences[core, p + step]
        tail[q - first] = job
    return stop - first


@borrowing
def take_tail(plan: Plan, core: int, first: int, tail: IntArray, length: int) -> None:
    """Let ``core`` run the jobs of ``tail`` from position ``first`` on."""
    plan.counts[core] = first + length
    for p in range(length):
        j = tail[p]
        plan.sequences[core, first + p] = j
        plan.cores[j] = core
        plan.positions[j] = first + p


@borrowing
def free_at(plan: Plan, core: int, position: int) -> float:
    """Return the end of the job before ``position``, or 0."""
    if position == 0:
        return 0.0
    end: float = plan.ends[plan.sequences[core, position - 1]]
    return end


@borrowing
def time_of(plan: Plan, move: Move) -> float:
    """Return the time before which a move changes nothing."""
    _, a, i, b, q = move
    if a == b:
        return free_at(plan, a, min(i, q))
    return min(free_at(plan, a, i), free_at(plan, b, q))


@borrowing
def breakpoint_before(plan: Plan, time: float) -> int:
    """Return the last breakpoint before ``time``, or the first of all."""
    low, high = 0, plan.num_breakpoints[0]
    while high - low > 1:
        middle = (low + high) // 2
        if plan.times[middle] < time:
            low = middle
        else:
            high = middle
    return low


@borrowing
def position_at(plan: Plan, core: int, time: float) -> int:
    """Return the position of the job that ``core`` runs right after ``time``, or how many it runs if it is done."""
    low, high = 0, plan.counts[core]
    while low < high:
        middle = (low + high) // 2
        if plan.ends[plan.sequences[core, middle]] > time:
            high = middle
        else:
            low = middle + 1
    return low
