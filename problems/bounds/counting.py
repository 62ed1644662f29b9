"""A lower bound by counting: so many long jobs that some core must run several of them.

Let S be a set of jobs, each of which waits for predecessors of at least r cycles, and is waited for by successors of at
least q cycles. In a mapping of makespan T, a core has T - r - q cycles for those of S that it runs, one at a time. It
can run n of them only if the n that it runs fastest, each as if it ran alone, take no longer than that. All cores
together must run all of S. So T - r - q is at least the |S|-th smallest of these sums, of all cores and all n.

S is the k jobs of the longest least durations, for the k that proves most. For one job more than there are equal cores,
it is the sum of the two shortest of S (Dell'Amico & Martello 1995).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.bounds.duality import durations_alone
from problems.job_table import JobTable
from problems.precedence import Precedence

MOST_COUNTED = 256
"""Largest set of jobs; of more, volumes and loads tell more than their number."""


def bound_of(table: JobTable, system_bandwidth: float, precedence: Precedence | None = None) -> float:
    """Return the cycles that counting certifies, but for rounding; ``inf`` if they are beyond the floats."""
    alone = durations_alone(table, system_bandwidth)
    least = alone.min(axis=1)
    before, after = np.zeros(len(least)), np.zeros(len(least))
    if precedence is not None:
        before, after = precedence.heads(least), precedence.tails(least)
    longest = np.argsort(-least, kind="stable")[:MOST_COUNTED]
    counted = (before[s].min() + time_for(alone[s]) + after[s].min() for s in _beginnings(longest))
    return float(max(counted))


def time_for(durations: FloatArray) -> float:
    """Return the cycles that cores need at least for all jobs, of ``durations`` ``(k, A)``."""
    sums = np.cumsum(np.sort(durations, axis=0), axis=0).reshape(-1)
    return float(np.partition(sums, len(durations) - 1)[len(durations) - 1])


def _beginnings(jobs: IntArray) -> Iterator[IntArray]:
    return (jobs[:count] for count in range(1, len(jobs) + 1))
