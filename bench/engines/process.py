"""Runs on the cores of this machine: a thread waits for each, which another process carries out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

from bench.engines.engine import Engine, Pool
from bench.isolation.apart import end_calls
from bench.isolation.giving_up import given_up_if
from problems.foundation.checks import check_integer


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Process(Engine):
    """The engine of one machine.

    Attributes:
        workers: Number of runs at a time; None for the number of cores.

    Raises:
        InvalidInput: If it is not an integer of at least 1.
    """

    workers: int | None = None

    def __post_init__(self) -> None:
        if self.workers is not None:
            check_integer("workers", self.workers, 1)

    @contextmanager
    def open(self) -> Iterator[Pool]:
        """Yield a pool of threads; a run can do what it likes to the process that it is given."""
        slots = self.workers or available_cores()
        executor = ThreadPoolExecutor(slots, thread_name_prefix="m3e")
        closed = Event()
        at_work: set[Future[Any]] = set()

        def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
            future = executor.submit(_call, closed, function, *arguments)
            at_work.add(future)
            future.add_done_callback(at_work.discard)
            return future

        try:
            yield Pool(submit, slots)
        finally:
            closed.set()
            executor.shutdown(wait=False, cancel_futures=True)
            while wait(list(at_work), 0.01).not_done:
                end_calls()
            end_calls()  # a call that was served meanwhile has left its process idle


def _call(closed: Event, function: Callable[..., Any], *arguments: Any) -> Any:
    with given_up_if(closed.is_set):
        return function(*arguments)
