from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from optimizers.evaluators.budgeted import Budgeted, BudgetSpent
from optimizers.evaluators.limited import Limited, LimitReached
from optimizers.evaluators.recorded import Recorded
from optimizers.evaluators.stopwatch import Stopwatch
from optimizers.evaluators.timed import Timed
from optimizers.testing import Weights
from problems.doors.rankable import Rankable
from problems.foundation.errors import BadValue


def batch(n):
    rng = np.random.default_rng(n)
    return rng.integers(3, size=(n, 6)), rng.random((n, 6))


def test_a_batch_beyond_the_budget_is_cut_to_it():
    objective = Weights()
    evaluator = Budgeted(objective, 10)
    assert evaluator.evaluate(*batch(7)).shape == (7,)
    with pytest.raises(BudgetSpent):
        evaluator.evaluate(*batch(7))
    assert objective.num_evaluations == 10
    with pytest.raises(BudgetSpent):
        evaluator.evaluate(*batch(1))
    assert objective.num_evaluations == 10


def test_the_last_evaluation_is_recorded_before_the_run_ends():
    record = Recorded(Weights())
    with pytest.raises(BudgetSpent):
        Budgeted(record, 5).evaluate(*batch(5))
    assert record.num_evaluations == 5


def test_the_record_is_the_same_however_the_evaluations_are_batched():
    cores, priorities = batch(60)
    records = []
    for size in (1, 7, 60):
        record = Recorded(Weights(), keep_all=True)
        for start in range(0, 60, size):
            record.evaluate(cores[start : start + size], priorities[start : start + size])
        values = np.concatenate(record.all_values)
        records.append(([(n, v) for n, v, *_ in record.improvements], record.best_cores.tolist(), values.tolist()))
    assert records[0] == records[1] == records[2]
    best = np.minimum.accumulate(records[0][2])
    assert records[0][0] == [(i + 1, v) for i, v in enumerate(best) if i == 0 or v < best[i - 1]]


def test_the_record_is_a_copy_of_the_best_mapping():
    record = Recorded(Weights())
    cores, priorities = batch(1)
    expected = cores[0].tolist()
    record.evaluate(cores, priorities)
    cores[:] = 0
    assert record.best_cores.tolist() == expected


def test_checkpoints_are_sparse():
    record = Recorded(Weights())
    for _ in range(1000):
        record.evaluate(*batch(1))
    counts = [n for n, *_ in record.checkpoints]
    assert counts[0] == 1
    assert 15 < len(counts) < 40
    assert counts == sorted(counts)


def test_a_first_batch_that_cannot_run_is_recorded_as_such():
    record = Recorded(Weights(num_jobs=1, num_cores=2, forbidden=True))
    record.evaluate(np.zeros((3, 1), int), np.zeros((3, 1)))
    assert record.improvements[0][:2] == (1, np.inf)
    assert [len(part) for part in record.front] == [0, 0, 0]
    record.evaluate(np.ones((1, 1), int), np.zeros((1, 1)))
    assert record.improvements[1][0] == 4
    assert np.isfinite(record.best_value)
    assert record.front[0].tolist() == [[record.best_value]]


def test_a_first_mapping_that_cannot_run_is_recorded_however_the_evaluations_are_batched():
    cores, priorities = np.array([[0], [1]]), np.zeros((2, 1))
    apart, together = (Recorded(Weights(num_jobs=1, num_cores=2, forbidden=True)) for _ in range(2))
    together.evaluate(cores, priorities)
    for i in range(2):
        apart.evaluate(cores[i : i + 1], priorities[i : i + 1])
    assert [i[:2] for i in together.improvements] == [i[:2] for i in apart.improvements]
    assert [i[0] for i in together.improvements] == [1, 2]


def test_the_clock_runs_only_while_evaluating():
    timed = Timed(Weights())
    timed.evaluate(*batch(3))
    first = timed.seconds
    assert first > 0.0
    assert timed.seconds == first


def test_no_evaluation_starts_after_the_deadline():
    objective = Weights()
    limited = Limited(objective, Stopwatch(), wall_seconds=0.0)
    with pytest.raises(LimitReached):
        limited.evaluate(*batch(1))
    assert objective.num_evaluations == 0


def test_a_signal_during_an_evaluation_waits_for_its_end():
    class Interrupted(Weights):
        def evaluate(self, cores, priorities):
            limited.interrupt("wall")
            return super().evaluate(cores, priorities)

    limited = Limited(Interrupted(), Stopwatch(), wall_seconds=100.0)
    assert limited.evaluate(*batch(2)).shape == (2,)
    with pytest.raises(LimitReached):
        limited.interrupt("wall")


class Answers(Weights):
    """Gives whatever it was made with."""

    def __init__(self, answer, num_objectives=1):
        super().__init__()
        self.answer, self.num_objectives = answer, num_objectives

    def evaluate(self, cores, priorities):
        return self.answer


def ranked(answer, num_objectives=1, count=2):
    return Rankable(Answers(answer, num_objectives)).evaluate(*batch(count))


@pytest.mark.parametrize(
    "answer",
    [
        [3, 1],
        (3.0, 1.0),
        np.array([3, 1]),
        np.array([3, 1], dtype=np.uint8),
        np.array([3.0, 1.0], dtype=np.float32),
        np.array([3.0, 1.0], dtype=">f8"),
        np.array([3.0, 1.0], dtype=np.longdouble),
        np.array([3, 1.0], dtype=object),
        [Fraction(3), Decimal(1)],
        pd.Series([3.0, 1.0], index=[7, 8]),
    ],
    ids=lambda answer: f"{type(answer).__name__}-{getattr(answer, 'dtype', '')}",
)
def test_numbers_of_any_kind_are_values(answer):
    values = ranked(answer)
    assert (type(values), values.dtype, values.tolist()) == (np.ndarray, np.float64, [3.0, 1.0])


@pytest.mark.parametrize(
    "answer",
    [[np.nan, 1.0], np.array([np.nan, 1.0], dtype=np.float32), np.array([float("nan"), 1], dtype=object)],
    ids=["list", "float32", "objects"],
)
def test_nan_counts_as_infinite(answer):
    assert ranked(answer).tolist() == [np.inf, 1.0]


@pytest.mark.parametrize("dtype", [float, int])
def test_a_masked_value_is_none(dtype):
    assert ranked(np.ma.array([1, 2], mask=[True, False], dtype=dtype)).tolist() == [np.inf, 2.0]


def test_what_exceeds_the_floats_is_infinite():
    assert ranked(np.array(["1e4000", "1"], dtype=np.longdouble)).tolist() == [np.inf, 1.0]


def test_the_objectives_own_array_is_left_as_it_is():
    own = np.array([np.nan, 1.0])
    ranked(own)
    assert np.isnan(own[0])


def test_if_one_of_two_values_is_nan_both_are_infinite():
    told = ranked(np.array([[np.nan, 0.0], [1.0, np.nan], [1.0, 2.0], [np.inf, 3.0]]), 2, count=4)
    assert told.tolist() == [[np.inf, np.inf], [np.inf, np.inf], [1.0, 2.0], [np.inf, 3.0]]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "many",
        ["1", "2"],
        [None, 1.0],
        [1.0, None],
        np.array(["1", 2.0], dtype=object),
        np.array([b"1", 2.0], dtype=object),
        [1j, 2.0],
        np.array([1.0, 2.0], dtype=np.complex128),
        np.array([np.complex64(1), 2.0], dtype=object),
        [[1.0], [2.0, 3.0]],
        [10**400, 1],
        np.array([1, 2], dtype="timedelta64[s]"),
        {"value": 1.0},
        iter([1.0, 2.0]),
        object(),
    ],
)
def test_what_is_no_number_is_refused(answer):
    with pytest.raises(BadValue, match="objective Answers: expected numbers as values, got "):
        ranked(answer)


def test_the_text_of_what_is_no_number_is_cut():
    with pytest.raises(BadValue) as caught:
        ranked("x" * 10**6)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("answer", "num_objectives", "expected", "actual"),
    [
        (1.0, 1, r"\(2,\)", r"\(\)"),
        ([1.0], 1, r"\(2,\)", r"\(1,\)"),
        ([], 1, r"\(2,\)", r"\(0,\)"),
        (np.ones((2, 1)), 1, r"\(2,\)", r"\(2, 1\)"),
        (np.ones((1, 2)), 1, r"\(2,\)", r"\(1, 2\)"),
        (np.ones(2), 2, r"\(2, 2\)", r"\(2,\)"),
        (np.ones((2, 3)), 2, r"\(2, 2\)", r"\(2, 3\)"),
    ],
)
def test_values_of_another_shape_are_refused(answer, num_objectives, expected, actual):
    with pytest.raises(BadValue, match=f"objective Answers: expected values of shape {expected}, got {actual}"):
        ranked(answer, num_objectives)


@pytest.mark.parametrize(("answer", "num_objectives"), [([1.0, -np.inf], 1), ([[1.0, 2.0], [np.nan, -np.inf]], 2)])
def test_a_value_below_all_others_is_refused_with_the_mapping_that_has_it(answer, num_objectives):
    cores, priorities = batch(2)
    with pytest.raises(BadValue) as caught:
        ranked(answer, num_objectives)
    assert f"got it of the mapping cores {cores[1].tolist()}, priorities [{priorities[1, 0]}" in str(caught.value)


def test_a_mapping_of_many_jobs_is_cut_in_the_message():
    class Endless(Weights):
        id = "mine[bold]\x1b[31m"

        def evaluate(self, cores, priorities):
            return np.full(len(cores), -np.inf)

    with pytest.raises(BadValue) as caught:
        Rankable(Endless(5000)).evaluate(np.zeros((1, 5000), int), np.zeros((1, 5000)))
    assert len(str(caught.value)) < 600
    assert str(caught.value).startswith(r"objective mine[bold]\x1b[31m: expected no value of -inf")
