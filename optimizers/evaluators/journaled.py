"""Writing the journal of a run, and reading it back."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from optimizers.evaluators.recorded import Recorded
from optimizers.evaluators.timed import Timed
from optimizers.evaluators.wrapper import Wrapper
from optimizers.journal import HEAD, Journal, entries_of
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
        values = super().evaluate(cores, priorities)
        for row in record.entered:
            self._journal.enter(
                before + row + 1, record.elapsed, np.atleast_1d(values[row]), cores[row], priorities[row]
            )
        for checkpoint in record.checkpoints[self._checkpoints :]:
            self._journal.checkpoint(*checkpoint)
        self._checkpoints = len(record.checkpoints)
        self._journal.count(record.num_evaluations, record.elapsed, self._timed.seconds)
        return values


def replay(path: Path, record: Recorded) -> tuple[float, float]:
    """Restore a new ``record`` from the journal at ``path``.

    A truncated last entry is ignored. If the file is missing or unreadable, the record stays empty.

    Returns:
        Seconds since the start of the run, and seconds in ``evaluate``.
    """
    try:
        content = path.read_bytes()
        num_evaluations, elapsed, evaluate_seconds, _ = HEAD.unpack_from(content)
    except (OSError, struct.error):
        return 0.0, 0.0
    for evaluation, seconds, mapping in entries_of(content):
        if mapping is None:
            record.checkpoints.append((evaluation, seconds))
            continue
        values, cores, priorities = mapping
        record.num_evaluations = evaluation - 1
        record.learn(cores[None], priorities[None], values if len(values) == 1 else values[None], seconds)
    record.num_evaluations = num_evaluations
    return elapsed, evaluate_seconds
