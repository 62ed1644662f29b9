"""The evaluators against the event-driven allocator, and the invariants of the definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import problems
from problems.foundation.errors import InvalidInput
from problems.makespan import compiled, events, vectorized
from problems.precedence import Precedence


@st.composite
def mapped_tables(draw, max_jobs=30, max_cores=9):
    """A job table, a system bandwidth and three mappings: ties, jobs without traffic, and instances of all kinds."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    jobs, cores = draw(st.integers(1, max_jobs)), draw(st.integers(1, max_cores))
    latency = np.exp(rng.normal(0.0, draw(st.sampled_from([0.0, 1.0, 6.0])), (jobs, cores)))
    bandwidth = np.exp(rng.normal(0.0, draw(st.sampled_from([0.0, 1.0, 6.0])), (jobs, cores)))
    if draw(st.booleans()):
        latency = np.round(latency)  # equal ends, and jobs that take no time
    bandwidth[rng.random((jobs, cores)) < draw(st.sampled_from([0.0, 0.3]))] = 0.0
    mapping = rng.integers(cores, size=(3, jobs))
    priorities = np.round(rng.random((3, jobs)), draw(st.sampled_from([0, 1, 17])))
    return latency, bandwidth, float(np.exp(rng.normal(0.0, 3.0))), mapping, priorities


EVALUATORS = {"compiled": compiled.makespans, "vectorized": vectorized.makespans}


def oracle(latency, bandwidth, system_bandwidth, cores, priorities):
    tables = latency.tolist(), bandwidth.tolist(), system_bandwidth
    return [events.makespan(*tables, c, p) for c, p in zip(cores.tolist(), priorities.tolist(), strict=True)]


@given(mapped_tables())
def test_compiled_equals_the_event_driven_allocator_to_1e_12(case):
    assert compiled.makespans(*case) == pytest.approx(oracle(*case), rel=1e-12, abs=1e-300)


@given(mapped_tables())
def test_plain_numpy_equals_the_event_driven_allocator(case):
    assert vectorized.makespans(*case) == pytest.approx(oracle(*case), rel=1e-7, abs=1e-300)


@st.composite
def dependent_tables(draw):
    """A mapped table and predecessors, from none to chains, numbered against their order too."""
    case = draw(mapped_tables())
    jobs = len(case[0])
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    chance = draw(st.sampled_from([0.0, 0.05, 0.3, 1.0]))
    order = rng.permutation(jobs)
    before = [[] for _ in range(jobs)]
    for place in range(1, jobs):
        recent = order[max(0, place - 4) : place]
        before[order[place]] = recent[rng.random(recent.size) < chance].tolist()
    return case, before


def dependent_oracle(case, before):
    latency, bandwidth, system_bandwidth, cores, priorities = case
    tables = latency.tolist(), bandwidth.tolist(), system_bandwidth
    pairs = zip(cores.tolist(), priorities.tolist(), strict=True)
    return [events.makespan(*tables, c, p, before) for c, p in pairs]


@settings(max_examples=300)
@given(dependent_tables())
def test_with_dependencies_it_equals_the_event_driven_allocator_to_1e_12(given_case):
    case, before = given_case
    values = compiled.makespans(*case, Precedence.of(before).flat)
    assert values == pytest.approx(dependent_oracle(case, before), rel=1e-12, abs=1e-300)


@given(dependent_tables())
def test_dependencies_never_beat_the_bound_and_empty_ones_change_nothing(given_case):
    case, before = given_case
    latency, bandwidth, system_bandwidth, cores, priorities = case
    free = problems.from_job_table(latency, bandwidth, system_bandwidth)
    bound = problems.from_job_table(latency, bandwidth, system_bandwidth, predecessors=before)
    assert (bound.evaluate(cores, priorities) >= bound.lower_bound()).all()
    assert bound.lower_bound() >= free.lower_bound()
    none = problems.from_job_table(latency, bandwidth, system_bandwidth, predecessors=[[] for _ in before])
    assert none.evaluate(cores, priorities).tolist() == free.evaluate(cores, priorities).tolist()


@given(dependent_tables())
def test_priorities_in_topological_order_are_taken_literally(given_case):
    (latency, bandwidth, system_bandwidth, cores, _), before = given_case
    precedence = Precedence.of(before)
    priorities = np.empty(cores.shape)
    priorities[:, precedence.order] = np.arange(cores.shape[1])
    start, end = literal_schedule(latency, cores[0], precedence.order, before)
    p = problems.from_job_table(latency, bandwidth * 0, system_bandwidth, predecessors=before)
    assert p.evaluate(cores[0], priorities[0]) == pytest.approx(end.max(), rel=1e-12)
    assert all(start[job] >= end[other] for job in range(len(before)) for other in before[job])


def literal_schedule(latency, cores, order, before):
    """Starts and ends without stalls, every core in the given order."""
    start, end, free = np.zeros(len(order)), np.zeros(len(order)), np.zeros(latency.shape[1])
    for job in order:
        start[job] = max([free[cores[job]], *(end[other] for other in before[job])])
        free[cores[job]] = end[job] = start[job] + latency[job, cores[job]]
    return start, end


def test_dependencies_and_bandwidth_by_hand():
    # Job 1 waits for job 0 on the other core: 2 cycles at 3 bytes/cycle take 3 on a memory of 2, then 4 cycles at 1.
    table = ([[2.0, 9.0], [9.0, 4.0]], [[3.0, 0.0], [0.0, 1.0]], 2.0)
    p = problems.from_job_table(*table, predecessors=[[], [0]])
    assert p.evaluate([0, 1], [0.9, 0.1]) == 3.0 + 4.0
    assert problems.from_job_table(*table).evaluate([0, 1], [0.9, 0.1]) == 2 * (4 / 2) + 2.0


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ([[1], [0]], "no circle"),
        ([[2], []], "predecessors of job 0: expected other jobs, from 0 to 1, got 2"),
        ([[0], []], "predecessors of job 0"),
        ([[]], "a list for each of the 2 jobs"),
    ],
)
def test_impossible_dependencies_are_refused(before, message):
    with pytest.raises(InvalidInput, match=message):
        problems.from_job_table(np.ones((2, 2)), np.ones((2, 2)), 1.0, predecessors=before)


@pytest.mark.parametrize("jobs", [1, 2, 100, 127, 128, 129, 5000])
def test_compiled_equals_plain_numpy_at_any_size(jobs, rng):
    latency, bandwidth = rng.random((jobs, 16)), rng.random((jobs, 16))
    cores, priorities = rng.integers(16, size=(7, jobs)), rng.random((7, jobs))
    case = (latency, bandwidth, 2.0, cores, priorities)
    assert compiled.makespans(*case) == pytest.approx(vectorized.makespans(*case), rel=1e-12)


def test_priorities_that_differ_in_the_last_bit_are_told_apart(rng):
    # Sorting replaces the lowest bits of the priorities by job indices: here they are all that differs.
    jobs = 64
    latency, bandwidth = rng.random((jobs, 3)), rng.random((jobs, 3)) * 9
    order = rng.permutation(jobs)
    close = np.full(jobs, 0.5)
    for rank, job in enumerate(order):
        close[job] = 0.5 + rank * np.finfo(float).eps
    cores = rng.integers(3, size=(1, jobs))
    case = (latency, bandwidth, 1.0, cores, close[None, :])
    assert compiled.makespans(*case) == pytest.approx(oracle(*case), rel=1e-12)


def test_ends_that_differ_in_the_last_bit_are_told_apart():
    jobs, cores = 40, 40
    latency = np.ones((jobs, cores)) + np.arange(jobs)[::-1, None] * np.finfo(float).eps
    bandwidth = np.exp(np.linspace(0, 20, jobs))[:, None] * np.ones((jobs, cores))
    case = (latency, bandwidth, 1e-3, np.arange(cores)[None, :], np.zeros((1, jobs)))
    assert compiled.makespans(*case) == pytest.approx(oracle(*case), rel=1e-12)


def test_sums_that_differ_only_by_rounding_are_put_in_order(rng):
    # Every core runs the same durations in another order: its ends meet those of the others but for the rounding.
    per_core, cores = 60, 16
    durations = np.concatenate([rng.permutation(np.tile([0.1, 0.2, 0.7, 1e-9], per_core // 4)) for _ in range(cores)])
    latency = np.repeat(durations[:, None], cores, axis=1)
    bandwidth = np.exp(rng.normal(0.0, 3.0, latency.shape))
    mapping = np.repeat(np.arange(cores), per_core)[None, :]
    for system_bandwidth in (1e-3, 1.0, 1e3):
        case = (latency, bandwidth, system_bandwidth, mapping, np.arange(mapping.size)[None, :] / mapping.size)
        assert compiled.makespans(*case) == pytest.approx(oracle(*case), rel=1e-12)


def test_negative_priorities_and_both_zeros_keep_their_order(rng):
    latency, bandwidth = rng.random((5, 1)), np.zeros((5, 1))
    p = problems.from_job_table(latency, bandwidth, 1.0)
    assert p.evaluate(np.zeros(5, int), [-3.0, -0.0, 0.0, -1e-300, 7.0]) == pytest.approx(latency.sum())
    table = (np.array([[1.0, 1.0], [2.0, 9.0], [4.0, 9.0]]), np.array([[0.0, 5.0], [3.0, 0.0], [1.0, 0.0]]), 2.0)
    for priorities in ([-0.0, 0.0, -1.0], [0.0, -0.0, -2.0], [5.0, 5.0, -5.0]):
        case = (*table, np.array([[0, 0, 0]]), np.array([priorities]))
        assert compiled.makespans(*case) == pytest.approx(oracle(*case), rel=1e-15)


def test_priorities_below_the_normal_floats_are_told_apart(rng):
    jobs = 60
    latency, bandwidth = rng.random((jobs, 3)), rng.random((jobs, 3)) * 9
    priorities = rng.integers(-3, 4, size=(20, jobs)) * np.nextafter(0.0, 1.0)
    priorities[rng.random(priorities.shape) < 0.2] = -0.0
    case = (latency, bandwidth, 1.0, rng.integers(3, size=priorities.shape), priorities)
    assert compiled.makespans(*case) == pytest.approx(oracle(*case), rel=1e-12)
    tiny = (latency * 1e-320, bandwidth, 1e-3, *case[3:])
    assert compiled.makespans(*tiny) == pytest.approx(oracle(*tiny), rel=1e-3)


@pytest.mark.parametrize("evaluate", EVALUATORS.values(), ids=EVALUATORS)
def test_a_job_on_a_core_that_cannot_run_it_makes_the_makespan_infinite(evaluate):
    latency, bandwidth = np.array([[1.0, np.inf], [2.0, 3.0]]), np.zeros((2, 2))
    cores, priorities = np.array([[0, 1], [1, 1], [1, 0]]), np.zeros((3, 2))
    case = (latency, bandwidth, 1.0, cores, priorities)
    assert evaluate(*case).tolist() == [3.0, np.inf, np.inf] == oracle(*case)


def test_ten_thousand_jobs_on_sixty_four_cores_work(rng):
    p = problems.from_job_table(rng.random((10_000, 64)), rng.random((10_000, 64)), 5.0)
    values = p.evaluate(rng.integers(64, size=(3, 10_000)), rng.random((3, 10_000)))
    assert (values >= p.lower_bound()).all()


def problem_and_values(case):
    latency, bandwidth, system_bandwidth, cores, priorities = case
    p = problems.from_job_table(latency, bandwidth, system_bandwidth)
    return p, cores, priorities, p.evaluate(cores, priorities)


@given(mapped_tables())
def test_makespan_is_at_least_the_fullest_core_and_the_memory_time_and_the_bound(case):
    p, cores, _, values = problem_and_values(case)
    jobs = np.arange(p.num_jobs)
    for mapping, value in zip(cores, values, strict=True):
        latency, bandwidth = p.job_table.latency[jobs, mapping], p.job_table.bandwidth[jobs, mapping]
        load = np.bincount(mapping, latency, minlength=p.num_cores).max()
        assert value >= load * (1 - 1e-12)
        assert value >= (latency * bandwidth).sum() / p.system_bandwidth * (1 - 1e-12)
        assert value >= p.lower_bound()


@given(mapped_tables(), st.floats(1.0, 1e6))
def test_more_bandwidth_never_hurts_and_plenty_leaves_the_fullest_core(case, factor):
    p, cores, priorities, values = problem_and_values(case)
    wider = problems.from_job_table(p.job_table.latency, p.job_table.bandwidth, p.system_bandwidth * factor)
    assert (wider.evaluate(cores, priorities) <= values * (1 + 1e-12)).all()
    endless = problems.from_job_table(p.job_table.latency, p.job_table.bandwidth, p.job_table.bandwidth.sum() + 1)
    latency = p.job_table.latency[np.arange(p.num_jobs), cores]
    loads = [np.bincount(c, t, minlength=p.num_cores).max() for c, t in zip(cores, latency, strict=True)]
    assert endless.evaluate(cores, priorities) == pytest.approx(loads, rel=1e-12)


@given(mapped_tables(), st.randoms(use_true_random=False))
def test_relabelling_cores_changes_nothing(case, shuffle):
    p, cores, priorities, values = problem_and_values(case)
    order = list(range(p.num_cores))
    shuffle.shuffle(order)
    relabelled = problems.from_job_table(
        p.job_table.latency[:, order], p.job_table.bandwidth[:, order], p.system_bandwidth
    )
    assert relabelled.evaluate(np.argsort(order)[cores], priorities) == pytest.approx(values, rel=1e-12)


@given(mapped_tables())
def test_only_the_order_of_priorities_counts(case):
    p, cores, priorities, values = problem_and_values(case)
    assert p.evaluate(cores, np.exp(3.0 * priorities) - 50.0).tolist() == values.tolist()
    ranks = np.stack([np.unique(row, return_inverse=True)[1] for row in priorities])
    assert p.evaluate(cores, ranks).tolist() == values.tolist()


@settings(max_examples=30)
@given(mapped_tables())
def test_a_mapping_scores_alike_alone_and_in_a_batch(case):
    p, cores, priorities, values = problem_and_values(case)
    assert [p.evaluate(c, r) for c, r in zip(cores, priorities, strict=True)] == values.tolist()
    many = p.evaluate(np.tile(cores, (200, 1)), np.tile(priorities, (200, 1)))
    assert many.tolist() == values.tolist() * 200
