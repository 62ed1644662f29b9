"""The inside of a process made for a run or a search: how it is ended, and how it leaves."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from optimizers.journal import Journal

try:
    import fcntl
except ImportError:  # no such system calls
    fcntl = None  # type: ignore[assignment]

GRACE_SECONDS = 10.0
"""Time that a run gets to notice its wall limit; a tenth of the limit comes on top."""


def prepare_process() -> None:
    """Let this process be ended by its parent and with its parent, but not by Ctrl-C.

    Its children end with it, except those that leave its session.
    """
    if hasattr(os, "setsid"):
        os.setsid()
    parent = parent_process()
    if parent is not None:
        _be_killed_with(parent)
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _be_killed_with(parent: BaseProcess) -> None:
    """Let the kernel, where it can, end this process and its children when the parent's end of a pipe closes.

    This works even in compiled code that holds the interpreter's lock, where no other thread runs.
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
    """End the process at once, without waiting for threads and exit functions that a run has left behind."""
    with contextlib.suppress(Exception):  # a run may have closed them
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


def seconds_at_most(wall_limit_seconds: float | None, *, searches: int = 1) -> float | None:
    """Return the seconds after which a process is ended whose ``searches`` have this wall limit each."""
    return None if wall_limit_seconds is None else 1.1 * searches * wall_limit_seconds + GRACE_SECONDS


@contextlib.contextmanager
def last_resort(journal: Journal, seconds: float | None) -> Iterator[None]:
    """End this process after so many seconds if it hangs in foreign code; never the user's own process.

    The journal keeps what was evaluated.
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
