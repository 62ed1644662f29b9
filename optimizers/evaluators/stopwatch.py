"""The two clocks of a run."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time

from optimizers.result import Moment

try:
    import resource
except ImportError:  # no such system call
    resource = None  # type: ignore[assignment]


class Stopwatch:
    """Measures wall and CPU seconds since it was made or restarted.

    CPU seconds are those of this process, all its threads together, in user and system mode. Child processes do not
    count: the system adds their time only when they have ended, and limits it apart. An optimizer may count them.

    Attributes:
        elsewhere: CPU seconds of other processes that count too.
    """

    def __init__(self) -> None:
        self.elsewhere: Callable[[], float] = lambda: 0.0
        self.restart()

    def restart(self) -> None:
        """Measure from now on."""
        self._wall_start, self._cpu_start = perf_counter(), cpu_seconds()

    def wall(self) -> float:
        """Return wall seconds since the start."""
        return perf_counter() - self._wall_start

    def cpu(self) -> float:
        """Return CPU seconds since the start; about ten times as slow as ``wall``, as it is a system call."""
        return cpu_seconds() - self._cpu_start + self.elsewhere()

    def read(self) -> Moment:
        """Return wall and CPU seconds since the start."""
        return self.wall(), self.cpu()


def cpu_seconds() -> float:
    """Return the CPU seconds of this process so far, to the microsecond where the system can tell.

    Linux counts Python's ``process_time`` in ticks of some milliseconds while a process has a limit of CPU time.
    """
    if resource is None:
        return process_time()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
