"""Campaigns on real worker processes: killed, failing, overstaying, resumed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import optimizers
import problems
from bench.campaigns.plan import plan_campaign
from bench.campaigns.reading import load_campaign
from bench.campaigns.run_one import Work, lost_record, run_apart
from bench.campaigns.running import run_plan
from bench.engines.process import Process
from bench.engines.serial import Serial
from problems.foundation.errors import StorageError
from reports.storage.campaign_folder import read_campaign
from reports.storage.record import decode
from reports.storage.spec import RunSpec

CAMPAIGN = """
problems = ["{vision,mix}/S{1,2}/bw1/g30/i0"]
optimizers = ["magma", "random", "nevergrad-oneplusone", "deap-es"]
seeds = 3
budget = 300
"""

ALONE = Serial()


def results(folder):
    """The canonical part of every record."""
    return {f.stem: f.read_bytes().partition(b',"sha256":"')[0] for f in folder.rglob("records/*.json")}


def run_in_process(path, folder, engine=ALONE):
    statuses = []
    plan = plan_campaign(load_campaign(str(path)), folder)
    counts = run_plan(plan, engine, lambda spec, label, status, progress: statuses.append(status))
    assert len(statuses) == plan.total - len(plan.done)
    return counts


@pytest.fixture
def campaign(tmp_path):
    path = tmp_path / "campaign.toml"
    path.write_text(CAMPAIGN)
    return path


def test_a_campaign_killed_five_times_ends_in_the_results_of_an_unbroken_one(campaign, tmp_path):
    command = [str(Path(sys.executable).parent / "m3e"), "run", str(campaign), "--workers", "2", "--no-report"]
    moments = random.Random()
    progress = []
    for _ in range(5):
        process = subprocess.Popen([*command, "--out", "broken"], cwd=tmp_path, start_new_session=True)
        time.sleep(moments.uniform(0.5, 6.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        progress.append(len(list((tmp_path / "broken").glob("*/records/*.json"))))
    assert progress == sorted(progress)  # nothing finished is lost
    assert subprocess.run([*command, "--out", "broken"], cwd=tmp_path, check=False).returncode == 0
    assert subprocess.run([*command, "--out", "unbroken"], cwd=tmp_path, check=False).returncode == 0
    unbroken = results(tmp_path / "unbroken")
    assert len(unbroken) == 48
    assert results(tmp_path / "broken") == unbroken


def test_serial_runs_and_processes_end_in_the_same_results(small_campaign, tmp_path):
    alone, parallel = tmp_path / "serial", tmp_path / "parallel"
    assert run_in_process(small_campaign, alone) == {"complete": 12}
    assert run_in_process(small_campaign, parallel, Process(2)) == {"complete": 12}
    assert results(alone) == results(parallel)


def test_a_finished_campaign_has_nothing_left_to_do(small_campaign, tmp_path):
    run_in_process(small_campaign, tmp_path / "runs")
    assert (
        plan_campaign(load_campaign(str(small_campaign)), tmp_path / "runs").done.keys()
        == results(tmp_path / "runs").keys()
    )


def on_disk(folder):
    """Bytes that a folder takes, and those if each file and folder in it takes a block of 4 KiB at least."""
    taken = [path.stat().st_blocks * 512 for path in (folder, *folder.rglob("*"))]
    return sum(taken), sum(max(size, 4096) for size in taken)


ONE, BOTH = "mix/S2/bw1/g{}/i0", "mix/S2/bw16/g{}/i0/corrected/latency+energy"


@pytest.mark.parametrize(
    ("problem", "budget", "trace", "times"),
    [
        (ONE.format(8), 5, "false", 2.5),
        (ONE.format(30), 300, "false", 2.5),
        (ONE.format(300), 100, "false", 2.5),
        (ONE.format(30), 2000, "true", 2.5),
        (ONE.format(100), 500, '"mappings"', 1.5),
        ("alexnet/S2/bw1/gall/i0", 50, "false", 2.5),
        (BOTH.format(30), 300, "false", 4.0),  # nobody knows how large fronts will be
    ],
)
def test_the_size_told_before_a_campaign_is_what_it_takes_on_the_disk_at_most(problem, budget, trace, times, tmp_path):
    path = tmp_path / "campaign.toml"
    path.write_text(
        f'problems = ["{problem}"]\noptimizers = ["random"]\nseeds = 4\nbudget = {budget}\nfull_trace = {trace}\n'
    )
    plan = plan_campaign(load_campaign(str(path)), tmp_path / "runs")
    run_plan(plan, Serial(), lambda *_: None)
    taken, in_blocks = on_disk(plan.folder)
    assert taken <= plan.bytes_at_most < times * in_blocks


def test_the_size_told_before_a_campaign_of_several_optimizers_is_not_exceeded(campaign, tmp_path):
    plan = plan_campaign(load_campaign(str(campaign)), tmp_path / "runs")
    run_plan(plan, Serial(), lambda *_: None)
    taken, in_blocks = on_disk(plan.folder)
    assert taken <= plan.bytes_at_most < 3.0 * in_blocks


def test_drivers_divide_the_runs_of_a_folder(small_campaign, tmp_path):
    command = [str(Path(sys.executable).parent / "m3e"), "run", str(small_campaign), "--workers", "1", "--no-report"]
    drivers = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [driver.wait(timeout=120) for driver in drivers] == [0, 0]
    folder = tmp_path / "runs" / "small"
    assert run_in_process(small_campaign, tmp_path / "alone") == {"complete": 12}
    assert results(folder) == results(tmp_path / "alone")
    assert sorted(path.name for path in folder.iterdir()) == ["campaign.json", "records", "requests"]


def test_an_output_folder_that_cannot_be_is_one_clear_error(small_campaign, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"output folder .*expected a folder that can be written"):
        plan_campaign(load_campaign(str(small_campaign)), tmp_path / "file" / "runs")


BAD = """
import os, signal, time
from optimizers.contract import AskTellOptimizer

class Bad(AskTellOptimizer):
    calls = 0
    def ask(self):
        self.calls += 1
        if self.calls > 3:
            self.misbehave()
        return self.space.sample(self.rng, 5)
    def tell(self, cores, priorities, values):
        pass

class Raises(Bad):
    def misbehave(self):
        raise RuntimeError("out of ideas")

class Sleeps(Bad):
    def misbehave(self):
        time.sleep(3600)

class Hangs(Bad):
    def misbehave(self):
        sum(range(10**15))

class Dies(Bad):
    def misbehave(self):
        os.kill(os.getpid(), signal.SIGKILL)

class Fails(Bad):
    def __init__(self, space, *, budget, seed):
        raise ValueError("cannot be made")

class Exits(Bad):
    def misbehave(self):
        raise SystemExit(3)

class Nan(Bad):
    def ask(self):
        cores, priorities = super().ask()
        return cores, priorities * float("nan")
    def misbehave(self):
        pass
"""
NAMES = ("Raises", "Sleeps", "Hangs", "Dies", "Fails", "Exits", "Nan")
ENTRIES = ", ".join(f'Entry("{name.lower()}", "badly:{name}")' for name in NAMES)


def test_misbehaving_optimizers_are_recorded_and_the_rest_goes_on(m3e, plugin, tmp_path):
    names = ", ".join(f'"{name.lower()}"' for name in NAMES)
    (tmp_path / "bad.toml").write_text(
        'problems = ["mix/S1/bw1/g8/i{0,1}"]\n'
        f'optimizers = ["random", {names}, "magma"]\nseeds = 1\nbudget = 200\nwall_limit_seconds = 2\n'
    )
    done = m3e("run", "bad.toml", "--workers", "2", "--no-report", path=plugin(BAD, ENTRIES))
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    runs = {(r.label, r.spec.problem[-1]): r for r in read_campaign(tmp_path / "runs" / "bad").runs}
    assert len(runs) == 18
    statuses = {label: {r.status for (name, _), r in runs.items() if name == label} for label, _ in runs}
    failed = {"failed"}
    assert statuses == {
        "random": {"complete"}, "magma": {"complete"}, "sleeps": {"cut"}, "hangs": {"cut"},
        "raises": failed, "dies": failed, "fails": failed, "exits": failed, "nan": failed,
    }  # fmt: skip
    messages = {label: run.message for (label, i), run in runs.items() if i == "0"}
    assert messages["raises"].startswith("RuntimeError: out of ideas (badly.py, line")
    assert "wall limit of 2 s" in messages["sleeps"]
    assert "process died" in messages["dies"]
    assert "wall limit of 2 s reached; the optimizer did not notice" in messages["hangs"]
    assert "cannot be made" in messages["fails"]
    assert "'nan' proposed no mapping: expected priorities in [0, 1), got nan" in messages["nan"]
    for label in ("raises", "sleeps", "hangs", "dies"):  # what they found until then is kept
        assert runs[label, "0"].num_evaluations == 15
        assert runs[label, "0"].best_value > 0


def test_an_optimizer_of_one_objective_fails_on_two_and_the_run_says_which_take_them():
    parameters = optimizers.resolve_parameters("magma", {})
    problem = "mix/S2/bw16/g8/i0/corrected/latency+energy"
    record, trace = run_apart(Work(RunSpec(problems.SUITE_VERSION, problem, "magma", parameters, 0, 50)))
    run = decode(record)
    assert run.message.startswith("problem for optimizer 'magma': expected one objective, got 2. These take several: ")
    assert (run.status, run.num_evaluations, trace) == ("failed", 0, b"")


def test_interrupting_leaves_no_worker_and_the_same_command_continues(campaign, tmp_path, until_all_have_ended):
    campaign.write_text(CAMPAIGN.replace("budget = 300", "budget = 20_000"))
    command = [str(Path(sys.executable).parent / "m3e"), "run", str(campaign), "--workers", "2", "--no-report"]
    process = subprocess.Popen(
        command, cwd=tmp_path, start_new_session=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    while not list(tmp_path.glob("runs/*/records/*.json")):
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted; finished runs are kept" in stderr
    assert "Traceback" not in stderr
    until_all_have_ended()


def test_workers_end_with_a_parent_that_was_killed(campaign, tmp_path, living_processes, until_all_have_ended):
    campaign.write_text(CAMPAIGN.replace("budget = 300", "budget = 1_000_000"))
    command = [str(Path(sys.executable).parent / "m3e"), "run", str(campaign), "--workers", "2", "--no-report"]
    process = subprocess.Popen(command, cwd=tmp_path, start_new_session=True)
    while not list(tmp_path.glob("runs/*/claims/*")):
        time.sleep(0.1)
    time.sleep(1.0)
    process.kill()
    process.wait()
    assert living_processes(tmp_path)
    until_all_have_ended()


IN_C = """
import re
from optimizers.native.random_search import RandomSearch

class InC(RandomSearch):
    def ask(self):
        re.match(r"(a|aa)+$", "a" * 60 + "b")  # for years, and no other thread runs meanwhile
"""


def test_a_worker_in_compiled_code_ends_with_a_parent_that_was_killed(tmp_path, living_processes, until_all_have_ended):
    (tmp_path / "in_c.py").write_text(IN_C)
    (tmp_path / "in_c.toml").write_text(
        'problems = ["mix/S2/bw1/g8/i0"]\noptimizers = ["in_c:InC"]\nseeds = 1\nbudget = 10\n'
    )
    command = [str(Path(sys.executable).parent / "m3e"), "run", "in_c.toml", "--workers", "1", "--no-report"]
    process = subprocess.Popen(command, cwd=tmp_path)
    while not list(tmp_path.glob("runs/*/claims/*")):
        time.sleep(0.1)
    time.sleep(2.0)
    process.kill()
    process.wait()
    assert living_processes(tmp_path)
    until_all_have_ended()


def test_a_driver_loads_neither_compiler_nor_solver():
    code = "import sys, bench.campaigns.running; print({'numba', 'scipy', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("name", "settings"), [("native-annealing-informed", {"evaluates_itself": True, "sees_jobs": True}), ("random", {})]
)
def test_a_record_says_whether_the_optimizer_evaluates_beyond_the_budget_though_its_run_is_lost(name, settings):
    spec = RunSpec(problems.SUITE_VERSION, "mix/S2/bw1/g12/i0", name, {}, 0, 10)
    assert decode(lost_record(Work(spec), RuntimeError())).environment["settings"] == settings


@pytest.mark.parametrize("disabled", [False, True])
def test_a_record_says_which_vector_instructions_numpy_uses(disabled):
    all_of_them = " ".join(np._core._multiarray_umath.__cpu_dispatch__)
    code = (
        "from bench.campaigns.run_one import Work, lost_record; from reports.storage.record import decode;"
        "from reports.storage.spec import RunSpec; spec = RunSpec(1, 'mix/S2/bw1/g12/i0', 'random', {}, 0, 10);"
        "print(decode(lost_record(Work(spec), RuntimeError())).environment['vector_instructions'])"
    )
    surroundings = {**os.environ, **({"NPY_DISABLE_CPU_FEATURES": all_of_them} if disabled else {})}
    done = subprocess.run([sys.executable, "-c", code], env=surroundings, capture_output=True, text=True, check=True)
    found = [name for name, there in np._core._multiarray_umath.__cpu_features__.items() if there]
    chosen = [name for name in np._core._multiarray_umath.__cpu_dispatch__ if name in found]
    assert done.stdout == f"{[] if disabled else chosen}\n"
