"""The closed form in plain NumPy: the counterpart of the compiled sweep, slower but without a compiler."""

from __future__ import annotations

import numpy as np

from problems.arrays import FloatArray, IntArray


def makespans(
    latency: FloatArray, bandwidth: FloatArray, system_bandwidth: float, cores: IntArray, priorities: FloatArray
) -> FloatArray:
    """Return the makespans ``(P,)`` of P mappings in cycles; arguments as in ``problems.makespan.compiled``."""
    jobs = np.lexsort((priorities, cores), axis=1)  # stable: by core, then priority, then job index
    core = np.take_along_axis(cores, jobs, axis=1)
    feasible = np.asarray(np.isfinite(latency[jobs, core]).all(axis=1))
    duration = np.where(feasible[:, None], latency[jobs, core], 0.0)
    heads = np.stack([(core < c).sum(axis=1) for c in range(latency.shape[1] + 1)], axis=1)
    end = np.zeros(duration.shape)
    for c in range(latency.shape[1]):
        here = core == c
        end += np.where(here, np.cumsum(np.where(here, duration, 0.0), axis=1), 0.0)
    event = np.argsort(end, axis=1, kind="stable")
    lengths = np.diff(np.take_along_axis(end, event, axis=1), axis=1, prepend=0.0)
    demand = _demand(bandwidth[jobs, core], heads, np.take_along_axis(core, event, axis=1))
    makespan = (lengths * np.maximum(1.0, demand / system_bandwidth)).sum(axis=1)
    return np.where(feasible, makespan, np.inf)


def _demand(bandwidth: FloatArray, heads: IntArray, event_core: IntArray) -> FloatArray:
    """Return the bytes/cycle requested in the interval before each event, ``(P, G)``.

    Args:
        bandwidth: ``(P, G)`` bytes/cycle of the jobs in queue order.
        heads: ``(P, A + 1)`` index at which each core's queue starts.
        event_core: ``(P, G)`` core on which the job of each event ends.
    """
    padded = np.pad(bandwidth, ((0, 0), (0, 1)))
    demand = np.zeros(bandwidth.shape)
    for c in range(heads.shape[1] - 1):
        ends_here = event_core == c
        running = heads[:, [c]] + np.cumsum(ends_here, axis=1) - ends_here
        busy = running < heads[:, [c + 1]]
        demand += np.where(busy, np.take_along_axis(padded, running, axis=1), 0.0)
    return demand
