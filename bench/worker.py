"""Doing one run, in whatever process the executor puts it."""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
import platform
import signal
import threading
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import wait
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import problems
from bench.errors import explain
from bench.recording import begin_run, end_run, write_spec
from bench.spec import MAPPINGS, RunSpec
from bench.warm_start import search_former
from optimizers import OPTIMIZERS, Optimizer, Search

GRACE_SECONDS = 10.0
"""How long after its wall limit a run may take to notice it; a tenth of the limit comes on top."""

LIBRARIES = ("m3e", "numpy", "numba", "scipy")


def execute(spec: RunSpec, label: str, folder: Path) -> str:
    """Do the run and store it in ``folder``; return its status.

    An optimizer that raises, or is cut at the wall limit, is stored as such; what it found until then is kept.

    Raises:
        StorageError: If the folder cannot be written.
    """
    started = datetime.now(UTC)
    search: Search | None = None
    begin_run(folder, spec, label, environment(None))
    try:
        problem = problems.get(spec.problem)
        _warm_up(problem)
        limit = spec.wall_limit_seconds
        with _one_thread(), _last_resort(limit):
            parameters = search_former(
                spec.optimizer, _open_parameters(spec), problem, seed=spec.seed, wall_limit_seconds=limit
            )
        keep = {"keep_all": bool(spec.full_trace), "keep_mappings": spec.full_trace == MAPPINGS}
        search = Search(problem, spec.optimizer, budget=spec.budget, seed=spec.seed, parameters=parameters, **keep)
        write_spec(folder, spec, label, environment(search.optimizer))
        with _one_thread(), _last_resort(limit):
            search.run(limit)
        status, message = "complete", ""
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a library raises, even SystemExit: the rest of the campaign goes on
        status, message = "failed", explain(error)
    result = search.result() if search else None
    if status == "complete" and result and result.stopped == "wall":
        status, message = "cut", f"wall limit of {spec.wall_limit_seconds:g} s reached"
    end_run(folder, spec.problem, result, status, message, started)
    return status


def _warm_up(problem: problems.Problem) -> None:
    """Evaluate once, so that loading the compiled evaluator and finding the ideal point count as nobody's time."""
    values = problem.evaluate(np.zeros(problem.num_jobs, dtype=np.int64), np.zeros(problem.num_jobs))
    if problem.num_objectives > 1:
        problem.hypervolume(values)


def _open_parameters(spec: RunSpec) -> dict[str, Any]:
    """The parameters without those that the registry's entry fixes."""
    fixed = OPTIMIZERS.get(spec.optimizer).parameters
    return {name: value for name, value in spec.parameters.items() if name not in fixed}


def environment(optimizer: Optimizer | None) -> Mapping[str, Any]:
    """Versions of what computes the run, and the settings that the optimizer's library chose."""
    libraries = (*LIBRARIES, *(optimizer.libraries if optimizer else ()))
    return {
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in libraries},
        "settings": optimizer.settings() if optimizer else {},
        "first_population": optimizer.first_population() if optimizer else None,
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Linear algebra on one thread: its rounding, and so the run, may depend on their number.

    Warnings of libraries would garble the progress bar; those that matter are errors in the adapters.
    """
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _last_resort(seconds: float | None) -> Iterator[None]:
    """End a worker process that hangs in foreign code long after its wall limit; never the user's own process."""
    if seconds is None or multiprocessing.parent_process() is None:
        yield
        return
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(1.1 * seconds + GRACE_SECONDS, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def prepare_worker() -> None:
    """Initialise a worker process: it ends at Ctrl-C without a word, and with its parent."""
    signal.signal(signal.SIGINT, _leave)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()


def _leave(signum: int, frame: FrameType | None) -> None:
    os._exit(128 + signum)
