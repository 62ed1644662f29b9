"""A mapper after AI-MT (Baek, Kwon & Kim, ISCA 2020), a baseline of Kao & Krishna 2022.

It is designed for equal cores, so it uses only the mean of each job over the cores.
"""

from __future__ import annotations

import numpy as np

from optimizers.native.mapper import Mapper, mean_over_cores
from problems.arrays import IntArray
from problems.space import Jobs


class AIMTLike(Mapper):
    """Alternates between bandwidth-heavy and compute-heavy jobs, each on the core that is idle first."""

    def place(self, jobs: Jobs) -> tuple[IntArray, IntArray]:
        """Order jobs by bandwidth as highest, lowest, second highest, and so on; assume equally fast cores."""
        lengths = mean_over_cores(jobs.latency, jobs.latency)
        order = _from_both_ends(np.argsort(-mean_over_cores(jobs.bandwidth, jobs.latency), kind="stable"))
        cores = np.empty(len(order), dtype=np.int64)
        loads = np.zeros(jobs.latency.shape[1])
        for job in order:
            core = int(np.argmin(np.where(np.isfinite(jobs.latency[job]), loads, np.inf)))
            cores[job] = core
            loads[core] += lengths[job]
        return cores, order


def _from_both_ends(jobs: IntArray) -> IntArray:
    """Reorder the jobs as first, last, second, second to last, ..."""
    mixed = np.empty_like(jobs)
    half = (len(jobs) + 1) // 2
    mixed[0::2] = jobs[:half]
    mixed[1::2] = jobs[half:][::-1]
    return mixed
