"""CP-SAT as a search: its plans are schedules of the grid, each shorter than the last; it ends when told."""

import itertools
import time

import numpy as np
import pytest

import problems
from problems.space import Jobs, jobs_of

pytest.importorskip("ortools")
from problems.doors.cp_sat import Search


@pytest.fixture(scope="module")
def jobs():
    return jobs_of(problems.get("vision/S2/bw4/g30/i5/dep"))


def test_plans_get_shorter_and_are_schedules_of_the_grid(jobs):
    with Search(jobs, 0.3) as search:
        plans = list(search)
    lengths = [plan.length for plan in plans]
    assert len(lengths) > 2
    assert lengths == sorted(set(lengths), reverse=True)
    assert search.bound <= search.ticks.cycles(lengths[-1])
    for plan in plans:
        check_plan(search.ticks, plan)


def check_plan(ticks, plan):
    rows = np.arange(len(plan.cores))
    ends = plan.starts + ticks.durations[rows, plan.cores]
    assert max(ends.max(), ticks.volumes[rows, plan.cores].sum()) <= plan.length
    for job, before in enumerate(ticks.precedence.predecessors):
        assert all(ends[other] <= plan.starts[job] for other in before)
    for core in set(plan.cores.tolist()):
        own = sorted((plan.starts[j], ends[j]) for j in np.flatnonzero(plan.cores == core))
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(own))


def test_a_search_without_an_answer_ends_when_it_is_left():
    rng = np.random.default_rng(0)
    jobs = Jobs(rng.random((300, 4)), np.zeros((300, 4)), 1.0)
    began = time.perf_counter()
    with Search(jobs, 1e6) as search:
        next(iter(search))
    assert time.perf_counter() - began < 30.0


def test_a_search_that_has_not_begun_ends_too(jobs):
    with Search(jobs, 1e6):
        pass
