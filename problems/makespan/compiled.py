"""The closed form, compiled: two vectorised sorts of the batch, then O(G) per mapping.

The jobs are sorted by priority and queued on their cores in virtual time; then their ends are sorted. At every end
the demand loses the request of the job that ends and gains the requests of the jobs that start.

NumPy's sort of integers is about twice as fast as its argsort, so *keys* are sorted: the bits of a float, which have
the same order as the floats, with the lowest bits replaced by the index of the item. Where the lost bits
would have mattered, the sweep detects it and the row is sorted again, exactly.

Virtual time and demand are kept in double the precision, as a float and its rounding error (Knuth's two-sum):
otherwise a short interval late in a long schedule would lose its digits, and the slowdown can make it the one that
counts.

With dependencies a job's priority is first raised to those of its predecessors, and its virtual start waits for their
ends. It then starts at the end of a predecessor instead of the job before it, so that the ends of jobs remain the
only times at which the demand changes. ``precedence`` is None or (order, starts, ranks), see
``problems.precedence``; Numba compiles the two cases separately, so the one without dependencies has no overhead.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar, cast

import numpy as np

from problems.arrays import BoolArray, FloatArray, IntArray
from problems.foundation.compiling import compiled

FlatPrecedence = tuple[IntArray, IntArray, IntArray]

SLOTS_A_CHUNK = 1 << 14  # the working arrays of a chunk stay in the second-level cache

# Indices are cast to unsigned where the inner loops use them: a signed index costs a test for negative values.


def makespans(
    latency: FloatArray,
    bandwidth: FloatArray,
    system_bandwidth: float,
    cores: IntArray,
    priorities: FloatArray,
    precedence: FlatPrecedence | None = None,
) -> FloatArray:
    """Return the makespans ``(P,)`` of P mappings in cycles; ``inf`` where a core cannot run a job it was given.

    Args:
        latency: ``(G, A)`` no-stall cycles.
        bandwidth: ``(G, A)`` bytes/cycle.
        system_bandwidth: Bytes/cycle that the cores share.
        cores: ``(P, G)`` core of each job, C-contiguous, in range.
        priorities: ``(P, G)`` priorities, finite, C-contiguous; a core runs low ones first, ties by job index (with
            dependencies: by topological order).
        precedence: Dependencies between the jobs, or None.
    """
    num_mappings, num_jobs = cores.shape
    if precedence is not None and not precedence[2].size:
        precedence = None
    rows = max(1, min(num_mappings, SLOTS_A_CHUNK // num_jobs))
    work = _Workspace(rows, num_jobs, latency.shape[1], dependent=precedence is not None)
    jobs = _Jobs(latency, bandwidth, cores, priorities)
    if num_mappings == rows:
        return _chunk(jobs, system_bandwidth, precedence, work)
    result = np.empty(num_mappings)
    for start in range(0, num_mappings, rows):
        part = slice(start, min(start + rows, num_mappings))
        own = jobs._replace(cores=cores[part], priorities=priorities[part])
        result[part] = _chunk(own, system_bandwidth, precedence, work)
    return result


class _Slots(NamedTuple):
    """What one pass writes for the next, P mappings by G slots: the k-th slot is that of the k-th job in the queue.

    All but ``end_keys`` may have more rows than there are mappings.

    Attributes:
        mask: The bits of a key that hold an index.
        ends: ``(P, G)`` virtual end of each job, in cycles.
        end_rests: ``(P, G)`` what the ends round off.
        end_keys: ``(P, G)`` the ends as keys, to be sorted.
        demands: ``(P, G)`` bytes/cycle that each job asks for.
        next_demands: ``(P, G + A)`` bytes/cycle that are asked for from a slot's end on, and by each core at the start.
    """

    mask: int
    ends: FloatArray
    end_rests: FloatArray
    end_keys: IntArray
    demands: FloatArray
    next_demands: FloatArray


class _Jobs(NamedTuple):
    """What is queued: the job table and P mappings; as in ``makespans``."""

    latency: FloatArray
    bandwidth: FloatArray
    cores: IntArray
    priorities: FloatArray


N = TypeVar("N", bound=tuple[object, ...])


def _plain(named: N) -> N:
    """A named tuple without its names, as it crosses to compiled code: Numba finds its type in half the time."""
    return cast("N", tuple(named))


class _Workspace:
    """Arrays that all chunks reuse: allocating them anew would cost more than filling them."""

    def __init__(self, rows: int, num_jobs: int, num_cores: int, *, dependent: bool) -> None:
        self.keys = np.empty((rows, num_jobs), np.int64)
        self.slots = _Slots(
            (1 << (num_jobs - 1).bit_length()) - 1,
            np.empty((rows, num_jobs)),
            np.empty((rows, num_jobs)),
            np.empty((rows, num_jobs), np.int64),
            np.empty((rows, num_jobs)),
            np.empty((rows, num_jobs + num_cores)),
        )
        self.next_rests = np.empty((rows, num_jobs + num_cores)) if dependent else None
        self.raised = np.empty((rows, num_jobs)) if dependent else None


def _chunk(jobs: _Jobs, system_bandwidth: float, precedence: FlatPrecedence | None, work: _Workspace) -> FloatArray:
    """Return the makespans ``(P,)`` of at most as many mappings as the workspace has rows."""
    n, keys, slots = len(jobs.cores), work.keys, work.slots
    if n < len(keys):
        keys, slots = keys[:n], slots._replace(end_keys=slots.end_keys[:n])
    if precedence is not None and work.raised is not None:
        _raise_priorities(jobs.priorities, precedence, work.raised[:n])
        jobs = jobs._replace(priorities=work.raised[:n])
    _make_keys(jobs.priorities.view(np.int64), slots.mask, keys)
    keys.sort(axis=1)
    plain_jobs, plain_slots = _plain(jobs), _plain(slots)
    inexact = _queue_jobs(plain_jobs, precedence, keys, plain_slots, work.next_rests)
    if inexact.any():
        keys[inexact] = np.argsort(jobs.priorities[inexact], axis=1, kind="stable")
        _queue_jobs(plain_jobs, precedence, keys, plain_slots, work.next_rests)
    slots.end_keys.sort(axis=1)
    result: FloatArray = _integrate(system_bandwidth, plain_slots, work.next_rests)
    inexact = np.isnan(result)
    if inexact.any():
        order = np.lexsort((slots.end_rests[:n][inexact], slots.ends[:n][inexact]), axis=1)
        slots.end_keys[inexact] = order
        result = _integrate(system_bandwidth, plain_slots, work.next_rests)
    return result


@compiled
def _two_sum(a: float, b: float) -> tuple[float, float]:
    """Return the sum as a float, and its rounding error (Knuth 1969)."""
    total = a + b
    rounded = total - a
    return total, (a - (total - rounded)) + (b - rounded)


@compiled
def _raise_priorities(priorities: FloatArray, precedence: FlatPrecedence, raised: FloatArray) -> None:
    """Fill ``raised`` ``(P, G)``, by rank: the highest priority of a job and all jobs it waits for."""
    order, starts, ranks = precedence
    for p in range(len(priorities)):
        for r in range(len(order)):
            highest = priorities[p, np.uintp(order[r])]
            for i in range(np.uintp(starts[r]), np.uintp(starts[r + 1])):
                highest = max(highest, raised[p, np.uintp(ranks[i])])
            raised[p, r] = highest


@compiled
def _make_keys(bits: IntArray, mask: int, keys: IntArray) -> None:
    """Fill ``keys`` ``(P, G)``: ordered like the floats whose ``bits`` are given, with indices in the masked bits."""
    for p in range(bits.shape[0]):
        for j in range(bits.shape[1]):
            b = bits[p, j]
            if b < 0:  # for negative floats, larger bits mean a smaller number, and -0 equals 0
                b = np.int64(-1) - (b & np.int64(0x7FFFFFFFFFFFFFFF)) + np.int64(1)
            keys[p, j] = (b & ~mask) | j


@compiled
def _queue_jobs(
    jobs: _Jobs,
    precedence: FlatPrecedence | None,
    keys: IntArray,
    slots: _Slots,
    next_rests: FloatArray | None,
) -> BoolArray:
    """Queue the jobs of each mapping on their cores, in the order of ``keys`` ``(P, G)``, and fill the ``slots``.

    A slot's ``next_demands`` is the bandwidth requested by the jobs that start at its end; behind the slots, by the
    first job of each core. Without dependencies that is one job; with them a sum with the rounding error ``next_rests``
    ``(P, G + A)``, and keys and priorities are by rank.

    Returns:
        ``(P,)`` whether the order of the keys is not that of the priorities.
    """
    latency, bandwidth, cores, priorities = jobs
    mask, ends, end_rests, end_keys, demands, next_demands = slots
    inexact = np.zeros(len(keys), np.bool_)
    num_jobs, num_cores = keys.shape[1], latency.shape[1]
    load, load_rest = np.empty(num_cores), np.empty(num_cores)
    last = np.empty(num_cores, np.int64)
    slot_of_rank = np.empty(num_jobs, np.int64)
    bits = ends.view(np.int64)
    if precedence is not None:
        order, starts, ranks = precedence
    for p in range(len(keys)):
        load[:] = load_rest[:] = 0.0
        last[:] = np.arange(num_jobs, num_jobs + num_cores)
        next_demands[p] = 0.0
        if next_rests is not None:
            next_rests[p] = 0.0
        previous = -np.inf
        for k in range(num_jobs):
            rank = j = np.uintp(keys[p, k] & mask)
            inexact[p] |= priorities[p, rank] < previous
            previous = priorities[p, rank]
            if precedence is not None:
                j = np.uintp(order[rank])
            c = np.uintp(cores[p, j])
            before, before_rest, starter = load[c], load_rest[c], last[c]
            if precedence is not None:
                for i in range(np.uintp(starts[rank]), np.uintp(starts[rank + np.uintp(1)])):
                    slot = slot_of_rank[np.uintp(ranks[i])]
                    end, rest = ends[p, np.uintp(slot)], end_rests[p, np.uintp(slot)]
                    later = (end > before) | ((end == before) & (rest > before_rest))  # selects, not branches:
                    before = end if later else before  # the processor could not predict them
                    before_rest = rest if later else before_rest
                    starter = slot if later else starter
                slot_of_rank[rank] = k
            duration, demand = latency[j, c], bandwidth[j, c]
            end = before + duration
            rounded = end - before
            if end < np.inf:
                rest = before_rest + ((before - (end - rounded)) + (duration - rounded))
                load[c] = end + rest  # normalised, so that sums have the order of (float, rest)
                load_rest[c] = rest - (load[c] - end)
            else:
                load[c], load_rest[c] = end, 0.0
            ends[p, k] = load[c]
            end_rests[p, k] = load_rest[c]
            end_keys[p, k] = (bits[p, k] & ~mask) | k
            demands[p, k] = demand
            starter_slot = np.uintp(starter)
            if next_rests is not None:
                total, rest = _two_sum(next_demands[p, starter_slot], demand)
                next_demands[p, starter_slot] = total
                next_rests[p, starter_slot] += rest
            else:
                next_demands[p, starter_slot] = demand
            last[c] = k
    return inexact


@compiled
def _integrate(system_bandwidth: float, slots: _Slots, next_rests: FloatArray | None) -> FloatArray:
    """Integrate max(1, D / BW) over virtual time, from end to end, ``(P,)``; NaN where the ends are out of order."""
    mask, ends, end_rests, end_keys, demands, next_demands = slots
    num_mappings, num_jobs = end_keys.shape
    result = np.empty(num_mappings)
    for p in range(num_mappings):
        demand, demand_rest = 0.0, 0.0
        for c in range(num_jobs, next_demands.shape[1]):
            demand, rest = _two_sum(demand, next_demands[p, c])
            demand_rest += rest
        now, now_rest = 0.0, 0.0
        makespan = 0.0
        in_order = True
        for k in range(num_jobs):
            slot = np.uintp(end_keys[p, k] & mask)
            stretch = (ends[p, slot] - now) + (end_rests[p, slot] - now_rest)
            in_order &= stretch >= 0.0
            makespan += stretch * max(1.0, (demand + demand_rest) / system_bandwidth)
            now, now_rest = ends[p, slot], end_rests[p, slot]
            demand, lost = _two_sum(demand, -demands[p, slot])
            demand, rest = _two_sum(demand, next_demands[p, slot])
            demand_rest += lost + rest
            if next_rests is not None:
                demand_rest += next_rests[p, slot]
        if not in_order:
            makespan = np.nan
        if now == np.inf:  # a core was given a job it cannot run
            makespan = np.inf
        result[p] = makespan
    return result
