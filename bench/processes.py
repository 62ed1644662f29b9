"""Processes for runs and searches: started quickly, out of the reach of Ctrl-C, and ended with what they started.

They are forked from a server in which what they need is loaded already, where that is safe; elsewhere each begins from
nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, get_context, resource_tracker
from multiprocessing.process import BaseProcess
from typing import Any

from optimizers import OPTIMIZERS

HAS_SERVER = sys.platform == "linux"

LONGEST_TEMPDIR = 60
"""Characters of a folder in which a socket is made."""

_context: Any = get_context("forkserver" if HAS_SERVER else "spawn")


def preload(optimizers: Collection[str]) -> None:
    """Load what processes of ``optimizers`` import, in the background; modules of others only in their own runs."""
    modules = {OPTIMIZERS.get(name).factory.partition(":")[0] for name in optimizers}
    _context.set_forkserver_preload(["bench.preloaded", *sorted(m for m in modules if m.startswith("optimizers."))])
    if HAS_SERVER:
        with _undisturbed(), _sockets_in_short_paths():
            forkserver.ensure_running()


def start(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Call ``target`` in a process of its own."""
    process: BaseProcess = _context.Process(target=target, args=arguments)
    try:
        with _undisturbed():
            process.start()
    except BaseException:  # Ctrl-C has waited for the start
        kill(process)
        raise
    return process


def kill(process: BaseProcess) -> None:
    """End a process and what it has started in its session; what has ended already is no fault."""
    if process.pid is not None and hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.is_alive():
        process.kill()


@contextmanager
def _sockets_in_short_paths() -> Iterator[None]:
    """Let the server's socket be made where its path is not too long for one (108 bytes), whatever TMPDIR says."""
    before = tempfile.tempdir
    if len(tempfile.gettempdir()) > LONGEST_TEMPDIR:
        tempfile.tempdir = "/tmp"
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Start a process that Ctrl-C does not reach, and that finds no modules in the current folder."""
    blocks = hasattr(signal, "pthread_sigmask")
    before = os.environ.get("PYTHONSAFEPATH", "")
    os.environ["PYTHONSAFEPATH"] = "1"
    if HAS_SERVER:
        resource_tracker.ensure_running()  # starting it would unblock the signals again
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocks else set()
    try:
        yield
    finally:
        os.environ["PYTHONSAFEPATH"] = before
        if blocks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
