"""Finding certificates: the best of all bounds, with as much effort as is asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.bounds import duality
from problems.bounds.certificate import (
    CONFIGURATIONS,
    CORES_AND_MEMORY,
    COUNTED_JOBS,
    LONGEST_CHAIN,
    LONGEST_JOB,
    Certificate,
    proven_makespan,
)
from problems.bounds.generation import Effort, Generation
from problems.bounds.relaxation import Relaxation
from problems.foundation.errors import UnknownName
from problems.job_table import JobTable
from problems.precedence import Precedence

EFFORTS: Mapping[str, Effort] = {
    "fast": Effort(work=2e8, levels=1_000, finest=2_000, tolerance=1e-3, states=8, rows=200, cells=1 << 19),
    "default": Effort(work=4e9, levels=1_000, finest=4_000, tolerance=2e-4, states=32, rows=400, cells=1 << 22),
    "best": Effort(work=4e10, levels=2_000, finest=16_384, tolerance=2e-5, states=128, rows=1_000, cells=1 << 23),
}
"""Limits are counts, so that every machine ends at the same prices."""

CHECKED_LEVELS = 16_384
"""Most levels on which the worst configuration is found in the end."""

DIGITS = 9
"""Significant digits of prices."""

HEAVY = 0.4
"""Share of the makespan from which on a job is tracked from the start."""


def effort_of(name: str) -> Effort:
    """Return the effort of that name.

    Raises:
        UnknownName: With the nearest names.
    """
    if not isinstance(name, str) or name not in EFFORTS:
        raise UnknownName("effort", name, EFFORTS)
    return EFFORTS[name]


def certify(
    table: JobTable, system_bandwidth: float, precedence: Precedence | None = None, effort: str = "default"
) -> Certificate:
    """Return the certificate of the highest makespan found; its value is the makespan.

    With dependencies it proves at least what it would prove without them.

    Raises:
        UnknownName: If there is no such effort.
    """
    limits = effort_of(effort)
    with np.errstate(all="ignore"):  # what is beyond the floats proves nothing
        found = [_claimed(c, table, system_bandwidth, precedence) for c in _plain(table, system_bandwidth, precedence)]
        least = max(certificate.makespan for certificate in found)
        for own in _by_configurations(table, system_bandwidth, precedence, limits, least):
            found.append(_claimed(own, table, system_bandwidth, precedence))
        if precedence is not None:
            found.append(_claimed(certify(table, system_bandwidth, None, effort), table, system_bandwidth, precedence))
    return max(found, key=lambda certificate: certificate.makespan)


def _claimed(
    certificate: Certificate, table: JobTable, system_bandwidth: float, precedence: Precedence | None
) -> Certificate:
    """Let a certificate claim what it proves."""
    makespan = proven_makespan(certificate, table, system_bandwidth, precedence)
    return replace(certificate, value=makespan, makespan=makespan)


def _plain(table: JobTable, system_bandwidth: float, precedence: Precedence | None) -> Iterator[Certificate]:
    yield Certificate(LONGEST_JOB if precedence is None else LONGEST_CHAIN, 0.0, 0.0)
    weights = tuple(duality.best_weights(table, system_bandwidth).tolist())
    yield Certificate(CORES_AND_MEMORY, 0.0, 0.0, weights)
    yield Certificate(COUNTED_JOBS, 0.0, 0.0)


@dataclass(frozen=True)
class _Instance:
    table: JobTable
    system_bandwidth: float
    precedence: Precedence | None
    states: int

    def tracking(self, jobs: IntArray) -> Relaxation | None:
        """The relaxation that tracks ``jobs``, None if they have too many states."""
        return Relaxation.of(self.table, self.system_bandwidth, self.precedence, np.sort(jobs), self.states)


def _by_configurations(
    table: JobTable, system_bandwidth: float, precedence: Precedence | None, effort: Effort, least: float
) -> Iterator[Certificate]:
    """Yield certificates, tracking more and more jobs, until the work is done or no job overlaps with itself."""
    if not 0.0 < least < math.inf or not np.isfinite(table.latency.min(axis=1)).all():
        return
    instance = _Instance(table, system_bandwidth, precedence, effort.states)
    alone = duality.least_durations(table, system_bandwidth)
    tracked = _heavy(instance, alone, least)
    work = 0.0
    while work < effort.work and (relaxation := instance.tracking(tracked)) is not None:
        if not 0.0 < relaxation.scale < math.inf or not np.isfinite(relaxation.kinds.demand).all():
            return
        generation = Generation(relaxation, effort)
        generation.run(effort.work - work)
        work += generation.work
        levels = relaxation.most_levels(CHECKED_LEVELS, effort.cells)
        yield _certificate(relaxation, generation.best, tracked, levels)
        more = _split(instance, relaxation, generation, tracked, alone / least)
        if more is None:
            return
        tracked = more


def _certificate(relaxation: Relaxation, prices: FloatArray, tracked: IntArray, levels: int) -> Certificate:
    rounded = [float(f"{price:.{DIGITS}g}") for price in prices.tolist()]
    of_jobs = tuple(rounded[kind] for kind in relaxation.kinds.job_kind.tolist())
    return Certificate(CONFIGURATIONS, 0.0, 0.0, of_jobs, tuple(np.sort(tracked).tolist()), levels)


def _heavy(instance: _Instance, alone: FloatArray, least: float) -> IntArray:
    """Choose the jobs that are tracked first: the longest, or with dependencies those of the longest chain."""
    if instance.precedence is not None:
        candidates = np.array(instance.precedence.longest_chain(alone), np.int64)
        candidates = candidates[np.argsort(-alone[candidates], kind="stable")]
    else:
        candidates = np.flatnonzero(alone > HEAVY * least)
        candidates = candidates[np.argsort(-alone[candidates], kind="stable")][:2]
    tracked = np.empty(0, np.int64)
    for job in candidates:
        if instance.tracking(np.append(tracked, job)) is not None:
            tracked = np.append(tracked, job)
    return tracked


def _split(
    instance: _Instance, relaxation: Relaxation, generation: Generation, tracked: IntArray, share: FloatArray
) -> IntArray | None:
    """Track more jobs: of the kinds that the programme splits most, long ones first; None if none is left."""
    kind = relaxation.kinds.job_kind
    longest = np.zeros(len(relaxation.fastest))
    np.maximum.at(longest, kind, share)
    over = generation.overlaps()
    over[relaxation.tracked] = 0.0
    if over.max() < 1e-4 * generation.value:
        return None
    worth = over * longest**2
    new = np.argsort(-worth, kind="stable")[:2]
    for chosen in (new[worth[new] > 0.1 * worth.max()], new[:1]):
        jobs = np.concatenate([tracked, np.flatnonzero(np.isin(kind, chosen))])
        if instance.tracking(jobs) is not None:
            return jobs
    return None
