import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import problems
from problems.bounds import duality as bounds


def best_of_all_mappings(p):
    """The least makespan over all assignments and orders of a small problem."""
    orders = [np.argsort(o) / p.num_jobs for o in itertools.permutations(range(p.num_jobs))]
    assignments = list(itertools.product(range(p.num_cores), repeat=p.num_jobs))
    cores = np.repeat(assignments, len(orders), axis=0)
    return p.evaluate(cores, np.tile(orders, (len(assignments), 1))).min()


@settings(max_examples=40)
@given(st.integers(1, 4), st.integers(1, 3), st.integers(0, 10**6), st.sampled_from([0.05, 0.5, 5.0]))
def test_no_mapping_of_a_small_problem_beats_the_bound(jobs, cores, seed, system_bandwidth):
    rng = np.random.default_rng(seed)
    p = problems.from_job_table(rng.random((jobs, cores)), rng.random((jobs, cores)), system_bandwidth)
    assert p.latency_bound() <= best_of_all_mappings(p)


def test_the_bound_is_tight_where_the_best_mapping_is_plain():
    one_job = problems.from_job_table([[4.0, 9.0]], [[3.0, 1.0]], 1.0)
    assert one_job.latency_bound() == pytest.approx(9.0)  # 12 cycles on core 0, where memory is too slow; 9 on core 1
    even = problems.from_job_table(np.ones((12, 4)), np.zeros((12, 4)), 1.0)
    assert even.latency_bound() == pytest.approx(3.0)
    memory = problems.from_job_table(np.ones((12, 4)), np.full((12, 4), 2.0), 1.0)
    assert memory.latency_bound() == pytest.approx(24.0)


def test_merging_equal_jobs_and_cores_keeps_the_bound(rng):
    latency, bandwidth = rng.random((5, 2)), rng.random((5, 2))
    jobs, cores = np.repeat(np.arange(5), 4), np.repeat(np.arange(2), 3)
    alike = problems.from_job_table(latency[jobs][:, cores], bandwidth[jobs][:, cores], 3.0)
    noise = 1.0 + 1e-9 * rng.random((20, 6))  # the same to nine digits, but nothing to merge
    unlike = problems.from_job_table(alike.job_table.latency * noise, alike.job_table.bandwidth, 3.0)
    assert alike.latency_bound() == pytest.approx(unlike.latency_bound(), rel=1e-7)


def test_a_sample_of_many_jobs_still_certifies(rng, monkeypatch):
    p = problems.from_job_table(rng.random((200, 8)) + 0.2, rng.random((200, 8)), 4.0)
    exact = p.latency_bound()
    monkeypatch.setattr(bounds, "MOST_VARIABLES", 200)
    sampled = bounds.lower_bound(p.job_table, p.system_bandwidth)
    assert 0.8 * exact < sampled <= exact * (1 + 1e-9)


def test_cores_that_cannot_run_a_job_are_left_out():
    p = problems.from_job_table([[np.inf, 8.0], [1.0, np.inf]], [[5.0, 0.0], [0.0, 5.0]], 1.0)
    assert p.latency_bound() == pytest.approx(8.0)


@pytest.mark.parametrize(("latency", "system_bandwidth"), [(1e308, 1.0), (1.0, 1e-300), (1e-308, 1e300)])
def test_numbers_at_the_edge_of_the_floats_leave_a_bound(latency, system_bandwidth):
    p = problems.from_job_table(np.full((3, 2), latency), np.ones((3, 2)), system_bandwidth)
    assert 0.0 <= p.latency_bound() <= p.evaluate([0, 1, 0], [0.1, 0.2, 0.3])


def test_jobs_that_take_no_time_have_a_bound_of_nothing():
    assert problems.from_job_table(np.zeros((3, 2)), np.zeros((3, 2)), 1.0).latency_bound() == 0.0


def test_latencies_far_apart_leave_the_bound_certified(rng):
    latency = np.exp(rng.normal(0, 8, (50, 4)))
    p = problems.from_job_table(latency, np.exp(rng.normal(0, 4, (50, 4))), 1.0)
    greedy = latency.argmin(axis=1)
    values = p.evaluate(np.tile(greedy, (500, 1)), rng.random((500, 50)))
    assert 0.0 < p.latency_bound() <= values.min()
