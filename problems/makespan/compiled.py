"""The closed form, compiled: two vectorised sorts for the batch, then O(G log A) a mapping.

The jobs are sorted by priority and queued on their cores in virtual time; their ends are sorted; between two
ends the demand is the root of a binary tree over the cores (a tree, for a running sum would drift).

NumPy sorts integers about twice as fast as it finds a permutation, so what is sorted are *keys*: the bits of a
float, which order like the float, the lowest of them replaced by the index of the item. Where the lost bits
would have mattered the sweep notices it and the row is sorted again, exactly.

Virtual time is kept in twice the precision, as a float and what it rounds off (Knuth's two-sum): a short stretch
late in a long schedule would lose its digits otherwise, and the slowdown can make it the one that counts.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bench.compiling import compiled

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

SLOTS_A_CHUNK = 1 << 14  # the working arrays of a chunk stay in the second-level cache

# Indices are cast to unsigned where the inner loops use them: a signed one costs a test for "from the end".


def makespans(
    latency: FloatArray, bandwidth: FloatArray, system_bandwidth: float, cores: IntArray, priorities: FloatArray
) -> FloatArray:
    """Makespan of P mappings, ``(P,)`` in cycles; ``inf`` where a core cannot run a job it was given.

    Args:
        latency: ``(G, A)`` cycles.
        bandwidth: ``(G, A)`` bytes/cycle.
        system_bandwidth: Bytes/cycle that the cores share.
        cores: ``(P, G)`` core of each job, C-contiguous, in range.
        priorities: ``(P, G)`` finite, C-contiguous; a core runs low ones first, ties by job index.
    """
    num_mappings, num_jobs = cores.shape
    rows = max(1, min(num_mappings, SLOTS_A_CHUNK // num_jobs))
    work = _Workspace(rows, num_jobs, latency.shape[1])
    result = np.empty(num_mappings)
    for start in range(0, num_mappings, rows):
        part = slice(start, min(start + rows, num_mappings))
        result[part] = _chunk(latency, bandwidth, system_bandwidth, cores[part], priorities[part], work)
    return result


class _Workspace:
    """Arrays that every chunk uses again: allocating them anew would cost more than filling them."""

    def __init__(self, rows: int, num_jobs: int, num_cores: int) -> None:
        self.index_mask = (1 << (num_jobs - 1).bit_length()) - 1
        self.keys = np.empty((rows, num_jobs), np.int64)
        self.end_keys = np.empty((rows, num_jobs), np.int64)
        self.ends = np.empty((rows, num_jobs))
        self.end_rests = np.empty((rows, num_jobs))
        self.slot_cores = np.empty((rows, num_jobs), np.int64)
        self.next_demands = np.empty((rows, num_jobs))
        self.first_demands = np.empty((rows, num_cores))


def _chunk(
    latency: FloatArray,
    bandwidth: FloatArray,
    system_bandwidth: float,
    cores: IntArray,
    priorities: FloatArray,
    work: _Workspace,
) -> FloatArray:
    """Makespans ``(P,)`` of as many mappings as the workspace has rows, or fewer."""
    n, mask = len(cores), work.index_mask
    keys, end_keys, ends, end_rests = work.keys[:n], work.end_keys[:n], work.ends[:n], work.end_rests[:n]
    slot_cores, next_demands, first_demands = work.slot_cores[:n], work.next_demands[:n], work.first_demands[:n]
    slots = (mask, ends, end_rests, end_keys, slot_cores, next_demands, first_demands)
    _make_keys(priorities.view(np.int64), mask, keys)
    keys.sort(axis=1)
    inexact = _queue_jobs(latency, bandwidth, cores, priorities, keys, *slots)
    if inexact.any():
        keys[inexact] = np.argsort(priorities[inexact], axis=1, kind="stable")
        _queue_jobs(latency, bandwidth, cores, priorities, keys, *slots)
    end_keys.sort(axis=1)
    result: FloatArray = _integrate(system_bandwidth, *slots)
    inexact = np.isnan(result)
    if inexact.any():
        end_keys[inexact] = np.lexsort((end_rests[inexact], ends[inexact]), axis=1)
        result = _integrate(system_bandwidth, *slots)
    return result


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
    keys: IntArray,
    mask: int,
    ends: FloatArray,
    end_rests: FloatArray,
    end_keys: IntArray,
    slot_cores: IntArray,
    next_demands: FloatArray,
    first_demands: FloatArray,
) -> BoolArray:
    """Queue the jobs of each mapping on their cores, in the order of ``keys`` ``(P, G)``.

    Slot k gets the virtual end of the k-th job and the bandwidth that its core asks for from then on, its next job's;
    ``first_demands`` ``(P, A)`` gets what each core asks for at the start. An idle core asks for nothing.

    Returns:
        ``(P,)`` where the keys are out of the order of the priorities.
    """
    inexact = np.zeros(len(keys), np.bool_)
    num_cores = first_demands.shape[1]
    load, load_rest = np.empty(num_cores), np.empty(num_cores)
    last = np.empty(num_cores, np.int64)
    bits = ends.view(np.int64)
    for p in range(len(keys)):
        load[:] = 0.0
        load_rest[:] = 0.0
        last[:] = -1
        first_demands[p] = 0.0
        previous = -np.inf
        for k in range(keys.shape[1]):
            j = np.uintp(keys[p, k] & mask)
            inexact[p] |= priorities[p, j] < previous
            previous = priorities[p, j]
            c = np.uintp(cores[p, j])
            before, duration = load[c], latency[j, c]
            end = before + duration
            rounded = end - before
            if end < np.inf:
                rest = load_rest[c] + ((before - (end - rounded)) + (duration - rounded))
                load[c] = end + rest  # normalised: sums then order like (float, rest)
                load_rest[c] = rest - (load[c] - end)
            else:
                load[c], load_rest[c] = end, 0.0
            ends[p, k] = load[c]
            end_rests[p, k] = load_rest[c]
            end_keys[p, k] = (bits[p, k] & ~mask) | k
            slot_cores[p, k] = c
            next_demands[p, k] = 0.0
            if last[c] < 0:
                first_demands[p, c] = bandwidth[j, c]
            else:
                next_demands[p, np.uintp(last[c])] = bandwidth[j, c]
            last[c] = k
    return inexact


@compiled
def _integrate(
    system_bandwidth: float,
    mask: int,
    ends: FloatArray,
    end_rests: FloatArray,
    end_keys: IntArray,
    slot_cores: IntArray,
    next_demands: FloatArray,
    first_demands: FloatArray,
) -> FloatArray:
    """Integrate max(1, D / BW) over virtual time ``(P,)``, from one end to the next; NaN if they are out of order."""
    num_mappings, num_cores = first_demands.shape
    result = np.empty(num_mappings)
    leaves = 1
    one = np.uintp(1)
    while leaves < num_cores:
        leaves *= 2
    tree = np.zeros(2 * leaves)  # node n is the sum of nodes 2n and 2n + 1; node 1 is D
    for p in range(num_mappings):
        for c in range(num_cores):
            tree[leaves + c] = first_demands[p, c]
        for n in range(leaves - 1, 0, -1):
            tree[n] = tree[2 * n] + tree[2 * n + 1]
        now, now_rest = 0.0, 0.0
        makespan = 0.0
        in_order = True
        for k in range(ends.shape[1]):
            slot = np.uintp(end_keys[p, k] & mask)
            stretch = (ends[p, slot] - now) + (end_rests[p, slot] - now_rest)
            in_order &= stretch >= 0.0
            makespan += stretch * max(1.0, tree[1] / system_bandwidth)
            now, now_rest = ends[p, slot], end_rests[p, slot]
            demand = next_demands[p, slot]  # coinciding ends of one core come in the order of its queue: keys end in it
            node = np.uintp(leaves) + np.uintp(slot_cores[p, slot])
            tree[node] = demand
            while node > one:
                demand += tree[node ^ one]
                node >>= one
                tree[node] = demand
        if not in_order:
            makespan = np.nan
        if now == np.inf:  # a core was given a job that it cannot run
            makespan = np.inf
        result[p] = makespan
    return result
