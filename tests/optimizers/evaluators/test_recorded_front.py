"""The record of a run with two objectives, against its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nevergrad.optimization.multiobjective.hypervolume import HypervolumeIndicator

from optimizers.evaluators.recorded_front import RecordedFront
from optimizers.testing import TwoWeights
from problems.doors.rankable import Rankable
from problems.foundation.errors import BadValue
from problems.objectives import front_indices


class Told:
    """Gives each mapping the values that stand at the number of its core."""

    num_jobs, num_objectives = 1, 2

    def __init__(self, values):
        self.values, self.num_cores = np.array(values, dtype=float).reshape(-1, 2), len(values)

    def evaluate(self, cores, priorities):
        return self.values[cores[:, 0]]


def volume(values):
    return TwoWeights().hypervolume(values)


def recorded(values, size=None):
    record = RecordedFront(Told(values), volume, keep_all=True)
    size = size or len(values)
    for start in range(0, len(values), size):
        cores = np.arange(len(values))[start : start + size, None]
        record.evaluate(cores, cores / len(values))
    return record


number = st.one_of(st.integers(0, 15).map(float), st.floats(0.0, 15.0), st.just(np.inf))
points = st.lists(st.tuples(number, number), min_size=1, max_size=40)


@given(points)
def test_the_front_is_what_nothing_else_dominates_each_value_once_and_the_first_of_equals(values):
    front, cores, priorities = recorded(values).front
    array = np.array(values)
    finite = np.flatnonzero(np.isfinite(array).all(axis=1))
    expected = finite[front_indices(array[finite])]
    assert cores[:, 0].tolist() == expected.tolist()
    assert front.tolist() == array[expected].tolist()
    assert priorities[:, 0].tolist() == (expected / len(values)).tolist()


@given(points)
def test_the_record_is_the_same_however_the_evaluations_are_batched(values):
    records = [recorded(values, size) for size in (1, 3, len(values))]
    traces = [[i[:2] for i in record.improvements] for record in records]
    assert traces[0] == traces[1] == traces[2]
    assert len({str([part.tolist() for part in record.front]) for record in records}) == 1
    assert len({record.best_value for record in records}) == 1


@given(points)
def test_every_improvement_is_the_shortfall_of_what_was_seen_until_then(values):
    record, array = recorded(values), np.array(values)
    shortfalls = []
    for i in range(len(values)):
        seen = array[: i + 1][np.isfinite(array[: i + 1]).all(axis=1)]
        shortfalls.append(1.0 - volume(seen) if len(seen) else np.inf)
    for evaluation, shortfall, *_ in record.improvements:
        assert shortfall == pytest.approx(shortfalls[evaluation - 1], abs=1e-12)
    assert record.best_value == pytest.approx(shortfalls[-1], abs=1e-12)
    assert record.improvements[0][0] == 1
    assert (np.diff([i[1] for i in record.improvements]) < 0).all()


@given(points)
def test_the_toys_hypervolume_is_that_of_nevergrad(values):
    array, reference = np.array(values), TwoWeights.reference
    inside = array[(array < reference).all(axis=1)]
    independent = HypervolumeIndicator(reference).compute(inside) if len(inside) else 0.0
    assert volume(array[np.isfinite(array).all(axis=1)]) == pytest.approx(independent / reference.prod(), abs=1e-12)


def test_what_enters_without_adding_volume_is_kept_but_is_no_improvement():
    record = recorded([(1.0, 1.0), (0.5, 50.0)])  # the second lies beyond the reference point
    assert [i[0] for i in record.improvements] == [1]
    assert record.front[0].tolist() == [[0.5, 50.0], [1.0, 1.0]]
    assert record.best_cores.tolist() == [1]


def test_nothing_that_cannot_run_enters():
    record = recorded([(np.inf, np.inf), (np.inf, 1.0)])
    assert record.best_value == np.inf
    assert [i[:2] for i in record.improvements] == [(1, np.inf)]
    assert record.best_cores.size == 0
    assert [part.shape for part in record.front] == [(0, 2), (0, 1), (0, 1)]


def test_the_front_is_a_copy_of_the_mappings():
    record = RecordedFront(TwoWeights(), volume)
    cores, priorities = np.zeros((1, 6), int), np.zeros((1, 6))
    record.evaluate(cores, priorities)
    cores[:] = 2
    record.front[0][:] = -1.0
    assert record.front[1].tolist() == [[0] * 6]
    assert record.front[0].min() > 0


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -0.5, 1.5, None, "half", np.array([0.5])])
def test_what_is_no_share_is_no_hypervolume(wrong):
    with pytest.raises(BadValue, match="hypervolume of the objective: expected a number from 0 to 1, got"):
        RecordedFront(Told([(1.0, 2.0)]), lambda values: wrong).evaluate(np.zeros((1, 1), int), np.zeros((1, 1)))


def test_a_mapping_without_one_of_its_values_never_enters():
    record = RecordedFront(Rankable(Told([(np.nan, 0.0), (2.0, np.nan), (3.0, 3.0)])), volume)
    record.evaluate(np.arange(3)[:, None], np.zeros((3, 1)))
    assert record.front[0].tolist() == [[3.0, 3.0]]
    assert record.best_cores.tolist() == [2]
