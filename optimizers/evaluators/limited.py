"""The way in to a run's evaluators: one thread at a time, until a time limit is reached or the run is over.

Time limits are checked at every evaluation, and enforced by signals on optimizers that do not evaluate.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, NoReturn

from optimizers.evaluators.stopwatch import Stopwatch
from optimizers.evaluators.wrapper import RunEnded, Wrapper
from problems.arrays import FloatArray, IntArray
from problems.space import Evaluator

REPEAT_SECONDS = 0.25
"""Interval between interrupts, in case the optimizer catches the first."""

GRACE_SECONDS = 0.25
"""Time after the limit in which an optimizer may evaluate again before it is interrupted: an exception inside compiled
code can crash the process, so optimizers that return by themselves are not interrupted."""

OVERDUE_SECONDS = 1e-3
"""After which a timer of the caller's goes off that would have done so during the run."""

_ALARMS = {"wall": ("ITIMER_REAL", "SIGALRM"), "cpu": ("ITIMER_PROF", "SIGPROF")}
"""The timer that counts like each clock, and the signal that it sends."""


class LimitReached(RunEnded):
    """A time limit is reached."""


class Limit(NamedTuple):
    """A time limit.

    Attributes:
        name: ``wall`` or ``cpu``.
        clock: Seconds since the start of the run.
        seconds: What the clock must not exceed.
    """

    name: str
    clock: Callable[[], float]
    seconds: float


class Limited(Wrapper):
    """Ends the run at the first evaluation after a limit; evaluates for one thread at a time.

    Wrapped around all others, so that they need not mind threads.

    Args:
        inner: The evaluator to wrap.
        stopwatch: Clocks of the run.
        wall_seconds: Limit of wall seconds; None for no limit.
        cpu_seconds: Limit of CPU seconds; None for no limit.

    Attributes:
        limits: The limits that are set.
        reached: Name of the limit at which this wrapper has tried to end the run, or "".
        is_over: Whether the run has ended: nothing is evaluated any more, and signals are ignored.
    """

    def __init__(
        self,
        inner: Evaluator,
        stopwatch: Stopwatch,
        *,
        wall_seconds: float | None = None,
        cpu_seconds: float | None = None,
    ) -> None:
        super().__init__(inner)
        both = (("wall", stopwatch.wall, wall_seconds), ("cpu", stopwatch.cpu, cpu_seconds))
        self.limits = tuple(Limit(name, clock, seconds) for name, clock, seconds in both if seconds is not None)
        self._entrance = threading.Lock()
        self.reached = ""
        self.is_over = False

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``; raise ``LimitReached`` after a limit, ``RunEnded`` after the run."""
        with self._entrance:
            if self.is_over:
                raise RunEnded
            self.check()
            return self._inner.evaluate(cores, priorities)

    def check(self) -> None:
        """End the run if a limit is reached; raise ``LimitReached``."""
        for name, clock, seconds in self.limits:
            if clock() >= seconds:
                self._end(name)

    def interrupt(self, name: str) -> None:
        """End the run from a signal handler, unless it is evaluating: the record would be left half updated."""
        if not self._entrance.locked() and not self.is_over:
            self._end(name)

    def close(self) -> None:
        """Evaluate nothing more; wait for a thread that is evaluating."""
        self.is_over = True
        with self._entrance:
            pass

    def _end(self, name: str) -> NoReturn:
        self.reached = self.reached or name
        raise LimitReached


@contextmanager
def alarms(limited: Limited) -> Iterator[None]:
    """Interrupt the optimizer soon after a limit, repeatedly in case it catches the exception.

    This uses SIGALRM and SIGPROF, so it works only in the main thread and on systems that have them; elsewhere the run
    ends at the next evaluation. The timer of the CPU limit stands still while the process sleeps.
    """
    with ExitStack() as timers:
        if threading.current_thread() is threading.main_thread():
            for limit in limited.limits:
                timers.enter_context(_alarm(limited, limit))
        try:
            yield
        finally:
            limited.is_over = True  # no signal may interrupt what follows


@contextmanager
def _alarm(limited: Limited, limit: Limit) -> Iterator[None]:
    timer, number = (getattr(signal, name, None) for name in _ALARMS[limit.name])
    if timer is None or number is None or signal.getsignal(number) is None:  # no such signals, or foreign code has them
        yield
        return
    handler = signal.signal(number, lambda signum, frame: limited.interrupt(limit.name))
    left, interval = signal.setitimer(timer, limit.seconds + GRACE_SECONDS, REPEAT_SECONDS)
    start = limit.clock()
    try:
        yield
    finally:
        signal.setitimer(timer, 0.0)
        signal.signal(number, handler)
        if left:  # a timer of the caller's, which has gone on meanwhile
            signal.setitimer(timer, max(left - (limit.clock() - start), OVERDUE_SECONDS), interval)
