"""The closed form, compiled: two vectorised sorts of the batch, then O(G) per mapping.

The jobs are sorted by priority and queued on their cores in virtual time; then their ends are sorted. At every end
the demand loses the request of the job that ends and gains the requests of the jobs that start.

NumPy's sort of floats is several times as fast as its argsort, so *keys* are sorted: floats whose lowest bits are
replaced by the index of the item. The sweeps verify the order, ties by index included: where the lost bits would have
mattered, the rows are sorted again, exactly.

Virtual time and demand are kept in double the precision, as a float and its rounding error (Knuth's two-sum):
otherwise a short interval late in a long schedule would lose its digits, and the slowdown can make it the one that
counts.

With dependencies a job's priority is first raised to those of its predecessors, and its virtual start waits for their
ends. It then starts at the end of a predecessor instead of the job before it, so that the ends of jobs remain the
only times at which the demand changes. ``precedence`` is None or (order, starts, ranks), see
``problems.precedence``; Numba compiles the two cases separately, so the one without dependencies has no overhead.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from problems.arrays import BoolArray, FloatArray, IntArray
from problems.foundation.compiling import borrowing

FlatPrecedence = tuple[IntArray, IntArray, IntArray]

SLOTS_A_CHUNK = 1 << 13  # the working arrays of a chunk stay in the second-level cache

END, REST, DEMAND, NEXT, FIELDS = range(5)
"""Places in a slot, which lies in one line of the cache: the k-th is that of the k-th job in the queue.

They hold its virtual end in cycles, what that rounds off, the bytes/cycle that it asks for, and those that are asked
for from its end on. A slot for each core follows, which ends at the start.
"""

SIGN: Any = np.int64(-(1 << 63))
SMALLEST_NORMAL: Any = np.int64(1 << 52)
LARGEST: Any = np.int64((0x7FF << 52) - 1)
"""Bits of floats; the absolute values of keys lie between these two, as a process may take what is smaller for 0."""

# Indices are cast to unsigned where the inner loops use them: a signed index costs a test for negative values.


class Makespans:
    """Computes the makespans of mappings of one job table, in any number of threads at once.

    Args:
        latency: ``(G, A)`` no-stall cycles.
        bandwidth: ``(G, A)`` bytes/cycle.
        system_bandwidth: Bytes/cycle that the cores share.
        precedence: Dependencies between the jobs, or None.
    """

    def __init__(
        self,
        latency: FloatArray,
        bandwidth: FloatArray,
        system_bandwidth: float,
        precedence: FlatPrecedence | None = None,
    ) -> None:
        self._arguments = latency, bandwidth, system_bandwidth, precedence
        self._table = np.stack([latency, bandwidth], axis=-1, dtype=np.float64).ravel()
        self._num_jobs, self._num_cores = latency.shape
        self._system_bandwidth = float(system_bandwidth)
        self._precedence = precedence if precedence is not None and precedence[2].size else None
        self._rows = max(1, SLOTS_A_CHUNK // (self._num_jobs + self._num_cores))
        self._idle: list[_Workspace] = []

    def __reduce__(self) -> tuple[type[Makespans], tuple[object, ...]]:
        return Makespans, self._arguments

    def __call__(self, cores: IntArray, priorities: FloatArray) -> FloatArray | None:
        """Return the makespans ``(P,)`` of P mappings in cycles; ``inf`` where a core cannot run a job it was given.

        Args:
            cores: ``(P, G)`` core of each job, ``problems.arrays.behaved``.
            priorities: ``(P, G)`` priorities, likewise; a core runs low ones first, ties by job index (with
                dependencies: by topological order).

        Returns:
            None if a core is out of range, or a priority is not finite.
        """
        result = np.empty(len(cores))
        try:
            work = self._idle.pop()
        except IndexError:  # none yet, or other threads use them
            work = _Workspace(self._rows, self._num_jobs, self._num_cores, dependent=self._precedence is not None)
        if len(cores) <= work.rows:
            are_mappings = self._sweep(cores, priorities, result, work)
        else:
            parts = (slice(start, start + work.rows) for start in range(0, len(cores), work.rows))
            are_mappings = all(self._sweep(cores[part], priorities[part], result[part], work) for part in parts)
        self._idle.append(work)
        return result if are_mappings else None

    def _sweep(self, cores: IntArray, priorities: FloatArray, result: FloatArray, work: _Workspace) -> bool:
        """Fill ``result`` ``(P,)`` for at most as many mappings as the workspace has rows; return whether they are."""
        precedence, proposed = self._precedence, priorities
        if len(cores) != work.used:
            work.use(len(cores))
        if precedence is not None:
            _raise_priorities(priorities, precedence, work.raised)
            priorities = work.raised[: len(cores)]
        if not _make_keys(cores, self._num_cores, proposed, priorities, work.mask, work.key_bits):
            return False
        queue = self._table, self._num_cores, cores, priorities, precedence, work.mask, *work.to_queue
        work.keys.sort()
        if _queue_jobs(*queue):
            inexact = np.flatnonzero(work.inexact[: len(cores)])
            work.key_bits[inexact] = np.argsort(priorities[inexact], axis=1, kind="stable")
            _queue_jobs(*queue)
        work.ends.sort()
        if _integrate(self._system_bandwidth, work.mask, *work.to_integrate, result):
            inexact = np.flatnonzero(np.isnan(result))
            fields = work.slots[inexact].reshape(len(inexact), -1, FIELDS)[:, : self._num_jobs]
            work.end_bits[inexact] = np.lexsort((fields[..., REST], fields[..., END]), axis=1)
            _integrate(self._system_bandwidth, work.mask, *work.to_integrate, result)
        return True


def makespans(
    latency: FloatArray,
    bandwidth: FloatArray,
    system_bandwidth: float,
    cores: IntArray,
    priorities: FloatArray,
    precedence: FlatPrecedence | None = None,
) -> FloatArray:
    """Return the makespans ``(P,)`` of P mappings; arguments as of ``Makespans``."""
    found = Makespans(latency, bandwidth, system_bandwidth, precedence)(cores, priorities)
    assert found is not None
    return found


class _Workspace:
    """What one pass writes for the next, P mappings by G jobs; memory allocated anew would cost more than the sweep.

    Attributes:
        rows: P.
        used: How many mappings ``keys`` and ``ends`` are for.
        mask: The bits of a key that hold an index.
        keys: ``(used, G)`` priorities as keys, with the job's index.
        key_bits: ``(P, G)`` the same as integers, for all rows.
        ends: ``(used, G)`` virtual ends as keys, with the slot's index.
        end_bits: ``(P, G)`` the same as integers, for all rows.
        slots: ``(P, (G + A) * FIELDS)``.
        inexact: ``(P,)`` whether the order of the keys is not that of the priorities.
        raised: ``(P, G)`` priorities as dependencies raise them, by rank; of size 0 without.
    """

    def __init__(self, rows: int, num_jobs: int, num_cores: int, *, dependent: bool) -> None:
        self.rows = self.used = rows
        self.mask = (1 << (num_jobs - 1).bit_length()) - 1
        self.keys, self.ends = self._keys, self._ends = np.empty((2, rows, num_jobs))
        self.key_bits, self.end_bits = self.keys.view(np.int64), self.ends.view(np.int64)
        self.slots = np.empty((rows, (num_jobs + num_cores) * FIELDS))
        self.inexact = np.empty(rows, np.bool_)
        self.raised = np.empty((rows if dependent else 0, num_jobs))
        next_rests = np.empty((rows, num_jobs + num_cores)) if dependent else None
        scratch = np.empty(num_cores, np.int64), np.empty(num_jobs, np.int64)
        self.to_queue = (
            self.key_bits,
            self.slots,
            self.slots.view(np.int64),
            self.end_bits,
            next_rests,
            self.inexact,
            *scratch,
        )
        self.to_integrate = self.slots, self.end_bits, next_rests

    def use(self, num_mappings: int) -> None:
        """Use so many rows from now on."""
        self.used = num_mappings
        self.keys, self.ends = self._keys[:num_mappings], self._ends[:num_mappings]


@borrowing
def _two_sum(a: float, b: float) -> tuple[float, float]:
    """Return the sum as a float, and its rounding error (Knuth 1969)."""
    total = a + b
    rounded = total - a
    return total, (a - (total - rounded)) + (b - rounded)


@borrowing
def _raise_priorities(priorities: FloatArray, precedence: FlatPrecedence, raised: FloatArray) -> None:
    """Fill ``raised`` ``(P, G)``, by rank: the highest priority of a job and all jobs it waits for."""
    order, starts, ranks = precedence
    for p in range(len(priorities)):
        for r in range(len(order)):
            highest = priorities[p, np.uintp(order[r])]
            for i in range(np.uintp(starts[r]), np.uintp(starts[r + 1])):
                highest = max(highest, raised[p, np.uintp(ranks[i])])
            raised[p, r] = highest


@borrowing
def _make_keys(
    cores: IntArray, num_cores: int, proposed: FloatArray, priorities: FloatArray, mask: int, keys: IntArray
) -> bool:
    """Fill ``keys`` ``(P, G)``, bits of floats in the order of ``priorities``, with indices in the masked bits.

    Returns:
        Whether all ``cores`` are in 0..A-1, and all ``proposed`` priorities finite.
    """
    proposed_bits, bits = proposed.view(np.int64), priorities.view(np.int64)
    are_mappings = True
    for p in range(bits.shape[0]):
        for j in range(bits.shape[1]):
            are_mappings &= (cores[p, j] >= 0) & (cores[p, j] < num_cores) & (proposed_bits[p, j] & ~SIGN <= LARGEST)
            b = bits[p, j]
            negative = b >> np.int64(63) if b != SIGN else np.int64(0)  # all bits or none; -0 equals 0
            magnitude = max(b & ~SIGN, SMALLEST_NORMAL)
            keys[p, j] = (negative & SIGN) | (magnitude & ~mask) | ((negative ^ j) & mask)
    return are_mappings


@borrowing
def _queue_jobs(
    table: FloatArray,
    num_cores: int,
    cores: IntArray,
    priorities: FloatArray,
    precedence: FlatPrecedence | None,
    mask: int,
    keys: IntArray,
    slots: FloatArray,
    slot_bits: IntArray,
    end_keys: IntArray,
    next_rests: FloatArray | None,
    inexact: BoolArray,
    last: IntArray,
    slot_of_rank: IntArray,
) -> bool:
    """Queue the jobs of each mapping on their cores, in the order of ``keys`` ``(P, G)``; fill ``slots`` and keys.

    Without dependencies one job starts at the end of a slot. With them its ``NEXT`` is a sum with the rounding error
    ``next_rests`` ``(P, G + A)``, and keys and priorities are by rank.

    The ``table`` ``(G * A * 2,)`` holds latency and bandwidth of each job on each core; ``last`` ``(A,)`` is for the
    place of each core's last slot, ``slot_of_rank`` ``(G,)`` for that of each job.

    Returns:
        Whether any mapping is ``inexact``: the order of its keys is not that of its priorities.
    """
    num_jobs = keys.shape[1]
    any_inexact = False
    if precedence is not None:
        order, starts, ranks = precedence
    for p in range(len(cores)):
        row, bits, row_keys, row_end_keys = slots[p], slot_bits[p], keys[p], end_keys[p]
        row_cores, row_priorities = cores[p], priorities[p]
        for core in range(num_cores):
            last[core] = FIELDS * (num_jobs + core)
            row[last[core] : last[core] + FIELDS] = 0.0
        if next_rests is not None:
            next_rests[p] = 0.0
        previous, in_order = -np.inf, True
        for k in range(num_jobs):
            key = row_keys[k]
            rank = j = np.uintp((key ^ (key >> np.int64(63))) & mask)
            in_order &= row_priorities[rank] >= previous
            previous = row_priorities[rank]
            if precedence is not None:
                j = np.uintp(order[rank])
            c = np.uintp(row_cores[j])
            starter = np.uintp(last[c])
            before, before_rest = row[starter], row[starter + np.uintp(REST)]
            if precedence is not None:
                for i in range(np.uintp(starts[rank]), np.uintp(starts[rank + np.uintp(1)])):
                    other = np.uintp(slot_of_rank[np.uintp(ranks[i])])
                    end, rest = row[other], row[other + np.uintp(REST)]
                    later = (end > before) | ((end == before) & (rest > before_rest))  # selects, not branches:
                    before = end if later else before  # the processor could not predict them
                    before_rest = rest if later else before_rest
                    starter = other if later else starter
                slot_of_rank[rank] = FIELDS * k
            cell = np.uintp(2) * (j * np.uintp(num_cores) + c)
            duration, demand = table[cell], table[cell + np.uintp(1)]
            place = np.uintp(FIELDS) * np.uintp(k)
            total = before + duration
            if total < np.inf:
                high = before if before > duration else duration
                low = before if before < duration else duration
                rest = before_rest + (low - (total - high))  # neither is negative: Dekker's fast two-sum
                end = total + rest  # normalised, so that sums have the order of (float, rest)
                rest -= end - total
                row[place], row[place + np.uintp(REST)] = end, rest
                row_end_keys[k] = (max(bits[place], SMALLEST_NORMAL) & ~mask) | k
            else:
                row[place], row[place + np.uintp(REST)] = np.inf, 0.0
                row_end_keys[k] = (LARGEST & ~mask) | k
            row[place + np.uintp(DEMAND)], row[place + np.uintp(NEXT)] = demand, 0.0
            if next_rests is not None:
                demand, rest = _two_sum(row[starter + np.uintp(NEXT)], demand)
                next_rests[p, starter // np.uintp(FIELDS)] += rest
            row[starter + np.uintp(NEXT)] = demand
            last[c] = FIELDS * k
        inexact[p] = not in_order
        any_inexact |= not in_order
    return any_inexact


@borrowing
def _integrate(
    system_bandwidth: float,
    mask: int,
    slots: FloatArray,
    end_keys: IntArray,
    next_rests: FloatArray | None,
    result: FloatArray,
) -> bool:
    """Integrate max(1, D / BW) over virtual time, from end to end, into ``result`` ``(P,)``.

    Returns:
        Whether the ends of any mapping are out of order; its result is NaN.
    """
    num_jobs = end_keys.shape[1]
    any_inexact = False
    for p in range(len(result)):
        row, keys = slots[p], end_keys[p]
        demand, demand_rest = 0.0, 0.0
        for start in range(FIELDS * num_jobs + NEXT, len(row), FIELDS):
            demand, rest = _two_sum(demand, row[start])
            demand_rest += rest
        now, now_rest = 0.0, 0.0
        makespan = 0.0
        in_order = True
        for k in range(num_jobs):
            slot = np.uintp(keys[k] & mask)
            place = np.uintp(FIELDS) * slot
            end, end_rest = row[place], row[place + np.uintp(REST)]
            stretch = (end - now) + (end_rest - now_rest)
            in_order &= stretch >= 0.0
            makespan += stretch * max(1.0, (demand + demand_rest) / system_bandwidth)
            now, now_rest = end, end_rest
            demand, lost = _two_sum(demand, -row[place + np.uintp(DEMAND)])
            demand, rest = _two_sum(demand, row[place + np.uintp(NEXT)])
            demand_rest += lost + rest
            if next_rests is not None:
                demand_rest += next_rests[p, slot]
        if now == np.inf:  # a core was given a job it cannot run
            makespan, in_order = np.inf, True
        result[p] = makespan if in_order else np.nan
        any_inexact |= not in_order
    return any_inexact
