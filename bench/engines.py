"""Engines carry out a campaign's runs: in this process, or each run in a process of its own.

In a process of its own a run can do what it likes: raise, exit, crash, hang, change the process's state, leave threads
and children behind. It is stored as what it was, and its neighbours never see it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Generator, Sequence
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from bench.errors import WorkerError
from bench.processes import kill, preload, start
from bench.spec import RunSpec
from bench.store import JOURNAL_FILE, has_ended
from bench.worker import UNSTORED, execute, store_lost, work
from optimizers.journal import was_overdue

Engine = Callable[[Path, Sequence[RunSpec]], Generator[tuple[RunSpec, str], None, None]]
"""Does runs into a campaign's folder, and yields each with its status as it ends."""


def serial(folder: Path, runs: Sequence[RunSpec]) -> Generator[tuple[RunSpec, str], None, None]:
    """One run after the other in this process: what hangs or dies takes it along."""
    for spec in runs:
        yield spec, execute(spec, folder / spec.id)


def processes(workers: int) -> Engine:
    """At most ``workers`` runs at a time, each in a process of its own."""

    def do(folder: Path, runs: Sequence[RunSpec]) -> Generator[tuple[RunSpec, str], None, None]:
        with _Processes(folder.absolute(), {spec.optimizer for spec in runs}) as pool:
            for spec in runs:
                if len(pool) == workers:
                    yield from pool.ended()
                pool.start(spec)
            while len(pool):
                yield from pool.ended()

    return do


class _Processes:
    """The processes that are at work; a run whose process dies gets a second one."""

    def __init__(self, folder: Path, optimizers: Collection[str]) -> None:
        self._folder = folder
        preload(optimizers)
        self._running: dict[int, tuple[BaseProcess, RunSpec]] = {}
        self._tried: set[str] = set()

    def __len__(self) -> int:
        return len(self._running)

    def __enter__(self) -> _Processes:
        return self

    def __exit__(self, *raised: object) -> None:
        """End what is still at work: it is done again by the next call."""
        for process, _ in self._running.values():
            kill(process)
        for process, _ in self._running.values():
            process.join()

    def start(self, spec: RunSpec) -> None:
        """Begin a run."""
        process = start(work, spec, self._folder / spec.id)
        self._running[process.sentinel] = process, spec

    def ended(self) -> Generator[tuple[RunSpec, str], None, None]:
        """Wait until a run ends; those that have, each with its status."""
        ready = wait(list(self._running))
        for sentinel in [s for s in self._running if s in ready]:
            process, spec = self._running.pop(sentinel)
            process.join()
            kill(process)  # children that it has left behind
            status = self._status(process, spec)
            if status:
                yield spec, status

    def _status(self, process: BaseProcess, spec: RunSpec) -> str:
        """How a run ended; "" if its process died and the run was begun again."""
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
        return store_lost(spec, folder, process.exitcode)


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
