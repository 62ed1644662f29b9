"""Signals that ask a command to end: Ctrl-C, SIGTERM, and the end of the terminal."""

from __future__ import annotations

import os
import signal
import sys
from threading import Timer
from types import FrameType
from typing import TYPE_CHECKING

from problems.foundation.errors import Interrupted

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_wanted: list[signal.Signals] = []
_received: list[int] = []

AGAIN_SECONDS = 0.01
"""Time after which an interruption comes again that Python could not raise."""


def interrupt_once() -> None:
    """Let the first of the signals raise ``Interrupted``, and ignore further ones while it cleans up.

    After another call the next one counts again. A signal that was ignored from the start, as by nohup, stays ignored.
    """
    if not _wanted:
        _wanted.extend(s for s in _SIGNALS if signal.getsignal(s) is not signal.SIG_IGN)
    for wanted in _wanted:
        signal.signal(wanted, _interrupt)
    sys.unraisablehook = _on_unraisable


def ignore_interrupts() -> None:
    """Ignore the signals from now on: the process is about to exit."""
    for wanted in _wanted:
        signal.signal(wanted, signal.SIG_IGN)


def interruption() -> Interrupted:
    """Return the interruption by the last of the signals that came, for those who have not caught it themselves."""
    return Interrupted(_received[-1] if _received else signal.SIGINT)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    ignore_interrupts()
    _received.append(signum)
    raise Interrupted(signum)


def _on_unraisable(unraisable: UnraisableHookArgs) -> None:
    """Take an error that Python cannot raise, as in a destructor.

    An interruption comes again a moment later, outside. What else fails after one is about objects that it has left
    half made, and no longer told.
    """
    error = unraisable.exc_value
    if isinstance(error, Interrupted):
        interrupt_once()
        again = Timer(AGAIN_SECONDS, os.kill, (os.getpid(), _received.pop()))
        again.daemon = True
        again.start()
    elif not _received:
        sys.__unraisablehook__(unraisable)
