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

from problems.arrays import FloatArray
from problems.bounds.kinds import Kinds
from problems.job_table import JobTable
from problems.precedence import Precedence

MOST_VARIABLES = 100_000
"""Largest linear programme; for larger groups a sample of the jobs finds the weights, which then apply to all jobs."""

ROUNDING = 1e-12
"""Relative slack that covers the rounding of the sums, here and in the evaluators."""


def lower_bound(table: JobTable, system_bandwidth: float, precedence: Precedence | None = None) -> float:
    """Return a makespan in cycles that no mapping can beat: the largest of the bounds."""
    with np.errstate(over="ignore", invalid="ignore"):  # beyond the floats the longest job alone counts
        alone = least_durations(table, system_bandwidth)
        longest = float(alone.max() if precedence is None else precedence.longest_path(alone))
        dual = bound_of(table, system_bandwidth, best_weights(table, system_bandwidth))
    return max(longest, dual) * (1.0 - ROUNDING)


def bound_of(table: JobTable, system_bandwidth: float, weights: FloatArray) -> float:
    """Return the cycles that ``weights`` ``(A + 1,)`` of the cores and of the memory certify.

    0 if they certify nothing, or more than the floats can hold.
    """
    possible = np.isfinite(table.latency)
    latency = np.where(possible, table.latency, 0.0)
    priced = latency * weights[:-1] + latency * (table.bandwidth / system_bandwidth) * weights[-1]
    total, priced_total = exact_sum(weights), exact_sum(np.where(possible, priced, np.inf).min(axis=1))
    return priced_total / total if 0.0 < total < math.inf and priced_total < math.inf else 0.0


def exact_sum(values: FloatArray) -> float:
    """Return the sum of values of at least 0, exact until its last rounding, in whatever order they come."""
    try:
        return math.fsum(values.tolist())
    except OverflowError:
        return math.inf


def best_weights(table: JobTable, system_bandwidth: float) -> FloatArray:
    """Return weights ``(A + 1,)`` for ``bound_of`` from the linear programme; zeros if it is beyond the floats.

    Cores with equal columns share their load evenly in some optimal fractional assignment, and equal jobs need only one
    row; groups drawn from few layers shrink a lot.
    """
    kinds = Kinds.of(table, system_bandwidth)
    possible = np.isfinite(kinds.latency)
    memory = np.where(possible, kinds.latency, 0.0) * kinds.demand
    costs = np.stack([kinds.latency, np.where(possible, memory, np.inf)])
    if not possible.any(axis=1).all() or not np.isfinite(costs[:, possible].sum()):
        return np.zeros(table.num_cores + 1)
    step = -(-possible.size // MOST_VARIABLES)  # rows are sorted: every step-th represents its neighbours
    weights, memory_weight = _dual_weights(
        costs[:, ::step], kinds.jobs[::step].astype(float), kinds.cores.astype(float)
    )
    return np.append(weights[kinds.core_kind], memory_weight)


def least_durations(table: JobTable, system_bandwidth: float) -> FloatArray:
    """Return the cycles ``(G,)`` that each job takes at least: on its fastest core, with the whole bandwidth."""
    return np.asarray(durations_alone(table, system_bandwidth).min(axis=1))


def durations_alone(table: JobTable, system_bandwidth: float) -> FloatArray:
    """Return the cycles ``(G, A)`` that each job takes at least on each core: with the whole bandwidth."""
    return np.asarray(table.latency * np.maximum(1.0, table.bandwidth / system_bandwidth))


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
