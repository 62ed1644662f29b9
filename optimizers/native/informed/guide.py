"""Prices of cores and memory as a guide: which core suits a job, if the whole group is looked at.

For weights w >= 0 of the kinds of cores and u >= 0 of the memory that sum to 1, every mapping's makespan is at least
the sum over the jobs of w_c L[j,c] / n_c + u V[j,c], with n_c cores of the kind, latency L and volume V in cycles of
the whole bandwidth: the Lagrangian of the assignment programme. Weights that make the sum of the least prices large
tell by how much a job is dearer on one core than on another. They come from exponentiated subgradients (Kivinen &
Warmuth 1997).

A job that asks for more than all the bandwidth slows every core down by its *excess* E = max(0, V - L), whatever runs
beside it. So (1 - u) E may be added to its price: the makespan is then still no less. That bound is tighter, but a
guide with the excess is not always the better one: where the memory is busy all the time, volumes alone count.
"""

from __future__ import annotations

import numpy as np

from problems.arrays import BoolArray, FloatArray, IntArray

ROUNDS = 400
"""Subgradients that are followed."""

DIGITS = 6
"""Digits of the prices, as a share of the largest; they are the same on machines whose last digits differ."""


def guide_of(latency: FloatArray, demand: FloatArray, possible: BoolArray, *, counts_excess: bool) -> FloatArray:
    """Return by how much each job is dearer on each core than on its cheapest ``(G, A)``, cycles; 0 if it cannot run.

    Args:
        latency: ``(G, A)`` cycles, finite.
        demand: ``(G, A)`` required bandwidth as a share of the system's.
        possible: ``(G, A)`` which cores can run a job.
        counts_excess: Whether the prices contain the excess.
    """
    alike = np.concatenate([latency, demand, possible])
    _, first, kind = np.unique(alike, axis=1, return_index=True, return_inverse=True)
    counts, kind = np.bincount(kind.ravel()), kind.ravel()
    costs = _costs(latency[:, first], demand[:, first], counts, counts_excess=counts_excess)
    dearer = _priced(costs, possible[:, first], _best_weights(costs, possible[:, first]))
    dearer -= dearer.min(axis=1, keepdims=True)
    dearer[~possible[:, first]] = 0.0
    scale = float(dearer.max())
    if scale > 0.0:
        dearer = np.round(dearer / scale, DIGITS) * scale
    return np.ascontiguousarray(dearer[:, kind])


def _costs(latency: FloatArray, demand: FloatArray, counts: IntArray, *, counts_excess: bool) -> FloatArray:
    """Return what a unit of each weight costs a job on each kind of core ``(G, K, K + 1)``; the memory's comes last."""
    num_jobs, num_kinds = latency.shape
    costs = np.zeros((num_jobs, num_kinds, num_kinds + 1))
    if counts_excess:
        costs += np.maximum(0.0, latency * (demand - 1.0))[:, :, None]
    costs[:, np.arange(num_kinds), np.arange(num_kinds)] += latency / counts
    costs[:, :, -1] = latency * demand
    return costs


def _priced(costs: FloatArray, possible: BoolArray, weights: FloatArray) -> FloatArray:
    """Return the price of each job on each kind of core ``(G, K)``."""
    return np.where(possible, costs @ weights, np.inf)


def _best_weights(costs: FloatArray, possible: BoolArray) -> FloatArray:
    """Return the weights ``(K + 1,)`` of the largest sum of least prices that was found."""
    weights = np.full(costs.shape[2], 1.0 / costs.shape[2])
    best, most = weights, -np.inf
    jobs = np.arange(len(costs))
    for number in range(1, ROUNDS + 1):
        priced = _priced(costs, possible, weights)
        cheapest = priced.argmin(axis=1)
        total = priced[jobs, cheapest].sum()
        if total > most:
            best, most = weights, total
        loads = costs[jobs, cheapest].sum(axis=0)
        if not loads.max() > 0.0:
            break
        weights = weights * np.exp((loads / loads.max() - 1.0) / np.sqrt(number))
        weights = weights / weights.sum()
    return best
