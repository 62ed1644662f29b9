"""The guide, against the linear programme that it approximates."""

import numpy as np
import pytest
from scipy.optimize import linprog

import problems
from optimizers.native.informed.guide import guide_of


def by_programme(latency, demand):
    """Prices by the dual programme: maximise sum_j v_j, v_j <= w_c L[j,c] + u V[j,c], where the weights sum to 1."""
    num_jobs, num_cores = latency.shape
    rows = []
    for j in range(num_jobs):
        for c in range(num_cores):
            row = np.zeros(num_jobs + num_cores + 1)
            row[j], row[num_jobs + c], row[-1] = 1.0, -latency[j, c], -latency[j, c] * demand[j, c]
            rows.append(row)
    sums = np.append(np.zeros(num_jobs), np.ones(num_cores + 1))[None, :]
    goal = np.append(-np.ones(num_jobs), np.zeros(num_cores + 1))
    bounds = [(None, None)] * num_jobs + [(0, None)] * (num_cores + 1)
    found = linprog(goal, np.array(rows), np.zeros(len(rows)), sums, [1.0], bounds)
    weights = found.x[num_jobs:]
    return -found.fun, latency * weights[:-1] + latency * demand * weights[-1]


@pytest.mark.parametrize("problem_id", ["mix/S4/bw1/g100/i7", "mix/S2/bw4/g50/i3", "mix/S5/bw16/g100/i8"])
def test_the_guide_is_near_the_reduced_costs_of_the_assignment_programme(problem_id):
    p = problems.get(problem_id)
    latency, demand = p.job_table.latency, p.job_table.bandwidth / p.system_bandwidth
    _, prices = by_programme(latency, demand)
    dearer = prices - prices.min(axis=1, keepdims=True)
    found = guide_of(latency, demand, np.ones(latency.shape, bool))
    assert found.min() == 0.0
    assert np.abs(found - dearer).max() < 0.08 * dearer.max()
    assert (found.min(axis=1) == 0.0).all()


def test_equal_cores_are_equally_dear():
    rng = np.random.default_rng(0)
    latency, demand = rng.random((20, 2)).repeat(2, axis=1), rng.random((20, 2)).repeat(2, axis=1)
    found = guide_of(latency, demand, np.ones((20, 4), bool))
    assert np.array_equal(found[:, 0], found[:, 1])
    assert np.array_equal(found[:, 2], found[:, 3])


def test_cores_that_cannot_run_a_job_are_no_choice():
    latency, demand = np.array([[5.0, 0.0], [1.0, 9.0]]), np.zeros((2, 2))
    found = guide_of(latency, demand, np.array([[True, False], [True, True]]))
    assert found[0].tolist() == [0.0, 0.0]
    assert np.isfinite(found).all()


@pytest.mark.parametrize("latency", [0.0, 1e-300, 1e300])
def test_numbers_at_the_edge_leave_a_guide(latency):
    with np.errstate(over="ignore"):
        found = guide_of(np.full((3, 2), latency), np.ones((3, 2)), np.ones((3, 2), bool))
    assert (found == 0.0).all()
