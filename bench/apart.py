"""A search in a process of its own: what it found outlives whatever the optimizer does to the process."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import problems
from bench.errors import M3EError, OptimizerFailed, explain
from bench.processes import kill, start
from bench.store import JOURNAL_FILE
from bench.worker import last_resort, leave, one_thread, prepare_process, seconds_at_most, warm_up
from optimizers import Result, Search, recovered
from optimizers.journal import Journal, was_overdue
from optimizers.search import check_wall_limit

INTERRUPTED = "interrupted"
"""How a search ended that the user ended."""

DIED = "died"
"""How a search ended whose process was killed or crashed."""

FAILED = "failed"
"""How a search ended whose optimizer raised."""


@dataclass(frozen=True)
class SearchRequest:
    """What to search, and with what.

    Attributes:
        problem: The problem.
        optimizer: Registered name.
        budget: Evaluations.
        seed: Of the search.
        parameters: The optimizer's own.
        wall_limit_seconds: After which the search is cut, or None.
    """

    problem: problems.Problem
    optimizer: str
    budget: int
    seed: int
    parameters: Mapping[str, Any]
    wall_limit_seconds: float | None = None


def search_apart(request: SearchRequest) -> tuple[Result, str, M3EError | None]:
    """What the search found, how it ended, and what it raised.

    It ends as ``Result.stopped`` says, or ``INTERRUPTED``, ``DIED`` or ``FAILED``. What it raises is an
    ``OptimizerFailed`` where it is no error of the suite.

    Raises:
        InvalidInput: If the wall limit is none.
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
    """In the process: search, and send what was found, or what was raised."""
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
