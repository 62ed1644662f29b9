"""Runs of the suite's own optimizers share a process, one after the other, and leave it as they found it."""

import json
import os
import resource
import signal
from pathlib import Path

import pytest

from bench.campaigns.run_one import Work, run_apart
from bench.isolation import apart
from problems import SUITE_VERSION
from reports.storage.spec import RunSpec


@pytest.fixture(autouse=True)
def none_idle():
    apart.end_calls()
    yield
    apart.end_calls()


def run_of(optimizer, seed=0, problem="mix/S2/bw1/g20/i0"):
    record, _ = run_apart(Work(RunSpec(SUITE_VERSION, problem, optimizer, {}, seed=seed, budget=20)))
    return {key: value for key, value in json.loads(record).items() if key != "timing"}


def idle():
    return [server.process.pid for server in apart._idle]


def open_files(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_own_runs_share_a_process_and_leave_no_file_open_in_it():
    assert run_of("random")["result"]["status"] == "complete"
    (pid,) = idle()
    before = open_files(pid)
    for seed in range(5):
        assert run_of("magma", seed)["result"]["status"] == "complete"
        assert idle() == [pid]
    assert open_files(pid) == before


@pytest.mark.parametrize("optimizer", ["nevergrad-de", "deap-es"])
def test_a_run_of_another_library_has_a_process_of_its_own(optimizer):
    run_of("random")
    before = idle()
    assert run_of(optimizer)["result"]["status"] == "complete"
    assert idle() == before


def test_a_run_that_is_cut_shares_its_process_with_none():
    work = Work(RunSpec(SUITE_VERSION, "mix/S2/bw1/g20/i0", "random", {}, seed=0, budget=10**9, cpu_limit_seconds=0.1))
    assert json.loads(run_apart(work)[0])["result"]["status"] == "cut"
    assert idle() == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_a_run_whose_shared_process_is_ended_is_the_same_in_another(how):
    first = run_of("random", seed=3)
    (pid,) = idle()
    os.kill(pid, how)
    if how == signal.SIGSTOP:
        apart.end_calls()  # as at the end of a campaign
    assert run_of("random", seed=3) == first
    assert pid not in idle()


def test_a_run_that_finds_its_shared_process_spoilt_is_the_same_in_another():
    first = run_of("random", seed=3)
    (pid,) = idle()
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (5, 5))  # it can open no other file
    assert run_of("random", seed=3) == first
    assert pid not in idle()
