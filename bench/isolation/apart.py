"""A search in a process of its own, whose findings survive whatever the optimizer does to the process."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import problems
from bench.isolation.conditions import one_thread, warm_up
from bench.isolation.inside import last_resort, leave, prepare_process, seconds_at_most
from bench.isolation.starting import kill, start
from optimizers import Result, Search, recovered
from optimizers.journal import Journal, was_overdue
from optimizers.limits import check_wall_limit
from problems.foundation.errors import M3EError, OptimizerFailed, explain
from reports.storage.run_folder import JOURNAL_FILE

INTERRUPTED = "interrupted"
"""The user ended the search."""

DIED = "died"
"""The process of the search was killed or crashed."""

FAILED = "failed"
"""The optimizer raised an exception."""


@dataclass(frozen=True)
class SearchRequest:
    """A problem, and the search to run on it.

    Attributes:
        problem: The problem.
        optimizer: Registered name.
        budget: Evaluations.
        seed: Seed of the search.
        parameters: Parameters of the optimizer.
        wall_limit_seconds: Time after which the search is cut, or None.
    """

    problem: problems.Problem
    optimizer: str
    budget: int
    seed: int
    parameters: Mapping[str, object]
    wall_limit_seconds: float | None = None


def search_apart(request: SearchRequest) -> tuple[Result, str, M3EError | None]:
    """Run a search in a process of its own; return what it found, how it ended, and the error that it raised.

    How it ended is ``Result.stopped``, ``INTERRUPTED``, ``DIED`` or ``FAILED``. An unexpected exception becomes an
    ``OptimizerFailed``.

    Raises:
        InvalidInput: If the wall limit is not valid.
    """
    check_wall_limit(request.wall_limit_seconds)
    with TemporaryDirectory(prefix="m3e-") as folder:
        journal = Path(folder) / JOURNAL_FILE
        receiver, sender = Pipe(duplex=False)
        process = start(_search, request, journal, sender)
        sender.close()
        outcome: Result | M3EError | None = None
        stopped = DIED
        try:
            with suppress(EOFError):
                outcome = receiver.recv()
        except KeyboardInterrupt:
            stopped = INTERRUPTED
        finally:
            kill(process)
            process.join()
        if isinstance(outcome, Result):
            return outcome, outcome.stopped, None
        if outcome is not None:
            stopped = FAILED
        elif stopped == DIED and was_overdue(journal):
            stopped = "wall"
        return recovered(request.problem, journal), stopped, outcome


def _search(request: SearchRequest, journal_path: Path, sender: Connection) -> None:
    """Search, in the process, and send the result or the error."""
    prepare_process()
    outcome: Result | M3EError
    try:
        warm_up(request.problem)
        journal = Journal(journal_path)
        with one_thread(), last_resort(journal, seconds_at_most(request.wall_limit_seconds)):
            search = Search(
                request.problem,
                request.optimizer,
                budget=request.budget,
                seed=request.seed,
                parameters=request.parameters,
                journal=journal,
            )
            search.run(request.wall_limit_seconds)
        outcome = search.result()
    except M3EError as error:
        outcome = error
    except BaseException as error:  # whatever a foreign class raises
        outcome = OptimizerFailed(f"optimizer {request.optimizer!r} failed: {explain(error)}")
    sender.send(outcome)
    leave()
