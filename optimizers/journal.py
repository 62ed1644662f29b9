"""A journal of a run, in a file: what was evaluated outlives the optimizer, and the process that it is killed with.

The file begins with four numbers that are overwritten in place: evaluations, seconds since the start, seconds in
``evaluate``, and the time at which the process will be ended at the latest. Behind them every mapping that changed the
record is appended. Nothing is synced to disk: a journal outlives its process, not the machine.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import numpy as np

from optimizers.contract import FloatArray, IntArray
from optimizers.evaluators import Recorded, Timed, Wrapper

_HEAD = struct.Struct("=qddd")
_MAPPING = struct.Struct("=cqdqq")  # kind, evaluation, seconds, values, jobs
_CHECKPOINT = struct.Struct("=cqd")
_KINDS = {b"m": _MAPPING, b"c": _CHECKPOINT}


class Journal:
    """The file as its writer sees it.

    Args:
        path: Written anew.

    Raises:
        OSError: If it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        os.write(self._file, _HEAD.pack(0, 0.0, 0.0, np.inf))
        self._head = mmap.mmap(self._file, _HEAD.size)
        self._deadline = np.inf

    def expect_end(self, seconds: float) -> None:
        """Say that the process will be ended in so many seconds."""
        self._deadline = monotonic() + seconds
        self.count(0, 0.0, 0.0)

    def count(self, num_evaluations: int, elapsed: float, evaluate_seconds: float) -> None:
        """Say how far the run is."""
        _HEAD.pack_into(self._head, 0, num_evaluations, elapsed, evaluate_seconds, self._deadline)

    def enter(
        self, evaluation: int, elapsed: float, values: FloatArray, cores: IntArray, priorities: FloatArray
    ) -> None:
        """Append a mapping ``(G,)`` with its ``values`` ``(k,)``."""
        head = _MAPPING.pack(b"m", evaluation, elapsed, len(values), len(cores))
        self._append(head + values.tobytes() + cores.tobytes() + priorities.tobytes())

    def checkpoint(self, num_evaluations: int, elapsed: float) -> None:
        """Append when so many evaluations were reached."""
        self._append(_CHECKPOINT.pack(b"c", num_evaluations, elapsed))

    def _append(self, content: bytes) -> None:
        with suppress(OSError):  # a full disk: the run goes on, and storing its result will tell
            os.write(self._file, content)


class Journaled(Wrapper):
    """Writes a journal of what a record learns."""

    def __init__(self, record: Recorded, timed: Timed, journal: Journal) -> None:
        super().__init__(record)
        self._record, self._timed, self._journal = record, timed, journal
        self._checkpoints = 0

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Values ``(P,)`` or ``(P, 2)``."""
        record, before = self._record, self._record.num_evaluations
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


def was_overdue(path: Path) -> bool:
    """Whether the process whose journal is at ``path`` has lived to the time at which it had to end; False without."""
    try:
        deadline: float = _HEAD.unpack_from(path.read_bytes())[3]
    except (OSError, struct.error):
        return False
    return monotonic() >= deadline


def replay(path: Path, record: Recorded) -> tuple[float, float]:
    """Let a new ``record`` learn what the journal at ``path`` holds; seconds since the start, and in ``evaluate``.

    A last entry that is cut short is left out. Without a readable file nothing is learned.
    """
    try:
        content = path.read_bytes()
        num_evaluations, elapsed, evaluate_seconds, _ = _HEAD.unpack_from(content)
    except (OSError, struct.error):
        return 0.0, 0.0
    for evaluation, seconds, mapping in _entries(content):
        if mapping is None:
            record.checkpoints.append((evaluation, seconds))
            continue
        values, cores, priorities = mapping
        record.num_evaluations = evaluation - 1
        record.learn(cores[None], priorities[None], values if len(values) == 1 else values[None], seconds)
    record.num_evaluations = num_evaluations
    return elapsed, evaluate_seconds


_Entry = tuple[int, float, tuple[FloatArray, IntArray, FloatArray] | None]


def _entries(content: bytes) -> Iterator[_Entry]:
    """Evaluation and seconds of each entry, and the values, cores and priorities of a mapping."""
    place = _HEAD.size
    while (kind := _KINDS.get(content[place : place + 1])) and place + kind.size <= len(content):
        _, evaluation, seconds, *sizes = kind.unpack_from(content, place)
        place += kind.size
        if not sizes:
            yield evaluation, seconds, None
            continue
        num_values, num_jobs = sizes
        end = place + 8 * (num_values + 2 * num_jobs)
        if end > len(content):
            return
        parts = (("f8", num_values), ("i8", num_jobs), ("f8", num_jobs))
        arrays = []
        for dtype, size in parts:
            arrays.append(np.frombuffer(content, dtype, size, place).copy())
            place += 8 * size
        yield evaluation, seconds, (arrays[0], arrays[1], arrays[2])
