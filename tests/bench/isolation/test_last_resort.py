"""Processes that hang in compiled code are ended by the system, and their parents can tell which limit it was."""

import importlib
import json
import math
import signal
import sys
import time

import pytest

import problems
from bench.campaigns.run_one import Work, run_apart
from bench.isolation.inside import GRACE_SECONDS, last_resort
from bench.isolation.starting import start
from optimizers.journal import Journal, limit_that_ended
from reports.storage.record import decode
from reports.storage.spec import RunSpec

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such limits")

CODE = """
import json, resource
from bench.isolation.inside import last_resort, prepare_process
from optimizers.journal import Journal
from optimizers.native.random_search import RandomSearch

def hang(*arguments):  # in C code that never looks for signals
    sum(range(10**18))

class Hangs(RandomSearch):
    tell = hang

def hang_in_last_resort(path, seconds, cpu_seconds):
    prepare_process()
    with last_resort(Journal(path), seconds, cpu_seconds):
        hang()

def report_limits(path, report):
    found = [resource.getrlimit(resource.RLIMIT_CPU)]
    with last_resort(Journal(path), 60.0, 60.0):
        found.append(resource.getrlimit(resource.RLIMIT_CPU))
    found.append(resource.getrlimit(resource.RLIMIT_CPU))
    report.write_text(json.dumps(found))
"""


@pytest.fixture
def hanging(tmp_path, monkeypatch):
    """A module of functions for processes of their own, which find it on their path."""
    (tmp_path / "hanging.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("hanging")
    del sys.modules["hanging"]


@pytest.mark.parametrize(("limits", "which"), [((None, 0.5), "cpu"), ((0.5, None), "wall"), ((60.0, 0.5), "cpu")])
def test_a_process_that_hangs_is_ended_and_its_parent_can_tell_by_which_limit(hanging, limits, which, tmp_path):
    process = start(hanging.hang_in_last_resort, tmp_path / "journal", *limits)
    process.join(60.0)
    assert process.exitcode == (-signal.SIGXCPU if which == "cpu" else 1)
    assert limit_that_ended(tmp_path / "journal", process.exitcode) == which


def test_the_limits_of_the_process_are_as_before_afterwards(hanging, tmp_path):
    process = start(hanging.report_limits, tmp_path / "journal", tmp_path / "report")
    process.join(60.0)
    before, inside_it, after = json.loads((tmp_path / "report").read_text())
    assert before == after
    assert 60 < inside_it[0] < 90
    assert inside_it[1] == before[1]


def test_the_users_own_process_gets_no_last_resort(tmp_path):
    import resource

    before = resource.getrlimit(resource.RLIMIT_CPU)
    with last_resort(Journal(tmp_path / "journal"), 60.0, 60.0):
        assert resource.getrlimit(resource.RLIMIT_CPU) == before


def test_no_limit_ended_a_process_that_died_otherwise(tmp_path):
    journal = Journal(tmp_path / "journal")
    sigxcpu = -int(signal.SIGXCPU)
    assert limit_that_ended(tmp_path / "none", sigxcpu) == ""
    assert limit_that_ended(tmp_path / "journal", sigxcpu) == ""  # somebody else's limit
    journal.expect_end(math.inf, 5.0)
    assert limit_that_ended(tmp_path / "journal", sigxcpu) == "cpu"
    for other in (-int(signal.SIGKILL), 1, 0, None):
        assert limit_that_ended(tmp_path / "journal", other) == ""
    journal.expect_end(0.01, 5.0)
    time.sleep(0.02)
    assert limit_that_ended(tmp_path / "journal", 1) == "wall"


def test_a_run_that_hangs_in_compiled_code_is_cut_at_its_cpu_limit_with_what_it_found(hanging):
    spec = RunSpec(problems.SUITE_VERSION, "mix/S2/bw1/g8/i0", "hanging:Hangs", {}, 0, 1000, cpu_limit_seconds=0.5)
    run = decode(run_apart(Work(spec))[0])
    assert (run.status, run.num_evaluations) == ("cut", 100)
    assert run.message.startswith("CPU limit of 0.5 s reached; the optimizer did not notice")
    assert 0.0 <= run.seconds["cpu"] < 10.0  # up to the last evaluation


def test_a_run_ends_at_its_cpu_limit():
    spec = RunSpec(problems.SUITE_VERSION, "mix/S2/bw1/g8/i0", "random", {}, 0, 10**9, cpu_limit_seconds=0.3)
    run = decode(run_apart(Work(spec))[0])
    assert (run.status, run.message) == ("cut", "CPU limit of 0.3 s reached")
    assert 0 < run.num_evaluations < 10**9
    assert 0.3 <= run.seconds["cpu"] < GRACE_SECONDS
