"""Bounds by counting long jobs: by hand, by brute force, and as certificates."""

import numpy as np
import pytest

import problems
from problems.bounds import counting
from problems.bounds.certificate import COUNTED_JOBS, Certificate, proven_makespan
from problems.precedence import Precedence


def proven(p):
    return proven_makespan(Certificate(COUNTED_JOBS, 0.0, 0.0), p.job_table, p.system_bandwidth, p.precedence)


@pytest.mark.parametrize("waits", [False, True])
def test_no_mapping_of_a_small_problem_beats_it(waits, small, best_of_all_mappings):
    for number in range(200):
        p, _ = small(number, waits)
        assert proven(p) <= best_of_all_mappings(p), number


def test_one_job_more_than_cores_makes_two_on_one():
    durations = np.array([[5.0], [9.0], [7.0], [6.0]]) * np.ones((4, 3))
    assert counting.time_for(durations) == 11.0  # 5 and 6
    assert counting.time_for(durations[:3]) == 5.0  # three jobs: one each, as far as counting can tell


def test_a_slow_core_counts_for_as_many_jobs_as_it_can_run():
    durations = np.array([[4.0, 9.0], [4.0, 10.0], [4.0, np.inf]])
    assert counting.time_for(durations) == 9.0  # two on the fast core by 8, one on the slow one by 9


def test_jobs_that_wait_and_are_waited_for_are_counted_in_between():
    predecessors = [[], [0], [0], [0], [1, 2, 3]]
    latency = np.array([[2.0], [4.0], [4.0], [4.0], [3.0]]) * np.ones((5, 2))
    p = problems.from_job_table(latency, np.zeros((5, 2)), 1.0, predecessors=predecessors)
    assert proven(p) == pytest.approx(2.0 + 8.0 + 3.0)
    assert p.evaluate([0, 0, 0, 1, 0], [0.0, 0.1, 0.2, 0.3, 0.4]) == 13.0


def test_heads_and_tails_are_the_longest_chains_on_both_sides():
    precedence = Precedence(((), (0,), (), (1, 2)))
    durations = np.array([1.0, 2.0, 5.0, 4.0])
    assert precedence.heads(durations).tolist() == [0.0, 1.0, 0.0, 5.0]
    assert precedence.tails(durations).tolist() == [6.0, 4.0, 4.0, 0.0]


def test_a_certificate_counts_where_that_proves_most():
    p = problems.get("recommendation/S4/bw16/g20/i0/dep")
    certificate = p.certificate()
    assert certificate.kind == COUNTED_JOBS
    assert certificate.verify(p)
    assert certificate.value > 1.1 * p.latency_bound()  # measured: 1.125
