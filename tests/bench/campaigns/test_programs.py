"""Campaigns and maps with programs as optimizers."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "optimizers" / "adapters" / "program" / "sampling.py"

CAMPAIGN = """
problems = ["mix/S2/bw1/g8/i0"]
optimizers = [
  "random",
  "exec:./mine --flag 'a b/c'",
  { name = "exec:./mine", label = "batch", parameters = { parameters = { batch = 7 } } },
  "exec:./bad",
]
seeds = 2
budget = 40
wall_limit_seconds = 5
"""


DEAF = """
import signal, time
for number in (1, 2, 13, 15):
    signal.signal(number, signal.SIG_IGN)
open("up", "w")
time.sleep(60)
"""


@pytest.fixture
def campaign(tmp_path):
    """A campaign with two programs in the folder of the test; one exits early."""
    for name, text in (("mine", EXAMPLE.read_text()), ("bad", "import sys\nsys.exit('no table')\n")):
        (tmp_path / name).write_text(f"#!{sys.executable}\n{text}")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "ways.toml").write_text(CAMPAIGN)
    return tmp_path


def records(folder):
    return [json.loads(path.read_bytes()) for path in sorted((folder / "runs" / "ways" / "records").iterdir())]


def test_programs_run_in_a_campaign_and_those_that_fail_are_told(m3e, campaign, until_all_have_ended):
    done = m3e("run", "ways.toml")
    assert done.returncode == 1, done.stderr
    assert "failed runs: 2" in done.stdout + done.stderr
    found = {}
    for record in records(campaign):
        found.setdefault(record["spec"]["optimizer"].partition("#")[0], []).append(record)
    assert {name: len(runs) for name, runs in found.items()} == {
        "random": 2,
        "exec:./mine --flag 'a b/c'": 2,
        "exec:./mine": 2,
        "exec:./bad": 2,
    }
    for record in found["exec:./bad"]:
        assert record["result"]["status"] == "failed"
        assert "has ended early (exit code 1); its last words on stderr: 'no table'" in record["result"]["message"]
    one, other = found["exec:./mine"], found["exec:./mine --flag 'a b/c'"]
    assert {r["result"]["status"] for r in one + other} == {"complete"}
    assert all(r["environment"]["settings"]["protocol"] == 1 for r in one + other)
    assert one[0]["spec"]["parameters"] == {"command": "./mine", "parameters": {"batch": 7}}
    report = (campaign / "runs" / "ways" / "report" / "report.html").read_text()
    assert "exec:./mine --flag" in report
    until_all_have_ended()
    (campaign / "mine").write_text((campaign / "mine").read_text() + "\n")
    again = m3e("run", "ways.toml", "--no-report")
    assert len(records(campaign)) == 8 + 4, again.stderr


def test_a_program_maps_and_says_how_to_find_the_same_again(m3e_here, campaign):
    name = "exec:./mine --flag 'a b/c'"
    done = m3e_here("map", "mix/S2/bw1/g8/i0", "--optimizer", name, "--budget", 30)
    assert done.returncode == 0, done.stderr
    assert "m3e map mix/S2/bw1/g8/i0 --optimizer 'exec:./mine --flag '" in " ".join(done.stdout.split())
    (folder,) = (campaign / "runs" / "map").iterdir()
    assert not set(folder.name) & set(" '/:#")


def test_a_command_without_a_program_is_told_with_its_place(m3e_here, campaign):
    (campaign / "mine").unlink()
    done = m3e_here("run", "ways.toml")
    assert done.returncode == 2
    assert "line 5" in done.stderr
    assert "expected a program that can be run, got ./mine" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel does it on Linux")
def test_programs_end_with_a_command_that_is_killed(campaign, living_processes, until_all_have_ended):
    (campaign / "mine").write_text(f"#!{sys.executable}\n{DEAF}")
    command = [shutil.which("m3e", path=str(Path(sys.executable).parent)), "run", "ways.toml"]
    process = subprocess.Popen(command, cwd=campaign, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (campaign / "up").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert living_processes(campaign)
    process.send_signal(signal.SIGKILL)
    process.wait()
    until_all_have_ended()
