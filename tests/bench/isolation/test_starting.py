"""Processes of runs: none outlives what it was started for."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path

import pytest

from bench.isolation import starting as processes

ROOT = Path(__file__).resolve().parents[3]


def test_a_process_whose_start_is_interrupted_is_ended(monkeypatch):
    @contextmanager
    def interrupted():
        yield
        raise KeyboardInterrupt

    monkeypatch.setattr(processes, "_undisturbed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        processes.start(time.sleep, 3600)
    for _ in range(100):
        if not active_children():
            break
        time.sleep(0.1)
    assert not active_children()


def test_a_long_folder_for_temporary_files_is_no_obstacle(m3e, tmp_path):
    long = tmp_path / ("x" * 100)
    long.mkdir()
    done = m3e("map", "alexnet", "--budget", 20, "--out", "out", environment={"TMPDIR": str(long)})
    assert done.returncode == 0, done.stderr
    assert not list(long.iterdir())


PROBE = """
import gc, sys
from multiprocessing import Pipe
from bench.isolation.starting import preload, start

def passed_over(connection):
    import nevergrad
    connection.send(not any(each is vars(nevergrad) for each in gc.get_objects()))

if __name__ == "__main__":
    import probe
    preload(probe.passed_over, ["nevergrad-de"])
    here, there = Pipe()
    start(probe.passed_over, there)
    there.close()
    print(here.recv() if here.poll(60) else "no answer")
"""


@pytest.mark.skipif(not processes.HAS_SERVER, reason="processes are not forked here")
def test_collections_of_garbage_pass_over_what_was_loaded_before_a_run(tmp_path):
    (tmp_path / "probe.py").write_text(PROBE)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (tmp_path, ROOT)))}
    command = [sys.executable, str(tmp_path / "probe.py")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "True\n", done.stderr
