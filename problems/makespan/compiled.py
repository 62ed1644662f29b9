"""The closed form, compiled: two vectorised sorts for the batch, then O(G) a mapping.

The jobs are sorted by priority and queued on their cores in virtual time; their ends are sorted; at every end the
demand loses what the job asked for and gains what the jobs ask for that start then.

NumPy sorts integers about twice as fast as it finds a permutation, so what is sorted are *keys*: the bits of a
float, which order like the float, the lowest of them replaced by the index of the item. Where the lost bits
would have mattered the sweep notices it and the row is sorted again, exactly.

Virtual time and demand are kept in twice the precision, as a float and what it rounds off (Knuth's two-sum): a short
stretch late in a long schedule would lose its digits otherwise, and the slowdown can make it the one that counts.

With dependencies a job's priority first rises to those of its predecessors, and its virtual start waits for their
ends. It then starts at the end of a predecessor instead of the job before it, so that the ends of jobs remain the
only moments at which the demand changes. ``precedence`` is None or (order, starts, ranks), see
``problems.precedence``; Numba compiles both cases apart, and the one without dependencies pays nothing for the other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bench.compiling import compiled

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FlatPrecedence = tuple[IntArray, IntArray, IntArray]

SLOTS_A_CHUNK = 1 << 14  # the working arrays of a chunk stay in the second-level cache

# Indices are cast to unsigned where the inner loops use them: a signed one costs a test for "from the end".


def makespans(
    latency: FloatArray,
    bandwidth: FloatArray,
    system_bandwidth: float,
    cores: IntArray,
    priorities: FloatArray,
    precedence: FlatPrecedence | None = None,
) -> FloatArray:
    """Makespan of P mappings, ``(P,)`` in cycles; ``inf`` where a core cannot run a job it was given.

    Args:
        latency: ``(G, A)`` cycles.
        bandwidth: ``(G, A)`` bytes/cycle.
        system_bandwidth: Bytes/cycle that the cores share.
        cores: ``(P, G)`` core of each job, C-contiguous, in range.
        priorities: ``(P, G)`` finite, C-contiguous; a core runs low ones first, ties by job index (with dependencies:
            by topological order).
        precedence: Dependencies between the jobs, or None.
    """
    num_mappings, num_jobs = cores.shape
    if precedence is not None and not precedence[2].size:
        precedence = None
    rows = max(1, min(num_mappings, SLOTS_A_CHUNK // num_jobs))
    work = _Workspace(rows, num_jobs, latency.shape[1], dependent=precedence is not None)
    result = np.empty(num_mappings)
    for start in range(0, num_mappings, rows):
        part = slice(start, min(start + rows, num_mappings))
        result[part] = _chunk(latency, bandwidth, system_bandwidth, cores[part], priorities[part], precedence, work)
    return result


class _Workspace:
    """Arrays that every chunk uses again: allocating them anew would cost more than filling them."""

    def __init__(self, rows: int, num_jobs: int, num_cores: int, *, dependent: bool) -> None:
        self.index_mask = (1 << (num_jobs - 1).bit_length()) - 1
        self.keys = np.empty((rows, num_jobs), np.int64)
        self.end_keys = np.empty((rows, num_jobs), np.int64)
        self.ends = np.empty((rows, num_jobs))
        self.end_rests = np.empty((rows, num_jobs))
        self.demands = np.empty((rows, num_jobs))
        self.next_demands = np.empty((rows, num_jobs + num_cores))
        self.next_rests = np.empty((rows, num_jobs + num_cores)) if dependent else None
        self.raised = np.empty((rows, num_jobs)) if dependent else None


def _chunk(
    latency: FloatArray,
    bandwidth: FloatArray,
    system_bandwidth: float,
    cores: IntArray,
    priorities: FloatArray,
    precedence: FlatPrecedence | None,
    work: _Workspace,
) -> FloatArray:
    """Makespans ``(P,)`` of as many mappings as the workspace has rows, or fewer."""
    n, mask = len(cores), work.index_mask
    keys, end_keys, ends, end_rests = work.keys[:n], work.end_keys[:n], work.ends[:n], work.end_rests[:n]
    slots = (mask, ends, end_rests, end_keys, work.demands[:n], work.next_demands[:n], work.next_rests)
    if precedence is not None and work.raised is not None:
        _raise_priorities(priorities, precedence, work.raised[:n])
        priorities = work.raised[:n]
    _make_keys(priorities.view(np.int64), mask, keys)
    keys.sort(axis=1)
    inexact = _queue_jobs(latency, bandwidth, cores, priorities, precedence, keys, *slots)
    if inexact.any():
        keys[inexact] = np.argsort(priorities[inexact], axis=1, kind="stable")
        _queue_jobs(latency, bandwidth, cores, priorities, precedence, keys, *slots)
    end_keys.sort(axis=1)
    result: FloatArray = _integrate(system_bandwidth, *slots)
    inexact = np.isnan(result)
    if inexact.any():
        end_keys[inexact] = np.lexsort((end_rests[inexact], ends[inexact]), axis=1)
        result = _integrate(system_bandwidth, *slots)
    return result


@compiled
def _two_sum(a: float, b: float) -> tuple[float, float]:
    """The sum as a float, and what that rounds off (Knuth 1969)."""
    total = a + b
    rounded = total - a
    return total, (a - (total - rounded)) + (b - rounded)


@compiled
def _raise_priorities(priorities: FloatArray, precedence: FlatPrecedence, raised: FloatArray) -> None:
    """Fill ``raised`` ``(P, G)``, by rank: the highest priority of a job and all that it waits for."""
    order, starts, ranks = precedence
    for p in range(len(priorities)):
        for r in range(len(order)):
            highest = priorities[p, np.uintp(order[r])]
            for i in range(np.uintp(starts[r]), np.uintp(starts[r + 1])):
                highest = max(highest, raised[p, np.uintp(ranks[i])])
            raised[p, r] = highest


@compiled
def _make_keys(bits: IntArray, mask: int, keys: IntArray) -> None:
    """Fill ``keys`` ``(P, G)``: order like the floats whose ``bits`` are given, indices in the masked bits."""
    for p in range(bits.shape[0]):
        for j in range(bits.shape[1]):
            b = bits[p, j]
            if b < 0:  # of negative floats the larger bits are the smaller number, and -0 equals 0
                b = np.int64(-1) - (b & np.int64(0x7FFFFFFFFFFFFFFF)) + np.int64(1)
            keys[p, j] = (b & ~mask) | j


@compiled
def _queue_jobs(
    latency: FloatArray,
    bandwidth: FloatArray,
    cores: IntArray,
    priorities: FloatArray,
    precedence: FlatPrecedence | None,
    keys: IntArray,
    mask: int,
    ends: FloatArray,
    end_rests: FloatArray,
    end_keys: IntArray,
    demands: FloatArray,
    next_demands: FloatArray,
    next_rests: FloatArray | None,
) -> BoolArray:
    """Queue the jobs of each mapping on their cores, in the order of ``keys`` ``(P, G)``.

    Slot k gets the virtual end of the k-th job and the bandwidth that it asks for. ``next_demands`` ``(P, G + A)`` gets
    what is asked for from a slot's end on by the jobs that start then, and behind the slots what each core asks for
    at the start. Without dependencies that is one job; with them it is a sum, and ``next_rests`` what it rounds off,
    and keys and ``priorities`` are by rank.

    Returns:
        ``(P,)`` where the keys are out of the order of the priorities.
    """
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
                    later = (end > before) | ((end == before) & (rest > before_rest))  # choices, not branches:
                    before = end if later else before  # a processor cannot guess them
                    before_rest = rest if later else before_rest
                    starter = slot if later else starter
                slot_of_rank[rank] = k
            duration, demand = latency[j, c], bandwidth[j, c]
            end = before + duration
            rounded = end - before
            if end < np.inf:
                rest = before_rest + ((before - (end - rounded)) + (duration - rounded))
                load[c] = end + rest  # normalised: sums then order like (float, rest)
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
def _integrate(
    system_bandwidth: float,
    mask: int,
    ends: FloatArray,
    end_rests: FloatArray,
    end_keys: IntArray,
    demands: FloatArray,
    next_demands: FloatArray,
    next_rests: FloatArray | None,
) -> FloatArray:
    """Integrate max(1, D / BW) over virtual time ``(P,)``, from one end to the next; NaN if they are out of order."""
    num_mappings, num_jobs = ends.shape
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
        if now == np.inf:  # a core was given a job that it cannot run
            makespan = np.inf
        result[p] = makespan
    return result
