"""A group of jobs on a grid of whole ticks, as a scheduler sees it that knows of no slow-down.

Whatever the mapping, in real time

- a job takes at least its *least duration* ``L * max(1, B / BW)`` on its core, as if it ran alone;
- a core runs one job at a time, and a job starts only after its predecessors have ended;
- the volumes ``L * B`` of all jobs have passed the memory, at most BW bytes/cycle, when the last job ends; those of all
  that a job waits for have when it starts, and those of all that wait for it pass after its end.

A grid keeps all three, whatever its tick of u cycles, if durations and volumes are rounded down: starts rounded down
fit too, as ``floor(s / u) + floor(d / u) <= floor((s + d) / u)``. So u times the least number of ticks is a lower bound
on the makespan.

That jobs share the bandwidth is no resource constraint, of ``B`` units each out of ``BW``: two jobs that ask for 0.6 of
the bandwidth run side by side in 1.2 times the cycles, which is allowed here, and not one after the other in 2. So the
best schedule of ticks need not be the best mapping, nor its length the least makespan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.precedence import Precedence
from problems.space import Jobs

GRID = 1 << 22
"""Ticks of the first plan; rounding loses less than one for each job that a core runs."""

ROUNDING = 1e-12
"""Relative slack that covers the rounding of durations, here and in the evaluators."""

LARGEST = float(np.finfo(np.float64).max)


class Plan(NamedTuple):
    """A schedule of the jobs.

    Attributes:
        cores: ``(G,)`` core of each job.
        starts: ``(G,)`` of each job.
        length: When all have ended and all volumes have passed the memory.
    """

    cores: IntArray
    starts: FloatArray
    length: float


@dataclass(frozen=True, eq=False)
class Ticks:
    """The jobs on the grid.

    Attributes:
        durations: ``(G, A)`` whole numbers of ticks; ``inf`` where a core cannot run a job.
        volumes: ``(G, A)`` whole numbers of ticks that the memory takes.
        precedence: Which jobs wait for which.
        unit: Cycles of a tick, times ``2**-exponent``.
        exponent: Keeps ``unit`` within the floats.
    """

    durations: FloatArray
    volumes: FloatArray
    precedence: Precedence
    unit: float
    exponent: int

    @classmethod
    def of(cls, jobs: Jobs) -> Ticks:
        """Choose a tick, and round durations and volumes down."""
        possible = np.isfinite(jobs.latency)
        exponent = int(np.frexp(jobs.latency.min(axis=1).max())[1])
        precedence = Precedence(jobs.predecessors or ((),) * len(jobs.latency))
        with np.errstate(over="ignore", under="ignore"):
            latency = np.minimum(np.ldexp(jobs.latency, -exponent), LARGEST)
            demand = jobs.bandwidth / jobs.system_bandwidth
            durations = np.where(possible, np.minimum(latency * np.maximum(1.0, demand), LARGEST), np.inf)
            volumes = np.where(possible, np.minimum(latency * demand, LARGEST), 0.0)
            length = first_plan(durations, volumes, precedence).length
            unit = min(length / GRID, LARGEST) or 1.0
            rounded, passed = (np.floor(np.minimum(amount / unit, 2.0 * GRID)) for amount in (durations, volumes))
        return cls(np.where(possible, rounded, np.inf), passed, precedence, unit, exponent)

    def first_plan(self) -> Plan:
        """A plan by list scheduling."""
        return first_plan(self.durations, self.volumes, self.precedence)

    def cycles(self, ticks: float) -> float:
        """Return the makespan in cycles that ``ticks``, proven, certify; 0 if that is beyond the floats."""
        with np.errstate(over="ignore", under="ignore"):
            cycles = float(np.ldexp(ticks * self.unit * (1.0 - ROUNDING), self.exponent))
        return max(0.0, math.nextafter(cycles, 0.0)) if cycles < math.inf else 0.0

    def ticks_within(self, cycles: float) -> int:
        """Return how many whole ticks ``cycles`` are at least."""
        with np.errstate(over="ignore", under="ignore"):
            ticks = float(np.ldexp(cycles, -self.exponent)) / self.unit
        return int(min(ticks * (1.0 - ROUNDING), 2.0 * GRID))

    def priorities(self, plan: Plan) -> FloatArray:
        """Return priorities ``(G,)`` by which cores run their jobs in the order of their starts."""
        order = by_start(plan.starts, self.precedence)
        priorities = np.empty(len(order))
        priorities[order] = np.arange(len(order)) / len(order)
        return priorities


def by_start(starts: FloatArray, precedence: Precedence) -> IntArray:
    """Return the jobs ``(G,)`` in the order of their starts; of equal starts predecessors first."""
    order: IntArray = precedence.order[np.argsort(starts[precedence.order], kind="stable")]
    return order


def first_plan(durations: FloatArray, volumes: FloatArray, precedence: Precedence) -> Plan:
    """List scheduling (HEFT, Topcuoglu 2002): the job of the longest chain first, to the core that ends it first.

    A job also waits until the volumes of all that must end before it have passed the memory, one after the other.
    """
    num_jobs, num_cores = durations.shape
    before = ancestors(precedence)
    cores, starts, ends = np.zeros(num_jobs, np.int64), np.zeros(num_jobs), np.zeros(num_jobs)
    free, passing = np.zeros(num_cores), np.zeros(num_jobs)
    least = durations.min(axis=1)
    for job in by_start(-(least + precedence.tails(least)), precedence).tolist():
        needed = list(before[job])
        begins = np.maximum(free, max(ends[needed].max(initial=0.0), passing[needed].sum()))
        core = int((begins + durations[job]).argmin())
        cores[job], starts[job], passing[job] = core, begins[core], volumes[job, core]
        free[core] = ends[job] = begins[core] + durations[job, core]
    left = np.zeros(num_jobs)  # volumes that pass after each job
    for job, needed in enumerate(map(list, before)):
        left[needed] += passing[job]
    return Plan(cores, starts, float(max((ends + left).max(), passing.sum())))


def ancestors(precedence: Precedence) -> list[set[int]]:
    """Return for each job all jobs that must end before it starts."""
    before: list[set[int]] = [set() for _ in precedence.predecessors]
    for job in precedence.order.tolist():
        for other in precedence.predecessors[job]:
            before[job] |= before[other] | {other}
    return before
