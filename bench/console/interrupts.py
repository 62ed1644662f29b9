"""Signals that ask a command to end: Ctrl-C, SIGTERM, and the end of the terminal."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, SimpleNamespace, TracebackType
from typing import TYPE_CHECKING

from problems.foundation.errors import Interrupted

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_wanted: list[signal.Signals] = []
_received: list[int] = []
_hooks: list[Callable[[UnraisableHookArgs], object]] = []
_next = SimpleNamespace(counts=False)
"""Whether the next signal interrupts."""

AGAIN_SECONDS = 0.01
"""Time after which an interruption comes again that Python could not raise."""


def interrupt_once() -> None:
    """Let the first of the signals raise ``Interrupted``, and ignore further ones while it cleans up.

    After another call the next one counts again. A signal that was ignored from the start, as by nohup, stays ignored.
    """
    if not _wanted:
        _wanted.extend(s for s in _SIGNALS if signal.getsignal(s) is not signal.SIG_IGN)
    if not _hooks:
        _hooks.append(sys.unraisablehook)
        sys.unraisablehook = _on_unraisable
    _next.counts = True
    for wanted in _wanted:
        signal.signal(wanted, _interrupt)


def ignore_interrupts() -> None:
    """Ignore the signals from now on: the process is about to exit."""
    for wanted in _wanted:
        signal.signal(wanted, signal.SIG_IGN)


def interruption() -> Interrupted:
    """Return the interruption by the last of the signals that came, for those who have not caught it themselves."""
    return Interrupted(_received[-1] if _received else signal.SIGINT)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    if _next.counts:
        _next.counts = False
        _received.append(signum)
        raise Interrupted(signum)


def _on_unraisable(unraisable: UnraisableHookArgs) -> None:
    """Take an error that Python cannot raise, as in a destructor.

    An interruption comes again a moment later, outside. What else fails while one is cleaned up after is about objects
    that it has left half made, and is not told.
    """
    if _is_interruption(unraisable):
        with suppress(RuntimeError):  # the interpreter is ending, and starts no threads
            _thread.start_new_thread(_interrupt_again, (_received.pop(),))
    elif _next.counts:
        _hooks[0](unraisable)


def _is_interruption(unraisable: UnraisableHookArgs) -> bool:
    """Whether it is one, or an error that followed one below the place that could raise none."""
    error, frames = unraisable.exc_value, _frames(unraisable.exc_traceback)
    while error is not None and not isinstance(error, Interrupted):
        error = error.__cause__ or error.__context__
        if error is not None:
            above, frames = frames, _frames(error.__traceback__)
            if not above & frames:  # it is being dealt with further up
                return False
    return error is not None


def _frames(trace: TracebackType | None) -> set[FrameType]:
    return {frame for frame, _ in traceback.walk_tb(trace)}


def _interrupt_again(signum: int) -> None:
    time.sleep(AGAIN_SECONDS)
    _next.counts = True
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signum)
    else:
        signal.raise_signal(signum)
