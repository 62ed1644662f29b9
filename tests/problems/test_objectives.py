"""Objectives: what they are made of, their bounds, and the hypervolume."""

from contextlib import suppress

import moocore
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import problems
from problems.foundation.errors import InvalidInput
from problems.objectives import front_indices, hypervolume, pareto_front

ID = "language/S2/bw1/g30/i0/corrected"


@pytest.fixture
def mappings(rng):
    return rng.integers(4, size=(200, 30)), rng.random((200, 30))


def test_objectives_are_made_of_makespan_energy_and_work(mappings):
    cores, priorities = mappings
    latency, both = problems.get(ID), problems.get(f"{ID}/latency+energy")
    makespan = latency.evaluate(cores, priorities)
    energy = latency.job_table.energy[np.arange(30), cores].sum(axis=1)
    values = {
        name: problems.get(f"{ID}/{name}").evaluate(cores, priorities) for name in ("throughput", "energy", "edp")
    }
    assert values["throughput"] == pytest.approx(makespan / (2 * latency.total_macs))
    assert 1 / values["throughput"] == pytest.approx(latency.throughput(makespan))  # GFLOP/s at 1 GHz
    assert values["energy"] == pytest.approx(energy)
    assert values["edp"] == pytest.approx(energy * makespan)
    assert both.evaluate(cores, priorities) == pytest.approx(np.stack([makespan, energy], axis=1))
    assert both.evaluate(cores[0], priorities[0]).shape == (2,)


@pytest.mark.parametrize("name", problems.OBJECTIVES.names())
def test_no_mapping_beats_the_ideal_point(mappings, name):
    p = problems.get(f"{ID}/{name}")
    values = np.asarray(p.evaluate(*mappings)).reshape(200, -1)
    assert p.num_objectives == values.shape[1] == p.ideal_point().size
    assert (values >= p.ideal_point()).all()
    assert p.lower_bound() == p.ideal_point()[0]


def test_the_best_core_of_each_job_has_the_least_energy():
    p = problems.get(f"{ID}/energy")
    cores = p.job_table.energy.argmin(axis=1)
    assert p.evaluate(cores, np.zeros(30)) == pytest.approx(p.lower_bound(), rel=1e-11)


def test_a_core_that_cannot_run_a_job_costs_endless_energy():
    table = [[1.0, np.inf], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]]
    p = problems.from_job_table(*table, 1.0, energy=[[2.0, np.nan], [3.0, 4.0]], objective="energy")
    assert p.evaluate([[0, 1], [1, 1]], np.zeros((2, 2))).tolist() == [6.0, np.inf]


def test_an_objective_says_what_it_lacks():
    table = np.ones((2, 2)), np.ones((2, 2)), 1.0
    with pytest.raises(InvalidInput, match="a job table with energy"):
        problems.from_job_table(*table, objective="edp")
    with pytest.raises(InvalidInput, match=r"none of job 1 on core 0.*'corrected'"):
        problems.from_job_table(*table, energy=[[1, 1], [np.nan, 1]], objective="latency+energy")
    with pytest.raises(InvalidInput, match="work is known"):
        problems.from_job_table(*table, objective="throughput")
    with pytest.raises(InvalidInput, match="two objectives"):
        problems.get(ID).reference_point()


def points(most=12):
    numbers = st.floats(0.0, 1.5) | st.sampled_from([0.0, 0.5, 1.0])
    return st.lists(st.tuples(numbers, numbers), max_size=most)


@given(points())
def test_hypervolume_equals_that_of_another_library(pairs):
    inside = [p for p in pairs if p[0] < 1 and p[1] < 1]
    expected = moocore.hypervolume(np.array(inside), ref=[1.0, 1.0]) if inside else 0.0
    assert hypervolume(pairs, [0, 0], [1, 1]) == pytest.approx(expected, abs=1e-12)


@given(points())
def test_the_front_is_what_nobody_dominates(pairs):
    array = np.array(pairs).reshape(-1, 2)
    front = pareto_front(array)
    assert sorted(map(tuple, front)) == list(map(tuple, front))
    for point in array:
        dominated = ((array <= point).all(axis=1) & (array < point).any(axis=1)).any()
        assert dominated != (front == point).all(axis=1).any()
    assert len(front_indices(array)) == len({tuple(p) for p in front})


def test_half_of_random_mappings_lie_before_the_reference_point(mappings):
    p = problems.get(f"{ID}/latency+energy")
    values = p.evaluate(*mappings)
    assert ((values < p.reference_point()).mean(axis=0) > 0.5).all()
    thrifty = p.evaluate(p.job_table.energy.argmin(axis=1), np.zeros(30))
    assert 0.0 < p.hypervolume(values) < p.hypervolume(np.vstack([values, thrifty])) < 1.0
    assert p.hypervolume(p.ideal_point()[None, :]) == pytest.approx(1.0)


def test_where_energy_is_the_same_everywhere_the_hypervolume_still_tells_latencies_apart():
    p = problems.get("language/S1/bw1/g30/i0/corrected/latency+energy")
    slow, fast = p.ideal_point() * [[1.1, 1.001], [1.05, 1.001]]
    assert 0.0 < p.hypervolume([slow]) < p.hypervolume([fast]) < 1.0


def test_where_random_mappings_cannot_run_there_is_a_reference_point_too():
    latency = np.full((60, 2), np.inf)
    latency[:, 0] = 1.0
    table = latency, np.zeros((60, 2)), 1.0
    p = problems.from_job_table(*table, energy=np.ones((60, 2)), objective="latency+energy")
    assert p.reference_point() == pytest.approx([66.0, 66.0])


def test_a_product_of_zero_and_infinity_is_infinite():
    latency, energy = [[1e308, 1.0], [1e308, 1.0]], [[0.0, np.inf], [0.0, 1.0]]
    p = problems.from_job_table(latency, np.zeros((2, 2)), 1.0, energy=energy, objective="edp")
    assert p.evaluate([[0, 0], [1, 1], [0, 1]], np.zeros((3, 2))).tolist() == [np.inf, np.inf, 1e308]
    assert problems.OBJECTIVES.get("edp").formula(np.array([0.0, np.inf]), np.array([np.inf, 0.0]), 0.0).min() == np.inf


numbers = st.sampled_from([0.0, 5e-324, 1e-300, 1.0, 3.0, 1e155, 1e300, 1.7e308, np.inf])


@pytest.mark.parametrize("name", ["latency", "energy", "edp", "latency+energy"])
@given(data=st.data())
def test_no_numbers_of_a_job_table_give_nan_or_a_warning(name, data):
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 2)))

    def table(elements):
        return np.array(
            data.draw(st.lists(elements, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
        ).reshape(shape)

    latency, bandwidth, energy = table(numbers), table(numbers.filter(np.isfinite)), table(numbers)
    try:
        p = problems.from_job_table(latency, bandwidth, 1.0, energy=energy, objective=name)
    except InvalidInput:  # a job that no core can run, or too large a slowdown
        return
    cores = np.array(list(np.ndindex(*[shape[1]] * shape[0])))
    values = np.asarray(p.evaluate(cores, np.zeros(cores.shape))).reshape(len(cores), -1)
    assert (values >= p.ideal_point()).all()
    if name == "latency+energy":
        with suppress(InvalidInput):
            assert 0.0 <= p.hypervolume(values) <= 1.0
            assert np.isfinite(p.reference_point()).all()


@pytest.mark.parametrize(
    "energy", [np.zeros((3, 2)), np.eye(3, 2) * 0.0, np.array([[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]])]
)
def test_where_mappings_cost_no_energy_the_hypervolume_still_tells_latencies_apart(energy):
    table = np.array([[1.0, 9.0], [1.0, 9.0], [1.0, 9.0]]), np.zeros((3, 2)), 1.0
    p = problems.from_job_table(*table, energy=energy, objective="latency+energy")
    slow, fast = p.evaluate([[0, 0, 1], [0, 0, 0]], np.zeros((2, 3)))
    assert p.reference_point()[1] > 0.0
    assert 0.0 < p.hypervolume([slow]) < p.hypervolume([fast]) <= 1.0


@pytest.mark.parametrize("size", [1e-200, 1e200, 1.7e308])
def test_numbers_that_leave_no_box_are_refused_with_both_corners(size):
    table = np.full((3, 2), size), np.zeros((3, 2)), 1.0
    p = problems.from_job_table(*table, energy=table[0], objective="latency+energy")
    with pytest.raises(InvalidInput, match=r"ideal and reference point: expected a box .* other units"):
        p.hypervolume([[1.0, 1.0]])


def test_a_point_with_nan_takes_no_other_from_the_front():
    points = np.array([[0.5, np.nan], [np.nan, 0.1], [1.0, 1.0], [2.0, 0.5]])
    assert front_indices(points).tolist() == [2, 3]
    assert hypervolume(points, [0, 0], [4, 4]) == hypervolume(points[2:], [0, 0], [4, 4]) > 0.0
