"""Mappings carried over to another group of jobs."""

import numpy as np
import pytest

import problems
from problems.foundation.errors import InvalidInput
from problems.transfer import transfer


def problem_of(latency):
    latency = np.array(latency, dtype=float)
    return problems.from_job_table(latency, np.where(np.isfinite(latency), 1.0, 0.0), system_bandwidth=1.0)


SOURCE = problem_of([[10, 20], [1000, 10], [5, np.inf]])
CORES, PRIORITIES = np.array([[0, 1, 0], [1, 1, 0]]), np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])


def test_every_job_is_treated_like_the_one_that_it_is_most_like():
    target = problem_of([[6, np.inf], [11, 19], [900, 12]])
    cores, priorities = transfer(CORES, PRIORITIES, SOURCE, target)
    assert cores.tolist() == [[0, 0, 1], [0, 1, 1]]
    assert priorities.tolist() == [[0.3, 0.1, 0.2], [0.6, 0.4, 0.5]]


def test_to_the_same_group_nothing_changes():
    cores, priorities = transfer(CORES, PRIORITIES, SOURCE, SOURCE)
    assert (cores == CORES).all()
    assert (priorities == PRIORITIES).all()


def test_to_the_same_group_nothing_changes_though_jobs_are_equal():
    group = problem_of([[10, 20], [10, 20], [10, 20]])
    cores, priorities = transfer(CORES, PRIORITIES, group, problem_of([[10, 20]] * 3))
    assert cores.tolist() == CORES.tolist()
    assert priorities.tolist() == PRIORITIES.tolist()


@pytest.mark.parametrize(("jobs", "most"), [(1, 1), (2, 1), (3, 1), (7, 3)])
def test_groups_of_any_size_take_them_and_no_job_stands_for_too_many(jobs, most):
    target = problem_of(np.random.default_rng(0).random((jobs, 2)) * 100 + 1)
    _, priorities = transfer(CORES, PRIORITIES, SOURCE, target)
    assert priorities.shape == (2, jobs)
    assert np.unique(priorities[0], return_counts=True)[1].max() <= most


def test_another_number_of_cores_is_refused():
    with pytest.raises(InvalidInput, match="expected mappings to 3 cores, got to 2"):
        transfer(CORES, PRIORITIES, SOURCE, problem_of(np.ones((3, 3))))


@pytest.mark.parametrize("shape", [(3,), (2, 2), (2, 4), (1, 2, 3)])
@pytest.mark.parametrize("target", [SOURCE, problem_of([[6, 9], [11, 19]])])
def test_what_are_no_mappings_of_the_source_is_refused(shape, target):
    with pytest.raises(InvalidInput, match=r"cores of .*: expected an array \(P, 3\), got one of"):
        transfer(np.zeros(shape, dtype=np.int64), np.zeros(shape), SOURCE, target)
    with pytest.raises(InvalidInput, match="priorities of"):
        transfer(CORES, PRIORITIES[:1], SOURCE, target)


def test_what_is_carried_over_is_a_copy():
    for target in (SOURCE, problem_of([[10, 20], [1000, 10], [6, np.inf]])):
        for given, got in zip((CORES, PRIORITIES), transfer(CORES, PRIORITIES, SOURCE, target), strict=True):
            assert not np.shares_memory(given, got)


def test_what_was_found_for_one_group_is_worth_more_than_random_mappings_for_the_next():
    import optimizers

    for task in ("vision", "language"):
        former, new = (problems.get(f"{task}/S4/bw4/g100/i{i}") for i in (1, 2))
        found = optimizers.minimize(former, "magma", budget=3000, seed=0)
        carried = new.evaluate(*transfer(found.front_cores, found.front_priorities, former, new))[0]
        assert carried < optimizers.minimize(new, "random", budget=100, seed=0).best_value
