"""Writing the journal of a run, and reading it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from optimizers.evaluators.recorded import Recorded
from optimizers.evaluators.timed import Timed
from optimizers.evaluators.wrapper import Wrapper
from optimizers.journal import Journal, entries_of, read_head
from optimizers.result import Moment, Seconds
from problems.arrays import FloatArray, IntArray


class Journaled(Wrapper):
    """Writes what a record keeps to a journal."""

    def __init__(self, record: Recorded, timed: Timed, journal: Journal) -> None:
        super().__init__(record)
        self._record = record
        self._timed = timed
        self._journal = journal
        self._checkpoints = 0

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Return values ``(P,)`` or ``(P, 2)``."""
        record = self._record
        before = record.num_evaluations
        values = self._inner.evaluate(cores, priorities)
        for row in record.entered:
            self._journal.enter(
                before + row + 1, record.moment, np.atleast_1d(values[row]), cores[row], priorities[row]
            )
        if len(record.checkpoints) > self._checkpoints:
            self._checkpoints = len(record.checkpoints)
            self._journal.checkpoint(record.num_evaluations, record.moment)
        cpu = record.moment[1]  # this clock is too slow to be read at every evaluation
        self._journal.count(record.num_evaluations, record.stopwatch.wall(), cpu, self._timed.seconds)
        return values


def replay(path: Path, record: Recorded) -> Seconds:
    """Restore a new ``record`` from the journal at ``path``, and return the seconds of the run.

    They end with the last evaluation, CPU seconds with the last that was recorded. A truncated last entry is ignored.
    If the file is missing or unreadable, the record stays empty.
    """
    head = read_head(path)
    if head is None:
        return Seconds(ask=0.0, tell=0.0, evaluate=0.0, total=0.0, cpu=0.0)
    for evaluation, moment, mapping in entries_of(path.read_bytes()):
        if mapping is None:
            record.checkpoints.append((evaluation, *moment))
            continue
        values, cores, priorities = mapping
        record.num_evaluations = evaluation - 1
        batch = cores[None], priorities[None], values if len(values) == 1 else values[None]
        record.learn(*batch, _always(moment))
    record.num_evaluations = head.num_evaluations
    return Seconds(ask=0.0, tell=0.0, evaluate=head.evaluate_seconds, total=head.wall_seconds, cpu=head.cpu_seconds)


def _always(moment: Moment) -> Callable[[], Moment]:
    return lambda: moment
