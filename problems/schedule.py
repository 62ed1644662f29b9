"""The schedule of a mapping: when every job runs, and how much bandwidth is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import InvalidInput
from problems.job_table import JobTable
from problems.precedence import Precedence


@dataclass(frozen=True, eq=False)
class Schedule:
    """One mapping over real time.

    Attributes:
        cores: ``(G,)`` core of each job.
        starts: ``(G,)`` start of each job in cycles.
        ends: ``(G,)`` end of each job in cycles.
        times: ``(n + 1,)`` ascending cycles from 0 to the makespan; between two of them nothing changes.
        demands: ``(n,)`` bytes/cycle that the running jobs request between ``times[i]`` and ``times[i + 1]``.
        system_bandwidth: Bytes/cycle that the cores share.
    """

    cores: IntArray
    starts: FloatArray
    ends: FloatArray
    times: FloatArray
    demands: FloatArray
    system_bandwidth: float

    @property
    def makespan(self) -> float:
        """Cycles until the last job ends."""
        return float(self.times[-1])

    @property
    def used_bandwidth(self) -> FloatArray:
        """Bytes/cycle that flow, ``(n,)``, the demand limited by the system bandwidth."""
        return np.minimum(self.demands, self.system_bandwidth)

    @classmethod
    def of(
        cls,
        table: JobTable,
        system_bandwidth: float,
        cores: npt.ArrayLike,
        priorities: npt.ArrayLike,
        precedence: Precedence | None = None,
    ) -> Schedule:
        """Compute the schedule of the mapping ``cores`` ``(G,)``, ``priorities`` ``(G,)``.

        Virtual starts and ends follow from the queues alone; real time is a monotone function of virtual time.

        Raises:
            InvalidInput: If a core is given a job that it cannot run.
        """
        core = np.asarray(cores, dtype=np.int64)
        jobs = np.arange(core.size)
        duration, bandwidth = table.latency[jobs, core], table.bandwidth[jobs, core]
        if np.isinf(duration).any():
            job = int(np.flatnonzero(np.isinf(duration))[0])
            raise InvalidInput(f"job {job}", expected="a core that can run it", actual=int(core[job]))
        exact, unit = _integers(duration)
        start, end = _virtual(exact, core, np.asarray(priorities, dtype=np.float64), precedence)
        virtual = sorted({0, *start, *end})
        place = {moment: number for number, moment in enumerate(virtual)}
        first, last = ([place[moment] for moment in moments] for moments in (start, end))
        demands = np.zeros(len(virtual) - 1)
        for begin, stop, own in zip(first, last, bandwidth, strict=True):
            demands[begin:stop] += own
        steps = np.array([(after - before) / unit for before, after in pairwise(virtual)])
        times = np.concatenate([[0.0], np.cumsum(steps * np.maximum(1.0, demands / system_bandwidth))])
        return cls(core, times[first], times[last], times, demands, system_bandwidth)


def _integers(durations: FloatArray) -> tuple[list[int], int]:
    """Return ``durations`` ``(G,)`` as multiples of a fraction of a cycle, and how many fractions make a cycle; exact.

    The slowdown can make a short interval late in a long schedule the one that counts; floats would lose its digits.
    """
    ratios = [duration.as_integer_ratio() for duration in durations.tolist()]
    unit = max(denominator for _, denominator in ratios)
    return [numerator * (unit // denominator) for numerator, denominator in ratios], unit


def _virtual(
    durations: Sequence[int], cores: IntArray, priorities: FloatArray, precedence: Precedence | None
) -> tuple[list[int], list[int]]:
    """Return the starts and ends of all G jobs in virtual (no-stall) time, in the unit of ``durations``."""
    start, end = [0] * len(durations), [0] * len(durations)
    free = [0] * (int(cores.max()) + 1)
    for job in queue_order(priorities, precedence).tolist():
        before = precedence.predecessors[job] if precedence is not None else ()
        start[job] = max([free[cores[job]], *(end[other] for other in before)])
        free[cores[job]] = end[job] = start[job] + durations[job]
    return start, end


def queue_order(priorities: FloatArray, precedence: Precedence | None) -> IntArray:
    """Return all jobs ``(G,)`` in queue order: by (raised) priority, ties by index or topological order."""
    if precedence is None:
        return np.argsort(priorities, kind="stable")
    raised = np.array(priorities, dtype=np.float64)
    for job in precedence.order:
        raised[job] = max([raised[job], *raised[list(precedence.predecessors[job])]])
    return precedence.order[np.argsort(raised[precedence.order], kind="stable")]
