"""What was evaluated outlives the optimizer: the journal of a run."""

from time import sleep

import numpy as np
import pytest

import optimizers
from optimizers.journal import Journal, limit_that_ended
from optimizers.testing import TwoWeights, Weights

TRACE = ("trace_evaluations", "trace_values", "trace_seconds", "trace_cpu_seconds")
COMPARED = ("best_value", "num_evaluations", *TRACE, "checkpoints")
FRONT = ("best_cores", "best_priorities", "front_values", "front_cores", "front_priorities")


def searched(problem, name, path, budget=700):
    search = optimizers.Search(problem, name, budget=budget, seed=1, parameters={}, journal=Journal(path))
    search.run()
    return search.result()


@pytest.mark.parametrize("problem", [Weights(), Weights(forbidden=True), TwoWeights(), TwoWeights(forbidden=True)])
@pytest.mark.parametrize("name", ["random", "deap-nsga2", "optuna-nsga2"])
def test_a_journal_holds_all_that_the_record_held(problem, name, tmp_path):
    found = searched(problem, name, tmp_path / "journal")
    recovered = optimizers.recovered(problem, tmp_path / "journal")
    for what in (*COMPARED, *FRONT):
        assert np.array_equal(getattr(found, what), getattr(recovered, what)), what
    assert recovered.seconds.evaluate == found.seconds.evaluate > 0.0
    assert recovered.stopped == "wall"


def test_every_prefix_of_a_journal_can_be_read(tmp_path):
    path = tmp_path / "journal"
    found = searched(TwoWeights(), "random", path, budget=60)
    content = path.read_bytes()
    for end in range(len(content)):
        path.write_bytes(content[:end])
        part = optimizers.recovered(TwoWeights(), path)
        assert set(part.trace_values.tolist()) <= set(found.trace_values.tolist())


def test_no_journal_is_an_empty_result(tmp_path):
    assert optimizers.recovered(Weights(), tmp_path / "none").num_evaluations == 0
    assert not limit_that_ended(tmp_path / "none", None)


def test_a_journal_tells_whether_its_process_was_to_end(tmp_path):
    journal = Journal(tmp_path / "journal")
    assert not limit_that_ended(tmp_path / "journal", None)
    journal.expect_end(60.0)
    assert not limit_that_ended(tmp_path / "journal", None)
    journal.expect_end(0.01)
    sleep(0.02)
    assert limit_that_ended(tmp_path / "journal", None) == "wall"


def test_a_full_disk_does_not_end_the_search():
    with open("/dev/full", "wb") as full:
        journal = Journal.__new__(Journal)
        journal._file = full.fileno()
        journal.checkpoint(1, (0.0, 0.0))
