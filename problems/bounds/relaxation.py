"""The relaxation whose dual prices certify a bound: jobs may be split and run on several cores at once.

In virtual (no-stall) time a schedule is at every moment a *configuration* s: at most one job on each core. Its
demand D_s is the bandwidth that its jobs ask for over that of the system, and a unit of virtual time costs
max(1, D_s) of real time. Whatever the mapping, the configurations it passes through make up every job, so that for
any prices v_j >= 0 of the jobs, in cycles, with

    sum over (j, c) in s of  v_j / L[j,c]  <=  rho * max(1, D_s)        for every configuration s

the makespan is at least sum_j v_j / rho. Any prices certify: only rho must not be under-estimated.

*Tracked* jobs are those of which a configuration holds each once at most, and none together with one that waits for
it; other jobs may be taken repeatedly, which makes rho larger than need be, never too small.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from problems.arrays import BoolArray, FloatArray, IntArray
from problems.bounds.kinds import Kinds
from problems.bounds.separation import EPSILON, Choices, crowded_choices, light_choices, worst_value
from problems.job_table import JobTable
from problems.precedence import Precedence

MOST_CELLS = 1 << 24
"""Most numbers in the tables of the knapsacks."""


class Relaxation:
    """The kinds of an instance, how they run on the cores, and which jobs are tracked.

    Attributes:
        kinds: Kinds of jobs and cores; tracked jobs are of other kinds than untracked ones.
        rate: ``(n, a)`` speed of each job on each kind of core over that on its fastest core; 0 where it cannot run.
        volume: ``(n,)`` cycles of all jobs of each kind on their fastest core, over ``scale``.
        scale: The largest of the jobs' least cycles.
        tracked: ``(H,)`` tracked kinds.
        steps: ``(S, H)`` see ``separation``.
        core_kind: ``(A,)`` kinds of the cores, equal ones side by side.
    """

    def __init__(self, kinds: Kinds, tracked: IntArray, steps: IntArray) -> None:
        self.kinds, self.tracked, self.steps = kinds, tracked, steps
        self.fastest = kinds.fastest
        timed = np.isfinite(kinds.latency) & (self.fastest > 0.0)[:, None]
        self.rate = np.where(timed, self.fastest[:, None] / np.where(timed, kinds.latency, 1.0), 0.0)
        self.scale = float(self.fastest.max())
        self.volume = kinds.jobs * (self.fastest / self.scale) if self.scale > 0.0 else np.zeros(len(self.fastest))
        self.is_tracked = np.zeros(len(self.fastest), np.int64)
        self.is_tracked[tracked] = 1
        self.core_kind = np.repeat(np.arange(len(kinds.cores)), kinds.cores)

    @classmethod
    def of(
        cls,
        table: JobTable,
        system_bandwidth: float,
        precedence: Precedence | None,
        tracked: IntArray,
        most_states: int,
        prices: FloatArray | None = None,
    ) -> Relaxation | None:
        """Track the jobs ``tracked`` ``(t,)``, ascending; None if that takes more than ``most_states`` states.

        Jobs of unequal ``prices`` ``(G,)`` are of unequal kinds.
        """
        labels = np.zeros(table.num_jobs, np.int64)
        labels[tracked] = 1 if precedence is None else np.arange(1, len(tracked) + 1)
        apart = labels
        if prices is not None:
            apart = np.unique(np.stack([labels, prices], axis=1), axis=0, return_inverse=True)[1].reshape(-1)
        kinds = Kinds.of(table, system_bandwidth, apart)
        kind, first = np.unique(kinds.job_kind[tracked], return_index=True)
        clashes = _clashes(precedence, tracked)[np.ix_(first, first)]
        steps = state_table(kinds.jobs[kind].tolist(), clashes, most_states)
        return None if steps is None else cls(kinds, kind, steps)

    def choices(self, prices: FloatArray, levels: int, crowded: bool) -> Choices:
        """What each kind of core may run in a knapsack at ``prices`` ``(n,)`` per cycle on the fastest core."""
        per_core = np.ascontiguousarray(prices[:, None] * self.rate * (1.0 + 8.0 * EPSILON))
        make = crowded_choices if crowded else light_choices
        found: Choices = make(per_core, self.kinds.demand, self.tracked, self.is_tracked, levels)
        return found

    def violation(self, prices: FloatArray, levels: int) -> float:
        """At least ``sum p - max(1, D)`` of every configuration, rounded up; rho is at most 1 more."""
        worst = 0.0
        for crowded in (False, True):
            choices = self.choices(prices, levels, crowded)
            value = worst_value(self.core_kind, choices, self.steps, levels, crowded)
            worst = max(worst, value - (0.0 if crowded else 1.0))
        num_cores = len(self.core_kind)
        return float(worst + 8.0 * EPSILON * (num_cores + 1) * (num_cores + worst))

    def most_levels(self, wanted: int, cells: int = MOST_CELLS) -> int:
        """Levels of the grid, at most ``wanted`` and so that one core's values are few enough."""
        return max(64, min(wanted, cells // (len(self.steps) * len(self.core_kind))))

    def lifted(self, prices: FloatArray) -> FloatArray:
        """Raise each of ``prices`` ``(n,)`` to what an untracked job of no more demand pays on every core.

        The worst configuration stays the worst.
        """
        per_core = prices[:, None] * self.rate
        most = np.full(len(prices), np.inf)
        for k in range(per_core.shape[1]):
            demand = self.kinds.demand[:, k]
            payer = np.flatnonzero((per_core[:, k] > 0.0) & (self.is_tracked == 0))
            payer = payer[np.argsort(demand[payer], kind="stable")]
            highest = np.concatenate([[0.0], np.maximum.accumulate(per_core[payer, k])])
            offered = highest[np.searchsorted(demand[payer], demand, side="right")]
            runs = self.rate[:, k] > 0.0
            most[runs] = np.minimum(most[runs], offered[runs] / self.rate[runs, k])
        return np.where(np.isfinite(most), np.maximum(prices, most), prices)


def state_table(limits: Sequence[int], clashes: BoolArray, most: int) -> IntArray | None:
    """Return the steps ``(S, H)`` between states of H tracked kinds, or None if there are more than ``most`` states."""
    states: dict[tuple[int, ...], int] = {(0,) * len(limits): 0}
    waiting = list(states)
    steps: list[list[int]] = []
    for state in waiting:
        row = []
        for h, limit in enumerate(limits):
            fits = state[h] < limit and not any(state[g] and clashes[g, h] for g in range(len(limits)))
            after = (*state[:h], state[h] + 1, *state[h + 1 :])
            if fits and after not in states:
                states[after] = len(states)
                waiting.append(after)
            row.append(states[after] if fits else -1)
        steps.append(row)
        if len(states) > most:
            return None
    return np.array(steps, np.int64).reshape(len(steps), len(limits))


def _clashes(precedence: Precedence | None, jobs: IntArray) -> BoolArray:
    """Whether one of each two of ``jobs`` ``(t,)`` waits for the other, ``(t, t)``."""
    waits = np.zeros((len(jobs), len(jobs)), np.bool_)
    if precedence is None:
        return waits
    place = {int(job): number for number, job in enumerate(jobs)}
    after = np.zeros((len(precedence.predecessors), len(jobs)), np.bool_)  # the tracked jobs before each job
    for job in precedence.order.tolist():
        for other in precedence.predecessors[job]:
            after[job] |= after[other]
            if other in place:
                after[job, place[other]] = True
    waits = after[jobs]
    return np.asarray(waits | waits.T)
