"""The journal of a run: a file with the results so far, which survives if the optimizer's process is killed.

The file begins with four numbers that are overwritten in place: evaluations, seconds since the start, seconds in
``evaluate``, and the time at which the process will be killed at the latest. Then follow the mappings that entered the
record and the checkpoints. Nothing is synced to disk: a journal survives its process, but not a crash of the machine.
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

from problems.arrays import FloatArray, IntArray

HEAD = struct.Struct("=qddd")
_MAPPING = struct.Struct("=cqdqq")  # kind, evaluation, seconds, values, jobs
_CHECKPOINT = struct.Struct("=cqd")
_KINDS = {b"m": _MAPPING, b"c": _CHECKPOINT}


class Journal:
    """Writes a journal.

    Args:
        path: File to write; an existing one is overwritten.

    Raises:
        OSError: If the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        os.write(self._file, HEAD.pack(0, 0.0, 0.0, np.inf))
        self._head = mmap.mmap(self._file, HEAD.size)
        self._deadline = np.inf

    def expect_end(self, seconds: float) -> None:
        """Record that the process will be killed in ``seconds``."""
        self._deadline = monotonic() + seconds
        self.count(0, 0.0, 0.0)

    def count(self, num_evaluations: int, elapsed: float, evaluate_seconds: float) -> None:
        """Record the progress of the run."""
        HEAD.pack_into(self._head, 0, num_evaluations, elapsed, evaluate_seconds, self._deadline)

    def enter(
        self, evaluation: int, elapsed: float, values: FloatArray, cores: IntArray, priorities: FloatArray
    ) -> None:
        """Append a mapping ``(G,)`` with its ``values`` ``(k,)``."""
        head = _MAPPING.pack(b"m", evaluation, elapsed, len(values), len(cores))
        self._append(head + values.tobytes() + cores.tobytes() + priorities.tobytes())

    def checkpoint(self, num_evaluations: int, elapsed: float) -> None:
        """Append the time at which ``num_evaluations`` were reached."""
        self._append(_CHECKPOINT.pack(b"c", num_evaluations, elapsed))

    def _append(self, content: bytes) -> None:
        with suppress(OSError):  # disk full: the run goes on, and storing its result will report it
            os.write(self._file, content)


def was_overdue(path: Path) -> bool:
    """Whether the process with the journal at ``path`` has reached the time to be killed; False without a journal."""
    try:
        deadline: float = HEAD.unpack_from(path.read_bytes())[3]
    except (OSError, struct.error):
        return False
    return monotonic() >= deadline


_Entry = tuple[int, float, tuple[FloatArray, IntArray, FloatArray] | None]


def entries_of(content: bytes) -> Iterator[_Entry]:
    """Yield evaluation and seconds of each entry; for mappings also values, cores and priorities, else None."""
    place = HEAD.size
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
