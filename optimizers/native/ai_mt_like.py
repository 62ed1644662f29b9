"""A mapper after AI-MT (Baek, Kwon & Kim, ISCA 2020), as the baseline of Kao & Krishna 2022.

It is made for equal cores: all that it knows of a job is its mean over the cores.
"""

from __future__ import annotations

import numpy as np

from optimizers.contract import IntArray, Jobs
from optimizers.native.mapper import Mapper, mean_over_cores


class AIMTLike(Mapper):
    """Bandwidth-heavy jobs alternate with compute-heavy ones, each to the core that is idle first."""

    def place(self, jobs: Jobs) -> tuple[IntArray, IntArray]:
        """Heaviest demand, lightest, second heaviest, and so on; all cores count as equally fast."""
        lengths = mean_over_cores(jobs.latency, jobs.latency)
        order = _from_both_ends(np.argsort(-mean_over_cores(jobs.bandwidth, jobs.latency), kind="stable"))
        cores, loads = np.empty(len(order), dtype=np.int64), np.zeros(jobs.latency.shape[1])
        for job in order:
            core = int(np.argmin(np.where(np.isfinite(jobs.latency[job]), loads, np.inf)))
            cores[job] = core
            loads[core] += lengths[job]
        return cores, order


def _from_both_ends(jobs: IntArray) -> IntArray:
    """First, last, second, last but one, ..."""
    mixed, half = np.empty_like(jobs), (len(jobs) + 1) // 2
    mixed[0::2] = jobs[:half]
    mixed[1::2] = jobs[half:][::-1]
    return mixed
