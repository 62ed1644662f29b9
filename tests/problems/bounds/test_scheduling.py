"""Bounds by CP-SAT: sound by brute force, also if cut; the least makespan itself where no job is slowed down."""

from dataclasses import replace

import numpy as np
import pytest

import problems
from problems.foundation.errors import InvalidInput, MissingExtra

pytest.importorskip("ortools")
from problems.bounds import scheduling
from problems.bounds.scheduling import lower_bound_by_cp


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("block", range(5))
def test_no_mapping_of_a_small_problem_beats_the_bound(block, waits, small, best_of_all_mappings):
    for number in range(30 * block, 30 * block + 30):
        p, _ = small(number, waits)
        best = best_of_all_mappings(p)
        for effort in (1e-9, 1e-4, 1.0):
            found = lower_bound_by_cp(p, deterministic_time=effort)
            assert found.makespan <= best, (number, effort)
            assert best <= p.evaluate(found.cores, found.priorities) < np.inf, (number, effort)
        assert found.makespan == pytest.approx(found.scheduled)  # effort enough for all of them


@pytest.mark.parametrize("waits", [False, True])
def test_with_bandwidth_to_spare_the_bound_is_the_least_makespan(waits, small, best_of_all_mappings):
    for number in range(60):
        p = replace(small(number, waits)[0], system_bandwidth=1e6)
        found = lower_bound_by_cp(p, deterministic_time=1.0)
        assert found.makespan == pytest.approx(best_of_all_mappings(p), rel=1e-5), number
        assert p.evaluate(found.cores, found.priorities) == pytest.approx(found.makespan, rel=1e-5), number


def test_where_the_memory_is_the_limit_the_bound_is_the_least_volume():
    p = problems.from_job_table([[3.0, 2.0], [5.0, 4.0], [1.0, 1.0]], np.full((3, 2), 2.0), 0.5)
    assert lower_bound_by_cp(p).makespan == pytest.approx(4.0 * (2.0 + 4.0 + 1.0))


def test_two_jobs_that_crowd_the_memory_may_run_side_by_side():
    p = problems.from_job_table([[10.0, 10.0], [10.0, 10.0]], np.full((2, 2), 0.6), 1.0)
    assert p.evaluate([0, 1], [0.0, 0.5]) == pytest.approx(12.0)  # 20 if demands were a resource
    assert lower_bound_by_cp(p).makespan == pytest.approx(12.0)


def test_what_is_proven_already_is_where_the_search_begins():
    p = problems.get("mix/S4/bw16/g20/i5/dep")
    plain, certified = lower_bound_by_cp(p), p.certificate().makespan
    found = lower_bound_by_cp(p, at_least=certified)
    assert plain.makespan < certified
    assert found.makespan == pytest.approx(certified, rel=1e-6)
    assert found.makespan <= certified


def test_whole_jobs_in_their_order_can_prove_more_than_a_certificate():
    p = problems.get("language/S2/bw4/g20/i5/dep")
    found = lower_bound_by_cp(p, at_least=p.certificate("best").makespan)
    assert found.makespan > 1.02 * p.certificate("best").makespan  # measured: 1.0237
    assert p.evaluate(found.cores, found.priorities) >= found.makespan


def test_the_same_effort_gives_the_same_bound_and_schedule():
    p = problems.get("mix/S4/bw1/g30/i1/dep")
    first, again = (lower_bound_by_cp(p, deterministic_time=0.1) for _ in range(2))
    assert (first.makespan, first.scheduled) == (again.makespan, again.scheduled)
    assert (first.cores == again.cores).all()
    assert (first.priorities == again.priorities).all()


@pytest.mark.parametrize(("latency", "system_bandwidth"), [(1e308, 1.0), (1.0, 1e-300), (1e-308, 1e300), (0.0, 1.0)])
def test_numbers_at_the_edge_of_the_floats_leave_a_bound(latency, system_bandwidth):
    p = problems.from_job_table(np.full((3, 2), latency), np.ones((3, 2)), system_bandwidth)
    best = min(p.evaluate([0, 1, c], [0.1, 0.2, 0.3]) for c in (0, 1))
    assert 0.0 <= lower_bound_by_cp(p).makespan <= best


def test_a_core_that_is_far_too_slow_does_not_hide_the_others():
    p = problems.from_job_table([[1e300, 1e-5], [1e-5, 1e300], [1e-5, np.inf]], np.ones((3, 2)), 1e9)
    assert lower_bound_by_cp(p).makespan == pytest.approx(2e-5, rel=1e-6)


@pytest.mark.parametrize("effort", [0.0, -1.0, np.inf, "long"])
def test_an_effort_that_is_none_is_refused(effort):
    with pytest.raises(InvalidInput, match="deterministic time: expected a finite number above 0"):
        lower_bound_by_cp(problems.get("mix/S2/bw4/g20/i0"), deterministic_time=effort)


def test_a_bound_that_is_none_is_refused():
    with pytest.raises(InvalidInput, match="lower bound: expected a number of at least 0"):
        lower_bound_by_cp(problems.get("mix/S2/bw4/g20/i0"), at_least=-1.0)


def test_without_the_library_the_command_that_installs_it_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "problems.doors.cp_sat", None)
    with pytest.raises(MissingExtra, match="bounds by CP-SAT need OR-Tools: pip install 'ortools"):
        scheduling.lower_bound_by_cp(problems.get("mix/S2/bw4/g20/i0"))
