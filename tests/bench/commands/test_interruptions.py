"""Ctrl-C and SIGTERM, at any moment: one sentence that is true, no traceback, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

M3E = str(Path(sys.executable).parent / "m3e")
LONG = """
problems = ["mix/S2/bw1/g30/i{0..20}"]
optimizers = ["magma", "nevergrad-oneplusone"]
seeds = 5
budget = 3000
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "long.toml").write_text(LONG)
    return tmp_path


def begin(folder, *arguments):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([M3E, *arguments], cwd=folder, start_new_session=True, **pipes)


def has_begun(process):
    """Whether the command has taken the signals into its hands: before, Python itself answers them."""
    caught = next(s for s in Path(f"/proc/{process.pid}/status").read_text().splitlines() if s.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) & (1 << (signal.SIGTERM - 1)))


@pytest.mark.parametrize("wanted", [(signal.SIGINT,), (signal.SIGINT, signal.SIGINT), (signal.SIGTERM,)], ids=str)
@pytest.mark.parametrize("delay", [0.0, 0.5, 1.5, 4.0])
def test_an_interrupted_campaign_says_so_and_leaves_nothing_behind(folder, wanted, delay, until_all_have_ended):
    process = begin(folder, "run", "long.toml", "--workers", "2")
    while not has_begun(process):
        time.sleep(0.005)
    time.sleep(delay)
    for signum in wanted:
        os.killpg(process.pid, signum)
        time.sleep(0.02)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 128 + wanted[0], stderr
    lines = [line for line in stderr.splitlines() if line and not line[0].isdigit()]  # of the progress
    holds = "m3e: interrupted; finished runs are kept, and the same command continues"
    assert lines == [holds] or (delay == 0.0 and lines == ["m3e: interrupted"])  # before it knew its arguments
    until_all_have_ended()


def test_an_interrupted_report_does_not_speak_of_runs(folder):
    (folder / "short.toml").write_text(LONG.replace("{0..20}", "0").replace("3000", "100"))
    assert subprocess.run([M3E, "run", "short.toml", "--no-report"], cwd=folder, check=False).returncode == 0
    process = begin(folder, "report", "runs/short")
    while not has_begun(process):
        time.sleep(0.005)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stderr.split("\n", 1)[1].strip() == (
        "m3e: interrupted; the report is not complete, the same command writes it again"
    )
