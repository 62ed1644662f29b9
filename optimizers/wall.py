"""The wall limit: checked at every evaluation, and enforced on a method that stays away from evaluating."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from types import FrameType
from typing import NoReturn

import numpy as np

from optimizers.contract import FloatArray, IntArray, Objective
from optimizers.evaluators import RunEnded, Wrapper

REPEAT_SECONDS = 0.25

GRACE_SECONDS = 0.25
"""How long after the limit an optimizer may take to evaluate again before it is interrupted: an exception in the midst
of compiled code can crash the process, so those who come back by themselves are left alone."""


class WallLimitReached(RunEnded):
    """The time is over."""


class WallLimited(Wrapper):
    """Ends the run at the first evaluation after ``seconds``; None never does.

    Attributes:
        is_reached: Whether it has tried to end the run.
        is_over: Whether the run has ended, so that no signal must end it any more.
    """

    def __init__(self, inner: Objective, seconds: float | None) -> None:
        super().__init__(inner)
        self.seconds = seconds
        self._deadline = np.inf if seconds is None else perf_counter() + seconds
        self._evaluating = False
        self.is_reached = self.is_over = False

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Values ``(P,)`` or ``(P, 2)``; raises ``WallLimitReached`` after the deadline."""
        if perf_counter() >= self._deadline:
            self._end()
        self._evaluating = True
        try:
            return super().evaluate(cores, priorities)
        finally:
            self._evaluating = False

    def interrupt(self, signum: int, frame: FrameType | None) -> None:
        """End the run from a signal, unless it is evaluating: then the record would be left half-updated."""
        if not self._evaluating and not self.is_over:
            self._end()

    def _end(self) -> NoReturn:
        self.is_reached = True
        raise WallLimitReached


@contextmanager
def alarm(limited: WallLimited) -> Iterator[None]:
    """Interrupt the optimizer soon after the wall limit, again and again lest it catches the first.

    By SIGALRM, so only in the main thread and where the system has it; elsewhere only evaluations end the run.
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
