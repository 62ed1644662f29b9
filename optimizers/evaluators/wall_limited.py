"""The wall limit: checked at every evaluation, and enforced by a signal on optimizers that do not evaluate."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from types import FrameType
from typing import NoReturn

import numpy as np

from optimizers.evaluators.wrapper import RunEnded, Wrapper
from problems.arrays import FloatArray, IntArray
from problems.space import Evaluator

REPEAT_SECONDS = 0.25
"""Interval between interrupts, in case the optimizer catches the first."""

GRACE_SECONDS = 0.25
"""Time after the limit in which an optimizer may evaluate again before it is interrupted: an exception inside compiled
code can crash the process, so optimizers that return by themselves are not interrupted."""


class WallLimitReached(RunEnded):
    """The wall limit is reached."""


class WallLimited(Wrapper):
    """Ends the run at the first evaluation after the limit of ``seconds``; None is no limit.

    Attributes:
        is_reached: Whether this wrapper has tried to end the run.
        is_over: Whether the run has ended, so that signals must be ignored.
    """

    def __init__(self, inner: Evaluator, seconds: float | None) -> None:
        super().__init__(inner)
        self.seconds = seconds
        self._deadline = np.inf if seconds is None else perf_counter() + seconds
        self._evaluating = False
        self.is_reached = False
        self.is_over = False

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``; raise ``WallLimitReached`` after the deadline."""
        if perf_counter() >= self._deadline:
            self._end()
        self._evaluating = True
        try:
            return super().evaluate(cores, priorities)
        finally:
            self._evaluating = False

    def interrupt(self, signum: int, frame: FrameType | None) -> None:
        """End the run from a signal handler, unless it is evaluating: the record would be left half updated."""
        if not self._evaluating and not self.is_over:
            self._end()

    def _end(self) -> NoReturn:
        self.is_reached = True
        raise WallLimitReached


@contextmanager
def alarm(limited: WallLimited) -> Iterator[None]:
    """Interrupt the optimizer soon after the wall limit, repeatedly in case it catches the exception.

    This uses SIGALRM, so it works only in the main thread and on systems that have it; elsewhere the run ends at the
    next evaluation.
    """
    usable = hasattr(signal, "SIGALRM") and threading.current_thread() is threading.main_thread()
    if limited.seconds is None or not usable:
        yield
        return
    previous = signal.signal(signal.SIGALRM, limited.interrupt)
    signal.setitimer(signal.ITIMER_REAL, limited.seconds + GRACE_SECONDS, REPEAT_SECONDS)
    try:
        yield
    finally:
        limited.is_over = True
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, previous)
