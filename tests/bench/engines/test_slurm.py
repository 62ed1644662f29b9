"""Pilots: as processes of this computer, and as an array of jobs of a pretended SLURM."""

import shutil
import sys
import time
from pathlib import Path

import pytest

from problems.foundation.errors import InvalidInput, WorkerError

pytest.importorskip("submitit")

from bench.engines.slurm import Slurm

HERE = Path(__file__).parent


@pytest.fixture(params=["local", "slurm"])
def executor(request, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{HERE}:{HERE.parents[2]}")
    monkeypatch.syspath_prepend(str(HERE))
    if request.param == "slurm":
        pretend_slurm(tmp_path / "bin")
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return request.param


def pretend_slurm(folder):
    folder.mkdir()
    for command in ("sbatch", "srun", "sacct", "scancel"):
        file = folder / command
        file.write_text(f"#!{sys.executable}\n{(HERE / 'fake_slurm.py').read_text()}")
        file.chmod(0o755)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "campaign").mkdir()
    return tmp_path / "campaign"


def launched(name, campaign, /, **settings):
    import pilots

    return Slurm(**settings).launch(campaign, getattr(pilots, name), campaign)


def test_each_pilot_is_a_process_of_its_own(executor, folder):
    with launched("note", folder, executor=executor, pilots=3) as wait:
        assert wait() == []
    assert len(list(folder.glob("*.note"))) == 3
    assert (folder / "slurm").is_dir()


def test_logs_go_where_the_settings_say(executor, folder, tmp_path):
    with launched("note", folder, executor=executor, folder=str(tmp_path / "logs"), pilots=2) as wait:
        assert wait() == []
    assert list((tmp_path / "logs").glob("*.out"))
    assert not (folder / "slurm").exists()


def test_a_pilot_that_raises_is_told_with_the_end_of_its_log(executor, folder):
    with launched("refuse", folder, executor=executor, pilots=2) as wait:
        failed = wait()
    assert len(failed) == 2
    assert failed[0].startswith("pilot ")
    assert failed[0].endswith("ValueError: no such campaign")
    assert str(folder / "slurm") in failed[0]


def test_a_pilot_with_another_exit_code_has_failed(executor, folder):
    with launched("leave", folder, executor=executor, pilots=2) as wait:
        failed = wait()
    assert "exit code 1" in failed[0]
    assert failed[0].endswith("the disk is full")


def test_pilots_are_cancelled_when_an_exception_leaves_the_block(executor, folder):
    def interrupted():
        with launched("hang", folder, executor=executor, pilots=2):
            until(lambda: len(list(folder.glob("*.note"))) == 2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    numbers = [file.stem for file in folder.glob("*.note")]
    until(lambda: not any(Path("/proc", number, "cwd").exists() for number in numbers))


def test_a_pilot_whose_time_ends_is_left_and_queued_again(folder, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{HERE}:{HERE.parents[2]}")
    monkeypatch.syspath_prepend(str(HERE))
    with launched("run_out_of_time", folder, executor="local") as wait:
        assert wait() == []
    assert (folder / "left").read_text() == "SystemExit"
    assert len(list(folder.glob("*.note"))) == 1


def test_keys_reach_the_submission_file(folder, tmp_path, monkeypatch):
    pretend_slurm(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    keys = {"timeout_min": 90, "mem_gb": 2, "slurm_partition": "short", "slurm_array_parallelism": 1}
    with launched("note", folder, pilots=2, keys=keys):
        pass
    text = next((folder / "slurm").glob("*submission.sh")).read_text()
    for line in ("--time=90", "--mem=2GB", "--partition=short", "--array=0-1%1"):
        assert f"#SBATCH {line}" in text


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("slurm_partitoin", "x", "keys.slurm_partitoin: expected a parameter that submitit takes, got x. Unknown arg"),
        ("partition", "x", "keys.partition: .* Use 'slurm_partition' instead"),
        ("timeout_min", "long", "keys.timeout_min: .* expected type"),
    ],
)
def test_a_wrong_key_is_named(key, value, message):
    with pytest.raises(InvalidInput, match=message):
        Slurm(keys={"cpus_per_task": 2, key: value})


@pytest.mark.skipif(shutil.which("srun") is not None, reason="there is a SLURM")
def test_without_slurm_the_error_says_so(folder):
    with pytest.raises(WorkerError, match=r"the pilots cannot be submitted: .*srun"), launched("note", folder):
        pass


def until(holds):
    end = time.monotonic() + 60
    while not holds() and time.monotonic() < end:
        time.sleep(0.1)
    assert holds()
