"""The schedule against the evaluator, and the invariants of its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import problems
from problems.foundation.errors import InvalidInput

SCALES = [0.0, 1.0, 6.0]


@st.composite
def mapped_problems(draw, dependent=None):
    """A problem and a mapping: ties, jobs of no time or no traffic, idle cores, and chains of dependencies."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    jobs, cores = draw(st.integers(1, 30)), draw(st.integers(1, 7))
    latency = np.exp(rng.normal(0.0, draw(st.sampled_from(SCALES)), (jobs, cores)))
    bandwidth = np.exp(rng.normal(0.0, draw(st.sampled_from(SCALES)), (jobs, cores)))
    if draw(st.booleans()):
        latency = np.round(latency)  # equal ends, and jobs that take no time
    bandwidth[rng.random((jobs, cores)) < draw(st.sampled_from([0.0, 0.3]))] = 0.0
    before = None
    if draw(st.booleans()) if dependent is None else dependent:
        order, chance = rng.permutation(jobs), draw(st.sampled_from([0.05, 0.3, 1.0]))
        before = [[] for _ in range(jobs)]
        for place, job in enumerate(order):
            recent = order[max(0, place - 4) : place]
            before[job] = recent[rng.random(recent.size) < chance].tolist()
    system_bandwidth = float(np.exp(rng.normal(0.0, 3.0)))
    problem = problems.from_job_table(latency, bandwidth, system_bandwidth, predecessors=before)
    mapping = rng.integers(cores, size=jobs)
    return problem, mapping, np.round(rng.random(jobs), draw(st.sampled_from([0, 1, 17])))


def no_stall(problem, cores):
    """Latency and bandwidth of each job where it runs."""
    jobs = np.arange(problem.num_jobs)
    return problem.job_table.latency[jobs, cores], problem.job_table.bandwidth[jobs, cores]


def queues(schedule, order):
    """Each core's jobs, in ``order``."""
    return [[job for job in order if schedule.cores[job] == core] for core in set(schedule.cores.tolist())]


@settings(max_examples=300)
@given(mapped_problems())
def test_the_makespan_is_that_of_the_evaluator_to_1e_12(case):
    problem, *mapping = case
    schedule = problem.schedule(*mapping)
    assert schedule.makespan == pytest.approx(problem.evaluate(*mapping), rel=1e-12, abs=1e-300)
    assert schedule.makespan == schedule.ends.max()


@given(mapped_problems(dependent=False))
def test_a_core_runs_its_jobs_one_after_another_by_priority_then_index(case):
    problem, cores, priorities = case
    schedule = problem.schedule(cores, priorities)
    for queue in queues(schedule, sorted(range(problem.num_jobs), key=lambda job: (priorities[job], job))):
        assert schedule.starts[queue[0]] == 0.0
        assert (schedule.starts[queue[1:]] == schedule.ends[queue[:-1]]).all()


@given(mapped_problems(dependent=True))
def test_with_dependencies_a_core_runs_its_jobs_by_raised_priority_then_topological_order(case):
    problem, cores, priorities = case
    schedule = problem.schedule(cores, priorities)
    raised, topological = priorities.tolist(), problem.precedence.order.tolist()
    for job in topological:
        raised[job] = max([raised[job], *(raised[other] for other in problem.precedence.predecessors[job])])
    for queue in queues(schedule, sorted(topological, key=lambda job: raised[job])):
        assert (schedule.starts[queue[1:]] >= schedule.ends[queue[:-1]]).all()


@given(mapped_problems(dependent=True))
def test_a_job_starts_when_its_predecessors_and_its_core_are_done_not_later(case):
    problem, cores, priorities = case
    schedule = problem.schedule(cores, priorities)
    possible = set(schedule.ends.tolist()) | {0.0}
    for job, before in enumerate(problem.precedence.predecessors):
        assert all(schedule.starts[job] >= schedule.ends[other] for other in before)
        assert schedule.starts[job] in possible


@given(mapped_problems())
def test_no_job_is_faster_than_without_stall(case):
    problem, cores, priorities = case
    schedule = problem.schedule(cores, priorities)
    latency, _ = no_stall(problem, cores)
    rounding = 1e-14 * schedule.makespan
    assert (schedule.ends - schedule.starts >= latency * (1 - 1e-12) - rounding).all()


@given(mapped_problems())
def test_with_plenty_of_bandwidth_every_job_takes_its_latency(case):
    problem, cores, priorities = case
    table = problem.job_table
    before = None if problem.precedence is None else problem.precedence.predecessors
    plenty = problems.from_job_table(table.latency, table.bandwidth, table.bandwidth.sum() + 1.0, predecessors=before)
    schedule = plenty.schedule(cores, priorities)
    rounding = 1e-14 * schedule.makespan  # of the times, whose difference this is
    assert schedule.ends - schedule.starts == pytest.approx(no_stall(problem, cores)[0], rel=1e-9, abs=rounding)


@given(mapped_problems())
def test_all_traffic_flows_and_never_faster_than_the_memory(case):
    problem, cores, priorities = case
    schedule = problem.schedule(cores, priorities)
    latency, bandwidth = no_stall(problem, cores)
    volume = (np.diff(schedule.times) * schedule.used_bandwidth).sum()
    assert volume == pytest.approx((latency * bandwidth).sum(), rel=1e-9, abs=1e-12)
    assert (schedule.used_bandwidth <= problem.system_bandwidth).all()
    assert (schedule.used_bandwidth <= schedule.demands).all()


@given(mapped_problems())
def test_times_ascend_from_0_to_the_makespan_and_hold_every_start_and_end(case):
    problem, *mapping = case
    schedule = problem.schedule(*mapping)
    assert schedule.times[0] == 0.0
    assert (np.diff(schedule.times) >= 0.0).all()
    assert schedule.demands.size == schedule.times.size - 1
    assert np.isin(schedule.starts, schedule.times).all()
    assert np.isin(schedule.ends, schedule.times).all()


def test_a_schedule_by_hand():
    # Core 0 runs job 0, then job 2 from cycle 3; core 1 runs job 1. In the first 3 cycles 6 bytes/cycle are asked of 4.
    problem = problems.from_job_table([[2.0, 9.0], [9.0, 4.0], [3.0, 9.0]], [[4.0, 0.0], [0.0, 2.0], [1.0, 0.0]], 4.0)
    schedule = problem.schedule([0, 1, 0], [0, 0, 1])
    assert schedule.starts.tolist() == [0.0, 0.0, 3.0]
    assert schedule.ends.tolist() == [3.0, 5.0, 6.0]
    assert schedule.times.tolist() == [0.0, 3.0, 5.0, 6.0]
    assert schedule.demands.tolist() == [6.0, 3.0, 1.0]
    assert schedule.used_bandwidth.tolist() == [4.0, 3.0, 1.0]
    assert schedule.makespan == 6.0


def test_jobs_of_no_time_alone_have_a_schedule_of_no_time():
    schedule = problems.from_job_table([[0.0], [0.0]], [[1.0], [2.0]], 1.0).schedule([0, 0], [0, 0])
    assert schedule.makespan == 0.0
    assert schedule.demands.size == 0


@pytest.mark.parametrize(
    ("cores", "priorities", "message"),
    [
        ([0, 1], [0, 0], "job 0: expected a core that can run it, got 1|job 1: expected a core that can run it, got 1"),
        ([0, 2], [0, 0], "a core from 0 to 1"),
        ([[0, 0]], [[0, 0]], "one mapping"),
        ([0], [0], "shape"),
        ([0, 0], [0, np.nan], "a finite number"),
    ],
)
def test_what_is_no_mapping_has_no_schedule(cores, priorities, message):
    problem = problems.from_job_table([[1.0, 1.0], [2.0, np.inf]], np.zeros((2, 2)), 1.0)
    with pytest.raises(InvalidInput, match=message):
        problem.schedule(cores, priorities)
