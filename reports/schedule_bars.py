"""What can be seen of a schedule: jobs as bars, those too short to be told apart as one, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from problems import Schedule

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_BARS = 10_000
"""In a picture or page; of more jobs the short ones are merged."""

FINEST = 1500
"""Parts of the makespan that a picture tells apart."""


@dataclass(frozen=True, eq=False)
class Bars:
    """A schedule to be drawn; where nothing is merged it is the schedule itself.

    Attributes:
        cores: ``(n,)`` the core of each bar.
        starts: ``(n,)`` cycles.
        ends: ``(n,)`` cycles.
        jobs: ``(n,)`` the job that a bar is; of several the first of the network with most of their time.
        counts: ``(n,)`` how many jobs a bar stands for.
        times: ``(m + 1,)`` ascending cycles from 0 to the makespan.
        demands: ``(m,)`` bytes/cycle that are asked for between ``times[i]`` and ``times[i + 1]``, on average.
        used_bandwidth: ``(m,)`` bytes/cycle that flow meanwhile, on average.
        system_bandwidth: Bytes/cycle that there are.
        note: What is merged, in a sentence; "" if nothing is.
    """

    cores: IntArray
    starts: FloatArray
    ends: FloatArray
    jobs: IntArray
    counts: IntArray
    times: FloatArray
    demands: FloatArray
    used_bandwidth: FloatArray
    system_bandwidth: float
    note: str = ""

    @property
    def makespan(self) -> float:
        """Cycles until the last job ends."""
        return float(self.times[-1])


def bars_of(schedule: Schedule, networks: Sequence[str], *, most: int = MOST_BARS, finest: int = FINEST) -> Bars:
    """The bars of a schedule: its jobs if these are at most ``most``, else long ones and what is merged of the others.

    Jobs of one core that begin within the same part of the makespan and are shorter than it become one bar; parts
    are as fine as leaves at most ``most`` bars, and the bandwidth is averaged over them.

    Args:
        schedule: Of G jobs.
        networks: Of each job.
        most: Bars.
        finest: Parts of the makespan at most.
    """
    count = schedule.cores.size
    alone = np.ones(count, dtype=np.int64)
    steps = (schedule.times, schedule.demands, schedule.used_bandwidth, schedule.system_bandwidth)
    if count <= most:
        return Bars(schedule.cores, schedule.starts, schedule.ends, np.arange(count), alone, *steps)
    numbers: dict[str, int] = {}
    kinds = np.array([numbers.setdefault(network, len(numbers)) for network in networks])
    parts = finest
    while len((merged := _merged(schedule, kinds, parts))[0]) > most and parts > 1:
        parts //= 2
    return Bars(*merged, *_averaged(schedule, parts), schedule.system_bandwidth, _note(merged[-1], parts))


def _note(counts: IntArray, parts: int) -> str:
    merged = counts[counts > 1].sum()
    return (
        f"{merged:,} of {counts.sum():,} jobs are shorter than 1/{parts:,} of the makespan: those of a core that begin "
        "in the same such part are one bar, in the colour of the network with most of their time. The bandwidth is the "
        "mean over each part."
    )


def _merged(
    schedule: Schedule, kinds: IntArray, parts: int
) -> tuple[IntArray, FloatArray, FloatArray, IntArray, IntArray]:
    """Cores, starts, ends, jobs and counts of the bars at so many parts of the makespan."""
    lengths = schedule.ends - schedule.starts
    width = schedule.makespan / parts or 1.0
    short = np.flatnonzero(lengths < width)
    place = schedule.cores[short] * (parts + 1) + (schedule.starts[short] / width).astype(np.int64)
    _, group, counts = np.unique(place, return_inverse=True, return_counts=True)
    starts, ends = np.full(len(counts), np.inf), np.zeros(len(counts))
    np.minimum.at(starts, group, schedule.starts[short])
    np.maximum.at(ends, group, schedule.ends[short])
    jobs = short[_foremost(group, kinds[short], lengths[short])]
    long = np.flatnonzero(lengths >= width)
    return (
        np.concatenate([schedule.cores[long], schedule.cores[jobs]]),
        np.concatenate([schedule.starts[long], starts]),
        np.concatenate([schedule.ends[long], ends]),
        np.concatenate([long, jobs]),
        np.concatenate([np.ones(len(long), dtype=np.int64), counts]),
    )


def _foremost(group: IntArray, kinds: IntArray, lengths: FloatArray) -> IntArray:
    """For each group its first member of the kind that has most of the group's length."""
    pairs, first, member = np.unique(group * (kinds.max(initial=0) + 1) + kinds, return_index=True, return_inverse=True)
    length = np.bincount(member, weights=lengths, minlength=len(pairs))
    own = group[first]
    order = np.lexsort((-first, length, own))  # of each group last: the longest, then the first
    last = np.append(own[order][1:] != own[order][:-1], True) if len(order) else order.astype(bool)
    foremost: IntArray = first[order[last]]
    return foremost


def _averaged(schedule: Schedule, parts: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Times, and the means of what is asked for and used between them."""
    edges = np.linspace(0.0, schedule.makespan, parts + 1)
    lengths = np.diff(schedule.times)
    width = schedule.makespan / parts or 1.0

    def mean(values: FloatArray) -> FloatArray:
        total = np.append(0.0, np.cumsum(values * lengths))
        means: FloatArray = np.diff(np.interp(edges, schedule.times, total)) / width
        return means

    return edges, mean(schedule.demands), mean(schedule.used_bandwidth)
