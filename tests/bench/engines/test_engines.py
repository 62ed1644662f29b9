"""What every engine must hold; a new one is tested because it is in the table."""

import os
from contextlib import closing
from datetime import UTC, datetime

import pytest

from bench.engines import ENGINES
from bench.engines.engine import Work
from bench.engines.processes import Processes
from problems.foundation.errors import InvalidInput
from reports.storage.run_folder import has_ended, read_run
from reports.storage.spec import RunSpec
from reports.storage.writing import begin_run, end_run, write_spec

ENVIRONMENT = {"python": "3", "versions": {}, "settings": {}}
SETTINGS = {"serial": {}, "processes": {"workers": 2}}


def spec(seed):
    return RunSpec(1, "mix/S2/bw1/g8/i0", "random", {}, seed, 10)


def execute(run, folder):
    """Stands for a run: stores a failed one that tells its process; the third one dies where it has one of its own."""
    begin_run(folder, run, ENVIRONMENT)
    if run.seed == 3:
        os._exit(9)
    end_run(folder, run.problem, None, "failed", str(os.getpid()), datetime.now(UTC))
    return "failed"


def store_lost(run, folder, exit_code):
    write_spec(folder, run, ENVIRONMENT)
    end_run(folder, run.problem, None, "failed", f"exit code {exit_code}", datetime.now(UTC))
    return "failed"


WORK = Work(execute, store_lost)


@pytest.mark.parametrize("name", ENGINES.names())
class TestEngines:
    def engine(self, name):
        return ENGINES.get(name).load()(**SETTINGS[name])

    def test_every_run_ends_once_and_is_stored(self, name, tmp_path):
        runs = [spec(0), spec(1), spec(2)]
        ended = list(self.engine(name).run(runs, tmp_path, WORK))
        assert sorted(run.seed for run, _ in ended) == [0, 1, 2]
        assert {status for _, status in ended} == {"failed"}
        assert all(has_ended(tmp_path / run.id) == "failed" for run in runs)

    def test_what_is_left_when_the_generator_is_closed_is_unfinished(self, name, tmp_path):
        runs = [spec(seed) for seed in (0, 1, 2, 4, 5, 6)]
        with closing(self.engine(name).run(runs, tmp_path, WORK)) as ended:
            next(ended)
        assert sum(has_ended(tmp_path / run.id) == "" for run in runs) >= 1

    def test_no_runs_are_no_work(self, name, tmp_path):
        assert list(self.engine(name).run([], tmp_path, WORK)) == []


def test_each_run_has_a_process_of_its_own_and_one_that_dies_is_stored_as_such(tmp_path):
    runs = [spec(seed) for seed in (1, 2, 3)]
    assert [status for _, status in Processes(workers=2).run(runs, tmp_path, WORK)] == ["failed"] * 3
    messages = [read_run(tmp_path / run.id).message for run in runs]
    assert len({*messages, str(os.getpid())}) == 4
    assert messages[2] == "exit code 9"


def test_workers_are_at_least_one():
    with pytest.raises(InvalidInput, match="workers: expected an integer of at least 1, got 0"):
        Processes(workers=0)
