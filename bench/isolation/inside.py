"""The inside of a process made for a run or a search: how it is ended, and how it leaves."""

from __future__ import annotations

import contextlib
import faulthandler
import math
import os
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from time import process_time

from optimizers.journal import Journal

try:
    import fcntl
    import resource
except ImportError:  # no such system calls
    fcntl = resource = None  # type: ignore[assignment]

GRACE_SECONDS = 10.0
"""Time that a run gets to notice a time limit; a tenth of the limit comes on top."""


def prepare_process() -> None:
    """Let this process be ended by its parent and with its parent, but not by Ctrl-C.

    Its children end with it, except those that leave its session.
    """
    if hasattr(os, "setsid"):
        os.setsid()
    parent = parent_process()
    if parent is not None:
        if hasattr(fcntl, "F_SETSIG"):
            _be_killed_with(parent)
        else:
            threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _be_killed_with(parent: BaseProcess) -> None:
    """Let the kernel end this process and its children when the parent's end of a pipe closes.

    This works even in compiled code that holds the interpreter's lock, where no other thread runs.
    """
    fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(parent.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, fcntl.fcntl(parent.sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    if not wait([parent.sentinel], 0.0):
        return
    _end_with(parent)  # it has ended before


def _end_with(parent: BaseProcess) -> None:
    wait([parent.sentinel])
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def leave() -> None:
    """End the process at once, without waiting for threads and exit functions that a run has left behind."""
    with contextlib.suppress(Exception):  # a run may have closed them
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


def seconds_at_most(limit_seconds: float | None, *, searches: int = 1) -> float | None:
    """Return the seconds, wall or CPU, after which a process is ended whose ``searches`` have this limit each."""
    return None if limit_seconds is None else 1.1 * searches * limit_seconds + GRACE_SECONDS


@contextlib.contextmanager
def last_resort(journal: Journal, seconds: float | None, cpu_seconds: float | None = None) -> Iterator[None]:
    """End this process after so many wall or CPU seconds if it hangs in foreign code; never the user's own process.

    The journal keeps what was evaluated, and ``optimizers.journal.limit_that_ended`` tells which of them it was. A
    process that sleeps is not ended by ``cpu_seconds``; children that it starts inherit that limit.
    """
    if parent_process() is None:
        yield
        return
    cpu_deadline = math.inf
    if cpu_seconds is not None and resource is not None:
        cpu_deadline = math.ceil(process_time() + cpu_seconds)  # the system counts whole seconds
    journal.expect_end(math.inf if seconds is None else seconds, cpu_deadline)
    with _ended_after(seconds), _ended_at_cpu(cpu_deadline):
        yield


@contextlib.contextmanager
def _ended_after(seconds: float | None) -> Iterator[None]:
    if seconds is None:
        yield
        return
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)  # needs no lock that the code may hold
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def _ended_at_cpu(deadline: float) -> Iterator[None]:
    """Let the system end this process by SIGXCPU once it has used so many CPU seconds in all; ``inf`` for never.

    The hard limit stays: lowered, it could not be raised again, and storing what was found would count as well.
    """
    if deadline == math.inf:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    inherited = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_CPU, (int(min([deadline, *inherited])), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
