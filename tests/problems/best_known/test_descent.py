"""A descent ends where no step helps, which all steps, tried one by one, confirm."""

import numpy as np
import pytest

import problems
from problems.best_known.descent import descend
from problems.best_known.registry import FOLDER, entry_at, ids_in


def values_one_step_away(problem, cores, priorities):
    """Values of all mappings in which one job lies elsewhere, or two have changed places."""
    order = [int(job) for job in np.argsort(priorities, kind="stable")]
    for job in range(problem.num_jobs):
        others = [other for other in order if other != job]
        for core in range(problem.num_cores):
            for place in range(len(order)):
                moved, ranks = np.array(cores), np.empty(len(order))
                moved[job] = core
                ranks[[*others[:place], job, *others[place:]]] = np.arange(len(order))
                yield problem.evaluate(moved, ranks)
        for other in range(job):
            swapped, ranks = np.array(cores), np.array(priorities)
            swapped[[job, other]], ranks[[job, other]] = swapped[[other, job]], ranks[[other, job]]
            yield problem.evaluate(swapped, ranks)


@pytest.mark.parametrize(
    "problem_id", ["mix/S2/bw1/g10/i0", "mix/S5/bw16/g20/i3", "vision/S2/bw4/g10/i1/corrected/energy"]
)
def test_no_step_lowers_the_value_further(problem_id):
    problem = problems.get(problem_id)
    rng = np.random.default_rng(0)
    cores, priorities = rng.integers(problem.num_cores, size=problem.num_jobs), rng.random(problem.num_jobs)
    before = problem.evaluate(cores, priorities)
    found = descend(problem, cores, priorities)
    assert found.value < before
    assert problem.evaluate(found.cores, found.priorities) == found.value
    assert min(values_one_step_away(problem, found.cores, found.priorities)) >= found.value * (1 - 1e-9)


def test_equal_priorities_stay_equal_where_nothing_helps():
    problem = problems.get("mix/S2/bw1/g10/i0")
    cores, priorities = np.zeros(10, np.int64), np.full(10, 0.5)
    found = descend(problem, cores, priorities, most_evaluations=1)
    assert found.value == problem.evaluate(cores, priorities)
    assert set(found.priorities) == {0.0}


def test_no_step_begins_beyond_the_limit():
    problem = problems.get("mix/S2/bw1/g100/i0")
    rng = np.random.default_rng(1)
    found = descend(problem, rng.integers(4, size=100), rng.random(100), most_evaluations=1000)
    assert 1000 <= found.evaluations < 1000 + 2 * 104


@pytest.mark.parametrize("problem_id", [own for own in ids_in(FOLDER) if "/g50/" in own][::4])
def test_what_ships_is_a_local_optimum(problem_id):
    problem, entry = problems.get(problem_id), entry_at(FOLDER, problem_id)
    found = descend(problem, entry.cores, entry.priorities)
    assert found.value >= entry.value * (1 - 1e-9)
