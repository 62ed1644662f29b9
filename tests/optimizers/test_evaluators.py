import numpy as np
import pytest

from optimizers.evaluators import Budgeted, BudgetSpent, Recorded, Timed
from optimizers.testing import Weights
from optimizers.wall import WallLimited, WallLimitReached


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
        records.append(([(n, v) for n, v, _ in record.improvements], record.best_cores.tolist(), values.tolist()))
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
    counts = [n for n, _ in record.checkpoints]
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
    limited = WallLimited(objective, 0.0)
    with pytest.raises(WallLimitReached):
        limited.evaluate(*batch(1))
    assert objective.num_evaluations == 0


def test_a_signal_during_an_evaluation_waits_for_its_end():
    class Interrupted(Weights):
        def evaluate(self, cores, priorities):
            limited.interrupt(0, None)
            return super().evaluate(cores, priorities)

    limited = WallLimited(Interrupted(), 100.0)
    assert limited.evaluate(*batch(2)).shape == (2,)
    with pytest.raises(WallLimitReached):
        limited.interrupt(0, None)
