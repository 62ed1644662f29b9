"""The guide, against the linear programme that it approximates."""

import numpy as np
import pytest
from scipy.optimize import linprog

import optimizers
import problems
from optimizers.native.informed.guide import guide_of


def by_programme(latency, demand, counts_excess):
    """Value and prices by the dual programme: maximise sum_j v_j, where v_j is at most each of j's prices.

    They are w_c L[j,c] + u V[j,c], with the excess E plus (1 - u) E[j,c]; the weights w and u sum to 1.
    """
    num_jobs, num_cores = latency.shape
    excess = counts_excess * np.maximum(0.0, latency * (demand - 1.0))
    rows = []
    for j in range(num_jobs):
        for c in range(num_cores):
            row = np.zeros(num_jobs + num_cores + 1)
            row[num_jobs:] = -excess[j, c]
            row[num_jobs + c] -= latency[j, c]
            row[j], row[-1] = 1.0, -latency[j, c] * demand[j, c]
            rows.append(row)
    sums = np.append(np.zeros(num_jobs), np.ones(num_cores + 1))[None, :]
    goal = np.append(-np.ones(num_jobs), np.zeros(num_cores + 1))
    bounds = [(None, None)] * num_jobs + [(0, None)] * (num_cores + 1)
    found = linprog(goal, np.array(rows), np.zeros(len(rows)), sums, [1.0], bounds)
    weights = found.x[num_jobs:]
    prices = latency * weights[:-1] + excess * weights[:-1].sum() + latency * demand * weights[-1]
    return -found.fun, prices


@pytest.mark.parametrize("counts_excess", [False, True])
@pytest.mark.parametrize("problem_id", ["mix/S4/bw1/g100/i7", "mix/S2/bw4/g50/i3", "mix/S5/bw16/g100/i8"])
def test_the_guide_is_near_the_reduced_costs_of_the_assignment_programme(problem_id, counts_excess):
    p = problems.get(problem_id)
    latency, demand = p.job_table.latency, p.job_table.bandwidth / p.system_bandwidth
    _, prices = by_programme(latency, demand, counts_excess)
    dearer = prices - prices.min(axis=1, keepdims=True)
    found = guide_of(latency, demand, np.ones(latency.shape, bool), counts_excess=counts_excess)
    assert found.min() == 0.0
    assert np.abs(found - dearer).max() < 0.08 * dearer.max()
    assert (found.min(axis=1) == 0.0).all()


@pytest.mark.parametrize("problem_id", ["recommendation/S2/bw1/g50/i3", "language/S6/bw1/g50/i8"])
def test_no_mapping_beats_the_programme_with_the_excess(problem_id):
    p = problems.get(problem_id)
    bound, _ = by_programme(p.job_table.latency, p.job_table.bandwidth / p.system_bandwidth, True)
    plain, _ = by_programme(p.job_table.latency, p.job_table.bandwidth / p.system_bandwidth, False)
    best = optimizers.minimize(p, "native-annealing-informed", budget=100, seed=0, steps=50_000).best_value
    assert plain <= bound * (1 + 1e-9)
    assert bound <= best * (1 + 1e-9)


def test_equal_cores_are_equally_dear():
    rng = np.random.default_rng(0)
    latency, demand = rng.random((20, 2)).repeat(2, axis=1), rng.random((20, 2)).repeat(2, axis=1)
    found = guide_of(latency, demand, np.ones((20, 4), bool), counts_excess=True)
    assert np.array_equal(found[:, 0], found[:, 1])
    assert np.array_equal(found[:, 2], found[:, 3])


def test_cores_that_cannot_run_a_job_are_no_choice():
    latency, demand = np.array([[5.0, 0.0], [1.0, 9.0]]), np.zeros((2, 2))
    found = guide_of(latency, demand, np.array([[True, False], [True, True]]), counts_excess=True)
    assert found[0].tolist() == [0.0, 0.0]
    assert np.isfinite(found).all()


@pytest.mark.parametrize("latency", [0.0, 1e-300, 1e300])
def test_numbers_at_the_edge_leave_a_guide(latency):
    with np.errstate(over="ignore"):
        found = guide_of(np.full((3, 2), latency), np.ones((3, 2)), np.ones((3, 2), bool), counts_excess=True)
    assert (found == 0.0).all()
