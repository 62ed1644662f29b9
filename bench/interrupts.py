"""Signals that ask a command to end: Ctrl-C, SIGTERM, and the end of the terminal."""

from __future__ import annotations

import signal
from types import FrameType

from bench.errors import Interrupted

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_wanted: list[signal.Signals] = []


def interrupt_once() -> None:
    """Let the first of the signals raise ``Interrupted``, and ignore those that follow: tidying up is not disturbed.

    Called again, the next one counts. A signal that the process was started to ignore, as by nohup, stays ignored.
    """
    if not _wanted:
        _wanted.extend(s for s in _SIGNALS if signal.getsignal(s) is not signal.SIG_IGN)
    for wanted in _wanted:
        signal.signal(wanted, _interrupt)


def ignore_interrupts() -> None:
    """Let none of the signals count any more: all is done, and the process is about to exit."""
    for wanted in _wanted:
        signal.signal(wanted, signal.SIG_IGN)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    ignore_interrupts()
    raise Interrupted(signum)
