"""Certified lower bounds on the makespan.

For any weights w_c >= 0 (of the cores) and u >= 0 (of the memory) with sum_c w_c + u = 1, every mapping
of jobs to cores has

    makespan >= sum_c w_c * load_c + u * volume / BW
             >= sum_j min_c ( w_c * L[j,c] + u * L[j,c] * B[j,c] / BW ),

since the makespan is at least the load of any core and at least volume / BW. The best weights are the dual
solution of the linear programme over fractional assignments, but *any* weights certify: a solver's
rounding can make the bound weaker, never wrong.

Dependencies only rule out schedules, so the bound holds with them too; the longest chain of jobs, each alone on the
core where it runs fastest, is then another bound.
"""

from __future__ import annotations

import math

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.job_table import JobTable
from problems.precedence import Precedence

MOST_VARIABLES = 100_000
"""Largest linear programme; for larger groups a sample of the jobs finds the weights, which then apply to all jobs."""

ROUNDING = 1e-12
"""Relative slack that covers the rounding of the sums, here and in the evaluators."""


def lower_bound(table: JobTable, system_bandwidth: float, precedence: Precedence | None = None) -> float:
    """Return a makespan in cycles that no mapping can beat: the largest of the bounds."""
    with np.errstate(over="ignore"):  # cycles beyond the floats leave the longest job alone to count
        alone = least_durations(table, system_bandwidth)
        longest = float(alone.max() if precedence is None else precedence.longest_path(alone))
        costs, jobs, cores = _merge_alike(table, system_bandwidth)
        total = float(np.sum(costs, where=np.isfinite(table.latency).all() | np.isfinite(costs)))
        usable = np.isfinite(total) and (np.isfinite(costs[1]) == np.isfinite(costs[0])).all()
        dual = _duality_bound(costs, jobs, cores) if usable else 0.0
    return max(longest, dual if np.isfinite(dual) else 0.0) * (1.0 - ROUNDING)


def bound_of(table: JobTable, system_bandwidth: float, weights: FloatArray) -> float:
    """Return the cycles that ``weights`` ``(A + 1,)`` of the cores and of the memory certify; 0 if they do nothing."""
    total = math.fsum(weights.tolist())
    if not 0.0 < total < math.inf:
        return 0.0
    possible = np.isfinite(table.latency)
    latency = np.where(possible, table.latency, 0.0)
    priced = latency * weights[:-1] + latency * (table.bandwidth / system_bandwidth) * weights[-1]
    least = np.where(possible, priced, np.inf).min(axis=1)
    return math.fsum(least.tolist()) / total if np.isfinite(least).all() else 0.0


def best_weights(table: JobTable, system_bandwidth: float) -> FloatArray:
    """Return weights ``(A + 1,)`` for ``bound_of`` from the linear programme; zeros if there are none in the floats."""
    costs, jobs, cores = _merge_alike(table, system_bandwidth)
    if not np.isfinite(np.sum(costs, where=np.isfinite(costs))) or np.isinf(costs).all(axis=(0, 2)).any():
        return np.zeros(table.num_cores + 1)
    if (np.isfinite(costs[1]) != np.isfinite(costs[0])).any():
        return np.zeros(table.num_cores + 1)
    step = -(-costs[0].size // MOST_VARIABLES)
    weights, memory = _dual_weights(costs[:, ::step], jobs[::step], cores)
    kinds = _unmerged(table, system_bandwidth)
    return np.append(weights[kinds], memory)


def _unmerged(table: JobTable, system_bandwidth: float) -> IntArray:
    """Return the kind ``(A,)`` of each core in ``_merge_alike``."""
    memory = np.where(np.isfinite(table.latency), table.latency, 0.0) * (table.bandwidth / system_bandwidth)
    memory[np.isinf(table.latency)] = np.inf
    costs = np.unique(np.stack([table.latency, memory]), axis=1)
    return np.unique(costs, axis=2, return_inverse=True)[1].reshape(-1)


def least_durations(table: JobTable, system_bandwidth: float) -> FloatArray:
    """Return the cycles ``(G,)`` that each job takes at least: on its fastest core, with the whole bandwidth."""
    alone = table.latency * np.maximum(1.0, table.bandwidth / system_bandwidth)
    return np.asarray(alone.min(axis=1))


def _merge_alike(table: JobTable, system_bandwidth: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Merge equal jobs and cores: costs ``(2, g, a)``, and how many jobs ``(g,)`` and cores ``(a,)`` are of each kind.

    The costs are the latency and the cycles that the memory alone needs (volume / BW), ``inf`` where a core
    cannot run the job. Cores with equal columns share their load evenly in some optimal fractional
    assignment, and equal jobs need only one row; groups drawn from few layers shrink a lot.
    """
    memory = np.where(np.isfinite(table.latency), table.latency, 0.0) * (table.bandwidth / system_bandwidth)
    memory[np.isinf(table.latency)] = np.inf
    costs = np.stack([table.latency, memory])
    costs, jobs = np.unique(costs, axis=1, return_counts=True)
    costs, cores = np.unique(costs, axis=2, return_counts=True)
    return costs, jobs.astype(np.float64), cores.astype(np.float64)


def _duality_bound(costs: FloatArray, jobs: FloatArray, cores: FloatArray) -> float:
    latency, memory = costs
    step = -(-latency.size // MOST_VARIABLES)  # rows are sorted: every step-th represents its neighbours
    weights, memory_weight = _dual_weights(costs[:, ::step], jobs[::step], cores)
    total = float((weights * cores).sum() + memory_weight)
    if not total > 0.0:
        return 0.0
    priced = np.full(latency.shape, np.inf)
    possible = np.isfinite(latency)
    priced[possible] = (weights * np.where(possible, latency, 0.0))[possible] + memory_weight * memory[possible]
    return float((priced.min(axis=1) * jobs).sum() / total)


def _dual_weights(costs: FloatArray, jobs: FloatArray, cores: FloatArray) -> tuple[FloatArray, float]:
    """Return the weights of one core of each kind ``(a,)`` and of the memory, from the dual of the linear programme.

    The primal: minimise z over x[j,c] >= 0 with sum_c x[j,c] = jobs[j], sum_j x L <= cores[c] z and
    sum_jc x V / BW <= z.
    """
    from scipy.optimize import linprog  # many commands need no bound
    from scipy.sparse import coo_array

    job, core = np.nonzero(np.isfinite(costs[0]))
    n, a = job.size, cores.size
    latency, memory = costs[:, job, core] / max(costs[0, job, core].max(), np.finfo(float).tiny)
    variables = np.arange(n)
    z = np.full(a + 1, n)
    limits = coo_array(
        (
            np.concatenate([latency, memory, -cores, [-1.0]]),
            (
                np.concatenate([core, np.full(n, a), np.arange(a + 1)]),
                np.concatenate([variables, variables, z]),
            ),
        ),
        shape=(a + 1, n + 1),
    )
    assigned = coo_array((np.ones(n), (job, variables)), shape=(jobs.size, n + 1))
    cost = np.append(np.zeros(n), 1.0)
    answer = linprog(cost, A_ub=limits, b_ub=np.zeros(a + 1), A_eq=assigned, b_eq=jobs, method="highs")
    if answer.status != 0:
        return np.ones(a), 0.0  # even weights: weak, but they certify too
    prices = np.maximum(-answer.ineqlin.marginals, 0.0)
    return prices[:-1], float(prices[-1])
