"""Processes of runs: none outlives what it was started for."""

import time
from contextlib import contextmanager
from multiprocessing import active_children

import pytest

from bench.isolation import starting as processes


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
