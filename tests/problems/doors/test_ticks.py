"""The grid of ticks: what is rounded, which way, and the list schedule on it."""

import numpy as np
import pytest

from problems.doors.ticks import GRID, Plan, Ticks, ancestors, first_plan
from problems.precedence import Precedence
from problems.space import Jobs

CHAIN = Precedence(((), (0,), (), (1, 2)))


def test_ancestors_are_all_that_must_have_ended():
    assert ancestors(Precedence(((), (0,), (1,), (2, 0), ()))) == [set(), {0}, {0, 1}, {0, 1, 2}, set()]


def test_a_job_waits_until_what_it_needs_has_passed_the_memory():
    plan = first_plan(np.full((3, 2), 2.0), np.full((3, 2), 1.5), Precedence(((), (), (0, 1))))
    assert plan.starts.tolist() == [0.0, 0.0, 3.0]
    assert first_plan(np.full((3, 2), 2.0), np.full((3, 2), 1.5), Precedence(((), (0,), (0,)))).length == 5.0


def test_the_longest_chain_comes_first_and_each_job_waits_for_its_predecessors():
    durations = np.array([[1.0, 2.0], [2.0, 2.0], [5.0, 9.0], [4.0, np.inf]])
    plan = first_plan(durations, np.zeros((4, 2)), CHAIN)
    assert plan.cores.tolist() == [1, 1, 0, 0]
    assert plan.starts.tolist() == [0.0, 2.0, 0.0, 5.0]
    assert plan.length == 9.0


def test_a_plan_is_no_shorter_than_the_memory_takes():
    assert first_plan(np.ones((2, 2)), np.full((2, 2), 3.0), Precedence(((), ()))).length == 6.0


def test_durations_and_volumes_are_rounded_down():
    rng = np.random.default_rng(0)
    latency, bandwidth = rng.random((9, 3)), 4.0 * rng.random((9, 3))
    latency[2, 1] = np.inf
    ticks = Ticks.of(Jobs(latency, bandwidth, 2.0))
    tick = np.ldexp(ticks.unit, ticks.exponent)
    possible = np.isfinite(latency)
    assert (np.isfinite(ticks.durations) == possible).all()
    exact = latency * np.maximum(1.0, bandwidth / 2.0) / tick, latency * bandwidth / 2.0 / tick
    for amount, rounded in zip(exact, (ticks.durations, ticks.volumes), strict=True):
        lost = (amount[possible] - rounded[possible]).tolist()
        assert 0.0 <= min(lost) <= max(lost) < 1.0
    assert 0.999 * GRID < ticks.first_plan().length <= GRID


def test_cycles_and_ticks_are_on_the_safe_side():
    ticks = Ticks.of(Jobs(np.array([[3.0], [4.0]]), np.zeros((2, 1)), 1.0))
    assert ticks.cycles(GRID) == pytest.approx(7.0, rel=1e-11)
    assert ticks.cycles(GRID) < 7.0
    assert ticks.ticks_within(7.0) == GRID - 1  # a hair below
    assert ticks.ticks_within(1e300) == 2 * GRID


def test_cores_run_their_jobs_by_start_and_predecessors_come_first():
    ticks = Ticks.of(Jobs(np.ones((4, 1)), np.zeros((4, 1)), 1.0, predecessors=((3,), (), (), ())))
    plan = Plan(np.zeros(4, np.int64), np.array([5.0, 7.0, 1.0, 5.0]), 8.0)
    assert np.argsort(ticks.priorities(plan)).tolist() == [2, 3, 0, 1]
