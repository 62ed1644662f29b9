"""Reduce a schedule to what can be seen: a bar per job, with jobs too short to be distinguished merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from problems import Schedule
from problems.arrays import FloatArray, IntArray

MOST_BARS = 10_000
"""Most bars in a picture or page; with more jobs, short ones are merged."""

FINEST = 1500
"""Number of parts of the makespan that a picture resolves."""


@dataclass(frozen=True, eq=False)
class Bars:
    """A schedule to be drawn; the schedule itself if nothing is merged.

    Attributes:
        cores: ``(n,)`` core of each bar.
        starts: ``(n,)`` start of each bar, cycles.
        ends: ``(n,)`` end of each bar, cycles.
        jobs: ``(n,)`` job of each bar; of merged jobs, the first of the network with most of their time.
        counts: ``(n,)`` number of jobs of each bar.
        times: ``(m + 1,)`` ascending cycles from 0 to the makespan.
        demands: ``(m,)`` mean requested bandwidth between ``times[i]`` and ``times[i + 1]``, bytes/cycle.
        used_bandwidth: ``(m,)`` mean used bandwidth in the same intervals, bytes/cycle.
        system_bandwidth: Available bandwidth, bytes/cycle.
        note: What is merged, in words; "" if nothing is.
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
        """End of the last job, cycles."""
        return float(self.times[-1])


def bars_of(schedule: Schedule, networks: Sequence[str], *, most: int = MOST_BARS, finest: int = FINEST) -> Bars:
    """The bars of a schedule: a bar per job if there are at most ``most`` jobs, else short jobs are merged.

    The makespan is divided into equal parts, as many as leave at most ``most`` bars. Jobs of a core that start in the
    same part and are shorter than a part become one bar; the bandwidth is averaged over each part.

    Args:
        schedule: Schedule of G jobs.
        networks: ``(G,)`` network of each job.
        most: Maximum number of bars.
        finest: Maximum number of parts of the makespan.
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
        f"{merged:,} of {counts.sum():,} jobs are shorter than 1/{parts:,} of the makespan: those that start on one "
        "core within the same such part are merged into one bar, in the colour of the network with most of their time. "
        "The bandwidth is the mean over each part."
    )


def _merged(
    schedule: Schedule, kinds: IntArray, parts: int
) -> tuple[IntArray, FloatArray, FloatArray, IntArray, IntArray]:
    """Cores, starts, ends, jobs and counts of the bars, with the makespan in so many parts."""
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
    """For each group, its first member of the kind with most of the group's length."""
    pairs, first, member = np.unique(group * (kinds.max(initial=0) + 1) + kinds, return_index=True, return_inverse=True)
    length = np.bincount(member, weights=lengths, minlength=len(pairs))
    own = group[first]
    order = np.lexsort((-first, length, own))  # last in each group: the longest kind, the first of these on ties
    last = np.append(own[order][1:] != own[order][:-1], True) if len(order) else order.astype(bool)
    foremost: IntArray = first[order[last]]
    return foremost


def _averaged(schedule: Schedule, parts: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Interval bounds, and the mean requested and used bandwidth in each interval."""
    edges = np.linspace(0.0, schedule.makespan, parts + 1)
    lengths = np.diff(schedule.times)
    width = schedule.makespan / parts or 1.0

    def mean(values: FloatArray) -> FloatArray:
        total = np.append(0.0, np.cumsum(values * lengths))
        means: FloatArray = np.diff(np.interp(edges, schedule.times, total)) / width
        return means

    return edges, mean(schedule.demands), mean(schedule.used_bandwidth)
