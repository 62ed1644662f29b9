"""Starting and ending processes for runs and searches: quick to start, out of reach of Ctrl-C.

Where that is safe they are forked from a server that has loaded what they need; elsewhere each starts from nothing.
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
from threading import Lock
from types import ModuleType
from typing import Any

from optimizers import OPTIMIZERS
from optimizers.limits import ONE_THREAD

HAS_SERVER = sys.platform == "linux"

_SAFE_PATH, _OWN = "PYTHONSAFEPATH", "m3e"
"""The setting that keeps the current folder off the path, and its value where the user has not set it."""

LONGEST_TEMPDIR = 60
"""Longest path, in characters, of a folder in which a socket is made."""

_starting = Lock()
"""Held while the environment is changed; runs are started by several threads."""

_context: Any = get_context("forkserver" if HAS_SERVER else "spawn")


def preload(target: Callable[..., object], optimizers: Collection[str]) -> None:
    """Load in the background what processes need that call ``target`` and run ``optimizers``.

    Modules of other packages are imported only in the processes of their own runs.
    """
    homes = {OPTIMIZERS.get(name).factory.partition(":")[0] for name in optimizers}
    own = sorted(home for home in homes if home.startswith("optimizers."))
    # The last one keeps the garbage collector away from what all have loaded.
    _context.set_forkserver_preload([target.__module__, *own, "bench.isolation.preloaded"])
    if HAS_SERVER:
        with _starting, _undisturbed(), _without_main(), _sockets_in_short_paths():
            forkserver.ensure_running()


def start(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Call ``target`` in a new process."""
    process: BaseProcess = _context.Process(target=_begin, args=(target, *arguments))
    try:
        with _starting, _undisturbed(), _without_main():
            process.start()
    except BaseException:  # Ctrl-C has waited for the start
        kill(process)
        raise
    return process


def _begin(target: Callable[..., None], *arguments: Any) -> None:
    """Call ``target`` in the new process; programs that it starts have their own folder on their path, as elsewhere."""
    if os.environ.get(_SAFE_PATH) == _OWN:
        del os.environ[_SAFE_PATH]
    target(*arguments)


def kill(process: BaseProcess) -> None:
    """End a process and what it has started in its session; it may have ended already."""
    if process.pid is not None and hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.is_alive():
        process.kill()


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the main module, which processes would import first: they call functions of the suite only."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _sockets_in_short_paths() -> Iterator[None]:
    """Make the server's socket where its path fits the limit for sockets (108 bytes), whatever TMPDIR says."""
    before = tempfile.tempdir
    if len(tempfile.gettempdir()) > LONGEST_TEMPDIR:
        tempfile.tempdir = "/tmp"
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Make processes started inside immune to Ctrl-C, single-threaded, and keep the current folder off their path."""
    blocks = hasattr(signal, "pthread_sigmask")
    settings = {_SAFE_PATH: os.environ.get(_SAFE_PATH) or _OWN, **ONE_THREAD}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    if HAS_SERVER:
        resource_tracker.ensure_running()  # starting it would unblock the signals again
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocks else set()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if blocks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
