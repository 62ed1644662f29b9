"""Each run in a process of its own.

There a run can do what it likes: raise, exit, crash, hang, change the process's state, leave threads and children
behind. It is stored as what it was, and its neighbours never see it.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from bench.engines.engine import Ended, Engine, Work
from bench.isolation.inside import leave, prepare_process
from bench.isolation.starting import kill, preload, start
from optimizers.journal import was_overdue
from problems.foundation.checks import check_integer
from problems.foundation.errors import WorkerError
from reports.storage.run_folder import JOURNAL_FILE, UNSTORED, has_ended
from reports.storage.spec import RunSpec


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Processes(Engine):
    """An engine that starts a new process for each run.

    Attributes:
        workers: Number of runs at a time.

    Raises:
        InvalidInput: If it is not an integer of at least 1.
    """

    workers: int

    def __post_init__(self) -> None:
        check_integer("workers", self.workers, 1)

    def run(self, runs: Sequence[RunSpec], folder: Path, work: Work) -> Generator[Ended, None, None]:
        """Do ``runs``, at most ``workers`` at a time."""
        preload(work.execute, {spec.optimizer for spec in runs})
        with _AtWork(folder.absolute(), work) as at_work:
            for spec in runs:
                if len(at_work) == self.workers:
                    yield from at_work.ended()
                at_work.start(spec)
            while len(at_work):
                yield from at_work.ended()


class _AtWork:
    """The processes at work; a run whose process dies gets a second one."""

    def __init__(self, folder: Path, work: Work) -> None:
        self._folder, self._work = folder, work
        self._running: dict[int, tuple[BaseProcess, RunSpec]] = {}
        self._tried: set[str] = set()

    def __len__(self) -> int:
        return len(self._running)

    def __enter__(self) -> _AtWork:
        return self

    def __exit__(self, *raised: object) -> None:
        """End the runs at work; the next call does them again."""
        for process, _ in self._running.values():
            kill(process)
        for process, _ in self._running.values():
            process.join()

    def start(self, spec: RunSpec) -> None:
        """Start a run."""
        process = start(_do, self._work, spec, self._folder / spec.id)
        self._running[process.sentinel] = process, spec

    def ended(self) -> Generator[Ended, None, None]:
        """Wait until a run ends; yield those that have, each with its status."""
        ready = wait(list(self._running))
        for sentinel in [s for s in self._running if s in ready]:
            process, spec = self._running.pop(sentinel)
            process.join()
            kill(process)  # children that it has left behind
            status = self._status(process, spec)
            if status:
                yield spec, status

    def _status(self, process: BaseProcess, spec: RunSpec) -> str:
        """Return how a run ended; "" if its process died and the run was started again."""
        folder = self._folder / spec.id
        status = has_ended(folder)
        if status:
            return status
        may_differ = process.exitcode != UNSTORED and not was_overdue(folder / JOURNAL_FILE)
        if may_differ and spec.id not in self._tried:
            self._tried.add(spec.id)
            self.start(spec)
            return ""
        if not (folder / "spec.json").is_file():
            raise WorkerError("the processes of runs die before they begin: is m3e installed in full?")
        return self._work.store_lost(spec, folder, process.exitcode)


def _do(work: Work, spec: RunSpec, folder: Path) -> None:
    """Do a run in a process of its own, and end that process, whatever the run has left behind in it."""
    prepare_process()
    try:
        work.execute(spec, folder)
    except BaseException:  # a full disk, or a run that has broken what storing needs: the parent does it, or sees why
        os._exit(UNSTORED)
    leave()
