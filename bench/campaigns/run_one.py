"""Doing one run, in this process or in one of its own."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import parent_process
from pathlib import Path

import problems
from bench.campaigns import warm_start
from bench.isolation.conditions import one_thread, warm_up
from bench.isolation.inside import last_resort, seconds_at_most
from optimizers import OPTIMIZERS, Result, Search, recovered
from optimizers.journal import Journal, was_overdue
from problems.foundation.errors import M3EError, explain
from reports.storage.run_folder import JOURNAL_FILE, UNSTORED
from reports.storage.spec import RunSpec
from reports.storage.writing import begin_run, end_run, write_spec

LIBRARIES = ("m3e", "numpy", "numba", "scipy")


def execute(spec: RunSpec, folder: Path) -> str:
    """Do a run, store it in ``folder``, and return its status.

    An optimizer that raises, or is cut at the wall limit, is stored as such, with what it had found.

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
    """Store a run whose process ended before it could, with what its journal holds, and return its status.

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


def _search(spec: RunSpec, problem: problems.Problem, parameters: Mapping[str, object], journal: Journal) -> Search:
    return Search(
        problem,
        spec.optimizer,
        budget=spec.budget,
        seed=spec.seed,
        parameters=parameters,
        full_trace=spec.full_trace,
        journal=journal,
    )


def _warm_started(spec: RunSpec, problem: problems.Problem) -> dict[str, object]:
    """Return the parameters that the registry's entry leaves open, with the mappings for a warm start."""
    fixed = OPTIMIZERS.get(spec.optimizer).parameters
    parameters = {name: value for name, value in spec.parameters.items() if name not in fixed}
    return warm_start.search_former(
        spec.optimizer, parameters, problem, seed=spec.seed, wall_limit_seconds=spec.wall_limit_seconds
    )


def environment(optimizer: str, search: Search | None = None) -> Mapping[str, object]:
    """Return the versions of the libraries behind an optimizer, and the settings that its library chose."""
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
    """Return to the current folder afterwards, wherever an optimizer changes to: later paths may be relative."""
    here = os.open(".", os.O_RDONLY)
    try:
        yield
    finally:
        os.chdir(here)
        os.close(here)
