"""Processes of runs: none outlives what it was started for."""

import time
from contextlib import contextmanager
from multiprocessing import active_children

import pytest

from bench import processes


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
