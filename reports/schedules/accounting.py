"""The numbers of a schedule that designs are decided by: time, energy, how cores and bandwidth are used, rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from problems import Problem, Schedule
from problems.arrays import FloatArray, IntArray
from problems.passes import Passes
from reports.schedules.labels import core_labels
from reports.wording.units import CYCLES_PER_MS, NJ_PER_MJ


@dataclass(frozen=True)
class CoreUse:
    """What a core does until the makespan.

    Attributes:
        name: Name of the core.
        jobs: Number of its jobs.
        busy: Share of the makespan that its jobs would take without stalls.
        stalled: Share by which they take longer, as they wait for memory.
        idle: The rest.
    """

    name: str
    jobs: int
    busy: float
    stalled: float
    idle: float


@dataclass(frozen=True)
class NetworkUse:
    """When a network is done, and how often it can run.

    Attributes:
        name: Name of the network.
        finish_ms: Milliseconds until the last of its jobs ends.
        passes: Its whole passes in the group; None if only some of its layers are mapped.
        per_second: Items, e.g. images, a second if the group runs again and again; NaN without whole passes.
        limit_ms: Milliseconds that it must be done in, or None.
    """

    name: str
    finish_ms: float
    passes: Passes | None
    per_second: float
    limit_ms: float | None

    @property
    def in_time(self) -> bool:
        """Whether it keeps its limit; True without one."""
        return self.limit_ms is None or self.finish_ms <= self.limit_ms

    @property
    def keeps_up(self) -> bool | None:
        """Whether it runs as often as asked for; None if nothing is asked."""
        if self.passes is None or self.passes.per_second is None:
            return None
        return self.per_second >= self.passes.items * self.passes.per_second * (1.0 - 1e-12)


@dataclass(frozen=True)
class Account:
    """The numbers of one schedule.

    Attributes:
        milliseconds: Makespan.
        energy_mj: Energy of all jobs, mJ; NaN if it is not known.
        bandwidth_used: Share of the bytes that could be moved until the makespan that are.
        cores: What each core does.
        networks: When each network is done, by ``finish_ms``, the last first.
    """

    milliseconds: float
    energy_mj: float
    bandwidth_used: float
    cores: tuple[CoreUse, ...]
    networks: tuple[NetworkUse, ...]

    @property
    def edp(self) -> float:
        """Energy-delay product, mJ x ms."""
        return self.energy_mj * self.milliseconds

    @property
    def watts(self) -> float:
        """Mean power, W; NaN if the energy is not known or no time passes."""
        return self.energy_mj / self.milliseconds if self.milliseconds else np.nan


def account_of(problem: Problem, schedule: Schedule, limits: Mapping[str, float] | None = None) -> Account:
    """Return the numbers of a schedule.

    Args:
        problem: Problem that is mapped.
        schedule: Schedule of a mapping of it.
        limits: Cycles that networks must be done in, by name.
    """
    makespan = schedule.makespan
    moved = float(np.dot(schedule.used_bandwidth, np.diff(schedule.times)))
    could = makespan * schedule.system_bandwidth
    return Account(
        milliseconds=makespan / CYCLES_PER_MS,
        energy_mj=energy_mj(problem, schedule.cores),
        bandwidth_used=moved / could if could else 0.0,
        cores=tuple(_cores(problem, schedule)),
        networks=tuple(_networks(problem, schedule, limits or {})),
    )


def energy_mj(problem: Problem, cores: IntArray) -> float:
    """Return the energy in mJ of all jobs on their ``cores`` ``(G,)``; NaN if it is not known."""
    table = problem.job_table.energy
    return np.nan if table is None else float(table[np.arange(problem.num_jobs), cores].sum()) / NJ_PER_MJ


def least_energy_mj(table: FloatArray) -> float:
    """Return the energy in mJ of all jobs, each on the core that needs least, from energies ``(G, A)`` in nJ."""
    return float(np.nanmin(table, axis=1).sum()) / NJ_PER_MJ


def _cores(problem: Problem, schedule: Schedule) -> list[CoreUse]:
    count, makespan = problem.num_cores, schedule.makespan or 1.0
    alone = problem.job_table.latency[np.arange(problem.num_jobs), schedule.cores]
    busy, taken = (
        np.bincount(schedule.cores, weights=cycles, minlength=count) / makespan
        for cycles in (alone, schedule.ends - schedule.starts)
    )
    jobs = np.bincount(schedule.cores, minlength=count)
    stalled, idle = np.maximum(taken - busy, 0.0), np.maximum(1.0 - taken, 0.0)
    names = core_labels(problem)
    return [CoreUse(names[c], int(jobs[c]), *map(float, (busy[c], stalled[c], idle[c]))) for c in range(count)]


def _networks(problem: Problem, schedule: Schedule, limits: Mapping[str, float]) -> list[NetworkUse]:
    ends: dict[str, float] = {}
    for network, end in zip(problem.job_passes, schedule.ends.tolist(), strict=True):
        ends[network] = max(end, ends.get(network, 0.0))
    ends.pop("", None)
    told = {name: [ends.get(own, np.nan) for own in each.names(name)] for name, each in problem.passes.items()}
    whole = {name: max(own) for name, own in told.items() if not np.isnan(own).any()}
    seconds = schedule.makespan / (1000.0 * CYCLES_PER_MS)
    uses = []
    for name, end in (whole or ends).items():
        passes = problem.passes.get(name)
        rate = passes.count * passes.items / seconds if passes and seconds else np.nan
        limit = limits[name] / CYCLES_PER_MS if name in limits else None
        uses.append(NetworkUse(name, end / CYCLES_PER_MS, passes, rate, limit))
    return sorted(uses, key=lambda use: -use.finish_ms)
