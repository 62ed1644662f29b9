"""What kind a mapping is, by two numbers: what archives of many kinds are laid out over, and pictures of them drawn."""

from __future__ import annotations

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.space import Jobs

ON_THE_EDGE = 1e-6
"""What is this share of a cell below an edge counts as above it, so that rounding does not matter."""


class Measures:
    """Two measures of a mapping in [0, 1], from the job table.

    The first is the balance of the cores: mean over largest no-stall load. The second is the energy, from the least to
    the most that the jobs can take; where the energy is not known, the sum of no-stall latencies likewise. A job on a
    core that cannot run it takes nothing.
    """

    def __init__(self, jobs: Jobs) -> None:
        known = jobs.energy is not None and bool(np.isfinite(jobs.energy[np.isfinite(jobs.latency)]).all())
        self.second = "energy" if known else "latency"
        self._latency = np.where(np.isfinite(jobs.latency), jobs.latency, 0.0)
        costs = jobs.energy if known and jobs.energy is not None else jobs.latency
        self._costs = _normalized(np.where(np.isfinite(jobs.latency), costs, np.nan))

    def of(self, cores: IntArray) -> FloatArray:
        """Return the measures ``(P, 2)`` of mappings with these cores ``(P, G)``."""
        jobs = np.arange(cores.shape[1])
        return np.stack([self._balance(cores, jobs), self._costs[jobs, cores].sum(axis=1)], axis=1)

    def _balance(self, cores: IntArray, jobs: IntArray) -> FloatArray:
        latency, num_cores = self._latency[jobs, cores], self._latency.shape[1]
        loads = np.stack([np.where(cores == core, latency, 0.0).sum(axis=1) for core in range(num_cores)], axis=1)
        balance: FloatArray = loads.mean(axis=1) / np.maximum(loads.max(axis=1), np.finfo(np.float64).tiny)
        return balance


def _normalized(costs: FloatArray) -> FloatArray:
    """Shift and scale costs ``(G, A)``, NaN where a core cannot run a job, so that their sums are in [0, 1]."""
    excess = costs - np.nanmin(costs, axis=1, keepdims=True)
    most = float(np.nanmax(excess, axis=1).sum())
    shares: FloatArray = np.nan_to_num(excess / most if most > 0.0 else np.zeros_like(excess))
    return shares


def cells_of(measures: FloatArray, cells: int) -> IntArray:
    """Return the cells ``(P, 2)`` of ``measures`` ``(P, 2)`` in a grid of ``cells`` by ``cells``, those of pyribs."""
    places = np.floor(measures * cells + ON_THE_EDGE).astype(np.int64)
    return np.asarray(np.clip(places, 0, cells - 1))
