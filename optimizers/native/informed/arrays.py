"""The arrays that the compiled search works on. Times are virtual: in cycles, as if no job were slowed down.

While the jobs that run ask for D times the shared bandwidth, all of them slow down by max(1, D). So the makespan is
the virtual length of a schedule plus what it is *stretched*, the integral of max(0, D - 1) over virtual time.
It is also the *area* of the jobs, the sum of latency times demand, plus the *idle* bandwidth, the integral of
max(0, 1 - D). Both integrals only grow along a schedule, so each of the two sums bounds the makespan from below before
its end is reached.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from problems.arrays import FloatArray, IntArray

VALUE, AREA, ENERGY, GUIDE = 0, 1, 2, 3
"""Places in ``Plan.totals``."""


class Table(NamedTuple):
    """What is known of G jobs on A cores.

    Attributes:
        latency: ``(G, A)`` cycles; finite where a core is among the choices of a job.
        demand: ``(G, A)`` required bandwidth as a share of the system's.
        energy: ``(G, A)`` by which the makespan is multiplied, summed over the jobs; ``(0, 0)`` if it does not count.
        choices: ``(G, A)`` cores that a job may run on, first in its row.
        num_choices: ``(G,)`` how many they are.
        first_needs: ``(G + 1,)`` where the predecessors of each job begin in ``needs``.
        needs: Predecessors of all jobs, one job after the other.
        chains: ``(G,)`` least cycles that must follow each job: the longest chain of its successors.
        guide: ``(G, A)`` by how much a job is dearer on a core than on its cheapest, see ``guide``.
    """

    latency: FloatArray
    demand: FloatArray
    energy: FloatArray
    choices: IntArray
    num_choices: IntArray
    first_needs: IntArray
    needs: IntArray
    chains: FloatArray
    guide: FloatArray


class Plan(NamedTuple):
    """A mapping as the sequences of its cores, with its schedule.

    A *breakpoint* is a time at which jobs end or start; the first is time 0. Of a plan without dependencies each of the
    others is the end of one job, also where several fall together.

    Attributes:
        sequences: ``(A, G)`` jobs of each core in the order in which it runs them.
        counts: ``(A,)`` how many they are.
        cores: ``(G,)`` core of each job.
        positions: ``(G,)`` place of each job in the sequence of its core.
        starts: ``(G,)`` cycles.
        ends: ``(G,)`` cycles.
        loads: ``(A,)`` cycles that each core is busy.
        num_breakpoints: ``(1,)``
        times: ``(G + 1,)`` of the breakpoints, cycles.
        demands: ``(G + 1,)`` share of the bandwidth asked for from each breakpoint to the next.
        stretched: ``(G + 1,)`` stretch up to each breakpoint, cycles.
        idle: ``(G + 1,)`` idle bandwidth up to each breakpoint, cycles.
        owners: ``(G + 1,)`` core whose job ends at each breakpoint, without dependencies.
        next_demands: ``(G + 1,)`` demand of the job that this core runs next; likewise.
        drops: ``(G + 1,)`` by how much the demand falls at each breakpoint; likewise.
        totals: ``(4,)`` value, area, energy, and the guide's sum over the jobs.
    """

    sequences: IntArray
    counts: IntArray
    cores: IntArray
    positions: IntArray
    starts: FloatArray
    ends: FloatArray
    loads: FloatArray
    num_breakpoints: IntArray
    times: FloatArray
    demands: FloatArray
    stretched: FloatArray
    idle: FloatArray
    owners: IntArray
    next_demands: FloatArray
    drops: FloatArray
    totals: FloatArray


class Trial(NamedTuple):
    """Working arrays of one proposed move.

    Attributes:
        tails: ``(2, G + 1)`` what the two cores of the move run from some place of their sequences on.
        frame: ``(5,)`` breakpoint at which the evaluation starts; of both tails the first place and the length.
        stamps: ``(G,)`` number of the last trial in which each job started; with dependencies.
        number: ``(1,)`` number of this trial.
        since: ``(1,)`` time from which on it runs through the events.
        started: ``(A,)`` job that each core started last in it.
        heads: ``(A,)`` place of the job that each core starts next.
        busy_until: ``(A,)`` end of the job that each core runs; ``inf`` if none.
        asked: ``(A,)`` its demand.
        starts, ends, times, demands, stretched, idle: As in ``Plan``, from the start of the evaluation on.
        num_breakpoints: ``(1,)`` of the trial.
        owners, next_demands, drops: As in ``Plan``.
    """

    tails: IntArray
    frame: IntArray
    stamps: IntArray
    number: IntArray
    since: FloatArray
    started: IntArray
    heads: IntArray
    busy_until: FloatArray
    asked: FloatArray
    starts: FloatArray
    ends: FloatArray
    num_breakpoints: IntArray
    times: FloatArray
    demands: FloatArray
    stretched: FloatArray
    idle: FloatArray
    owners: IntArray
    next_demands: FloatArray
    drops: FloatArray


def empty_plan(num_jobs: int, num_cores: int) -> Plan:
    """Return a plan whose arrays are yet to be filled."""
    floats, integers = _makers(num_jobs)
    return Plan(
        sequences=np.zeros((num_cores, num_jobs), np.int64),
        counts=np.zeros(num_cores, np.int64),
        cores=integers(0),
        positions=integers(0),
        starts=floats(0),
        ends=floats(0),
        loads=np.zeros(num_cores),
        num_breakpoints=np.zeros(1, np.int64),
        times=floats(1),
        demands=floats(1),
        stretched=floats(1),
        idle=floats(1),
        owners=integers(1),
        next_demands=floats(1),
        drops=floats(1),
        totals=np.zeros(4),
    )


def empty_trial(num_jobs: int, num_cores: int) -> Trial:
    """Return working arrays."""
    floats, integers = _makers(num_jobs)
    return Trial(
        tails=np.zeros((2, num_jobs + 1), np.int64),
        frame=np.zeros(5, np.int64),
        stamps=integers(0),
        number=np.zeros(1, np.int64),
        since=np.zeros(1),
        started=np.zeros(num_cores, np.int64),
        heads=np.zeros(num_cores, np.int64),
        busy_until=np.zeros(num_cores),
        asked=np.zeros(num_cores),
        starts=floats(0),
        ends=floats(0),
        num_breakpoints=np.zeros(1, np.int64),
        times=floats(1),
        demands=floats(1),
        stretched=floats(1),
        idle=floats(1),
        owners=integers(1),
        next_demands=floats(1),
        drops=floats(1),
    )


def _makers(num_jobs: int) -> tuple[Callable[[int], FloatArray], Callable[[int], IntArray]]:
    """Return functions that make arrays with so many places more than there are jobs."""
    return (lambda more: np.zeros(num_jobs + more)), (lambda more: np.zeros(num_jobs + more, np.int64))
