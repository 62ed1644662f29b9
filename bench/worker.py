"""Doing one run, in this process or in one of its own."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import platform
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import problems
from bench import warm_start
from bench.errors import M3EError, explain
from bench.recording import begin_run, end_run, write_spec
from bench.spec import MAPPINGS, RunSpec
from bench.store import JOURNAL_FILE
from optimizers import OPTIMIZERS, Result, Search, recovered
from optimizers.journal import Journal, was_overdue

try:
    import fcntl
except ImportError:  # no such system calls
    fcntl = None  # type: ignore[assignment]

GRACE_SECONDS = 10.0
"""How long after its wall limit a run may take to notice it; a tenth of the limit comes on top."""

UNSTORED = 70
"""Exit code of a process that could not store its run."""

LIBRARIES = ("m3e", "numpy", "numba", "scipy")


def execute(spec: RunSpec, folder: Path) -> str:
    """Do the run and store it in ``folder``; return its status.

    An optimizer that raises, or is cut at the wall limit, is stored as such; what it found until then is kept.

    Raises:
        StorageError: If the folder cannot be written.
    """
    started = datetime.now(UTC)
    folder = folder.absolute()
    search: Search | None = None
    begin_run(folder, spec, environment(spec.optimizer))
    with _returning_here():
        try:
            problem = problems.get(spec.problem)
            warm_up(problem)
            journal = Journal(folder / JOURNAL_FILE)
            searches = 2 if isinstance(spec.parameters.get(warm_start.PARAMETER), Mapping) else 1
            at_most = seconds_at_most(spec.wall_limit_seconds, searches=searches)
            with one_thread(), last_resort(journal, at_most):
                parameters = _warm_started(spec, problem)
                search = _search(spec, problem, parameters, journal)
                search.run(spec.wall_limit_seconds)
            status, message = "complete", ""
        except BaseException as error:  # whatever a library raises, even SystemExit: the rest of the campaign goes on
            if isinstance(error, KeyboardInterrupt) and parent_process() is None:
                raise
            status, message = "failed", explain(error)
    result = search.result() if search else None
    if search:
        write_spec(folder, spec, environment(spec.optimizer, search))
    if status == "complete" and result and result.stopped == "wall":
        status, message = "cut", _limit_reached(spec)
    end_run(folder, spec.problem, result, status, message, started)
    return status


def store_lost(spec: RunSpec, folder: Path, exit_code: int | None) -> str:
    """Store a run whose process has ended before it could store anything, with what its journal tells; its status.

    Raises:
        StorageError: If the folder cannot be written.
    """
    result: Result | None = None
    overdue = was_overdue(folder / JOURNAL_FILE)
    with contextlib.suppress(Exception):  # whatever kept the process from doing it
        result = recovered(problems.get(spec.problem), folder / JOURNAL_FILE)
    if result is None or not result.num_evaluations:
        result = None
    if overdue:
        status, message = "cut", f"{_limit_reached(spec)}; the optimizer did not notice, its process was ended"
    elif exit_code == UNSTORED:
        status, message = "failed", "its process could not store it any more: the run has changed what that needs"
    else:
        code = exit_code or 0
        how = f"signal {-code}: killed, out of memory, or crashed" if code < 0 else f"exit code {code}"
        status, message = "failed", f"the run's process died ({how})"
    write_spec(folder, spec, environment(spec.optimizer))
    end_run(folder, spec.problem, result, status, message, datetime.now(UTC))
    return status


def _limit_reached(spec: RunSpec) -> str:
    return f"wall limit of {spec.wall_limit_seconds:g} s reached"


def _search(spec: RunSpec, problem: problems.Problem, parameters: Mapping[str, Any], journal: Journal) -> Search:
    return Search(
        problem,
        spec.optimizer,
        budget=spec.budget,
        seed=spec.seed,
        parameters=parameters,
        keep_all=bool(spec.full_trace),
        keep_mappings=spec.full_trace == MAPPINGS,
        journal=journal,
    )


def warm_up(problem: problems.Problem) -> None:
    """Evaluate once, so that loading the compiled evaluator and finding the ideal point count as nobody's time."""
    values = problem.evaluate(np.zeros(problem.num_jobs, dtype=np.int64), np.zeros(problem.num_jobs))
    if problem.num_objectives > 1:
        problem.hypervolume(values)


def _warm_started(spec: RunSpec, problem: problems.Problem) -> dict[str, Any]:
    """The parameters that the registry's entry does not fix, with the mappings that they ask to start from."""
    fixed = OPTIMIZERS.get(spec.optimizer).parameters
    parameters = {name: value for name, value in spec.parameters.items() if name not in fixed}
    limits: dict[str, Any] = {"seed": spec.seed, "wall_limit_seconds": spec.wall_limit_seconds}
    return warm_start.search_former(spec.optimizer, parameters, problem, **limits)


def environment(optimizer: str, search: Search | None = None) -> Mapping[str, Any]:
    """Versions of what computes a run of that optimizer, and the settings that its library chose."""
    libraries = LIBRARIES
    with contextlib.suppress(M3EError):  # what cannot be loaded: the run itself will say so
        libraries += tuple(getattr(OPTIMIZERS.get(optimizer).load(), "libraries", ()))
    return {
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in libraries},
        "settings": search.settings if search else {},
        "first_population": search.first_population if search else None,
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


@contextlib.contextmanager
def _returning_here() -> Iterator[None]:
    """Come back to the current folder, wherever an optimizer goes: paths of the next run may be relative."""
    here = os.open(".", os.O_RDONLY)
    try:
        yield
    finally:
        os.chdir(here)
        os.close(here)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra on one thread: its rounding, and so the run, may depend on their number.

    Warnings of libraries would garble the progress bar; those that matter are errors in the adapters.
    """
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def seconds_at_most(wall_limit_seconds: float | None, *, searches: int = 1) -> float | None:
    """After which the process of so many searches is ended that have this wall limit each."""
    return None if wall_limit_seconds is None else 1.1 * searches * wall_limit_seconds + GRACE_SECONDS


@contextlib.contextmanager
def last_resort(journal: Journal, seconds: float | None) -> Iterator[None]:
    """End a process that hangs in foreign code after so many seconds; never the user's own process.

    What was evaluated is in the journal.
    """
    if seconds is None or parent_process() is None:
        yield
        return
    journal.expect_end(seconds)
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)  # needs no lock that the code may hold
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def work(spec: RunSpec, folder: Path) -> None:
    """Do the run in a process that was made for it, and end the process, whatever the run has left behind in it."""
    prepare_process()
    try:
        execute(spec, folder)
    except BaseException:  # a full disk, or a run that has broken what storing needs: the parent does it, or sees why
        os._exit(UNSTORED)
    leave()


def prepare_process() -> None:
    """Let this process be ended by its parent and with its parent, and not by Ctrl-C.

    With it ends all that it starts, but what leaves its session.
    """
    if hasattr(os, "setsid"):
        os.setsid()
    parent = parent_process()
    if parent is not None:
        _be_killed_with(parent)
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _be_killed_with(parent: BaseProcess) -> None:
    """Let the kernel end this process and its children when the parent's end of a pipe is closed, where it can.

    So it ends also in compiled code that holds the interpreter's lock, in which no thread would see that.
    """
    if hasattr(fcntl, "F_SETSIG"):
        fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(parent.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, fcntl.fcntl(parent.sentinel, fcntl.F_GETFL) | os.O_ASYNC)


def _end_with(parent: BaseProcess) -> None:
    wait([parent.sentinel])
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def leave() -> None:
    """End the process at once: threads and exit functions that a run has left behind are not waited for."""
    with contextlib.suppress(Exception):  # a run may have closed them
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)
