"""Equal jobs and equal cores merged, in an order that does not depend on how they are numbered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.job_table import JobTable


@dataclass(frozen=True, eq=False)
class Kinds:
    """A job table with equal rows and equal columns merged: n kinds of jobs, a kinds of cores.

    Attributes:
        latency: ``(n, a)`` no-stall cycles; ``inf`` where the core cannot run the job.
        demand: ``(n, a)`` bandwidth of the job over that of the system; 0 where the core cannot run the job.
        jobs: ``(n,)`` number of jobs of each kind.
        cores: ``(a,)`` number of cores of each kind.
        job_kind: ``(G,)`` kind of each job.
        core_kind: ``(A,)`` kind of each core.
    """

    latency: FloatArray
    demand: FloatArray
    jobs: IntArray
    cores: IntArray
    job_kind: IntArray
    core_kind: IntArray

    @classmethod
    def of(cls, table: JobTable, system_bandwidth: float, labels: IntArray | None = None) -> Kinds:
        """Merge what is equal in ``table``; only jobs of equal ``labels`` ``(G,)`` are merged."""
        latency = table.latency
        demand = np.where(np.isfinite(latency), table.bandwidth / system_bandwidth, 0.0)
        order = _column_order(latency, demand)
        both = np.stack([latency[:, order], demand[:, order]])
        label = np.zeros((2, len(latency), 1)) if labels is None else np.tile(labels[None, :, None], (2, 1, 1))
        both, job_kind, jobs = np.unique(
            np.concatenate([both, label], axis=2), axis=1, return_inverse=True, return_counts=True
        )
        both = both[:, :, :-1]
        first, core_kind, cores = _unique_columns(both)
        kind_of_core = np.empty(len(order), np.int64)
        kind_of_core[order] = core_kind
        both = np.ascontiguousarray(both[:, :, first])
        return cls(both[0], both[1], jobs.astype(np.int64), cores, job_kind.reshape(-1).astype(np.int64), kind_of_core)

    @property
    def fastest(self) -> FloatArray:
        """Cycles ``(n,)`` of each kind of job on its fastest core."""
        least: FloatArray = self.latency.min(axis=1)
        return least


def _column_order(latency: FloatArray, demand: FloatArray) -> IntArray:
    """Order the columns by their sorted contents, which renumbered jobs leave as they are."""
    volume = np.where(np.isfinite(latency), latency, 0.0) * demand
    contents = np.concatenate([np.sort(latency, axis=0), np.sort(demand, axis=0), np.sort(volume, axis=0)])
    return np.asarray(np.lexsort(np.concatenate([demand, latency, contents[::-1]])))


def _unique_columns(both: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return a core of each kind ``(a,)``, the kinds ``(A,)`` of the columns of ``both`` and their counts ``(a,)``."""
    kinds: dict[bytes, int] = {}
    kind = np.array([kinds.setdefault(both[:, :, c].tobytes(), len(kinds)) for c in range(both.shape[2])])
    first = np.array([int(np.argmax(kind == k)) for k in range(len(kinds))])
    return first, kind.astype(np.int64), np.bincount(kind).astype(np.int64)
