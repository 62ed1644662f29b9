"""The journal of a run: a file with the results so far, which survives if the optimizer's process is killed.

The file begins with a head of numbers that are overwritten in place, see ``Head``. Then follow the mappings that
entered the record and the checkpoints. Nothing is synced to disk: a journal survives its process, but not a crash of
the machine.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import numpy as np

from optimizers.result import Moment
from problems.arrays import FloatArray, IntArray

_HEAD = struct.Struct("=qddddd")
_PROGRESS = struct.Struct("=qddd")  # of the head, what changes with every evaluation
_ENDS = struct.Struct("=dd")  # and the rest
_MAPPING = struct.Struct("=cqddqq")  # kind, evaluation, moment, values, jobs
_CHECKPOINT = struct.Struct("=cqdd")
_KINDS = {b"m": _MAPPING, b"c": _CHECKPOINT}


class Head(NamedTuple):
    """The head of a journal.

    Attributes:
        num_evaluations: Evaluations so far.
        wall_seconds: Wall seconds from the start to the last evaluation.
        cpu_seconds: CPU seconds from the start to the last evaluation that was recorded as a mapping or a checkpoint.
        evaluate_seconds: Wall seconds in ``evaluate``.
        deadline: Time of the system's monotonic clock at which the process is ended; ``inf`` if it is not.
        cpu_deadline: CPU seconds of the process at which it is ended; ``inf`` if it is not.
    """

    num_evaluations: int
    wall_seconds: float
    cpu_seconds: float
    evaluate_seconds: float
    deadline: float
    cpu_deadline: float


class Journal:
    """Writes a journal.

    Args:
        path: File to write; an existing one is overwritten.

    Raises:
        OSError: If the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        os.write(self._file, _HEAD.pack(0, 0.0, 0.0, 0.0, np.inf, np.inf))
        self._head = mmap.mmap(self._file, _HEAD.size)

    def expect_end(self, seconds: float = np.inf, cpu_deadline: float = np.inf) -> None:
        """Record that the process will be ended in ``seconds``, or when it has used ``cpu_deadline`` CPU seconds."""
        _ENDS.pack_into(self._head, _PROGRESS.size, monotonic() + seconds, cpu_deadline)

    def count(self, num_evaluations: int, wall_seconds: float, cpu_seconds: float, evaluate_seconds: float) -> None:
        """Record the progress of the run; see ``Head``."""
        _PROGRESS.pack_into(self._head, 0, num_evaluations, wall_seconds, cpu_seconds, evaluate_seconds)

    def enter(
        self, evaluation: int, moment: Moment, values: FloatArray, cores: IntArray, priorities: FloatArray
    ) -> None:
        """Append a mapping ``(G,)`` with its ``values`` ``(k,)``."""
        head = _MAPPING.pack(b"m", evaluation, *moment, len(values), len(cores))
        self._append(head + values.tobytes() + cores.tobytes() + priorities.tobytes())

    def checkpoint(self, num_evaluations: int, moment: Moment) -> None:
        """Append the time at which ``num_evaluations`` were reached."""
        self._append(_CHECKPOINT.pack(b"c", num_evaluations, *moment))

    def close(self) -> None:
        """Close the file; whatever else is recorded is lost."""
        with suppress(OSError):  # the run has closed whatever was open
            os.close(self._file)
        self._file = -1  # a thread that a run has left behind must not write into another file
        self._head.close()

    def _append(self, content: bytes) -> None:
        with suppress(OSError):  # disk full: the run goes on, and storing its result will report it
            os.write(self._file, content)


def read_head(path: Path) -> Head | None:
    """Return the head of the journal at ``path``; None if it is missing or unreadable."""
    try:
        return Head._make(_HEAD.unpack_from(path.read_bytes()))
    except (OSError, struct.error):
        return None


def limit_that_ended(path: Path, exit_code: int | None) -> str:
    """Return which limit ended the process with the journal at ``path``: ``wall``, ``cpu``, or "" if none did.

    For its parent, when the process is gone without a result. ``exit_code`` is that of ``multiprocessing``: the
    negative number of the signal that ended the process.
    """
    head = read_head(path)
    if head is None:
        return ""
    if head.cpu_deadline < np.inf and exit_code == -getattr(signal, "SIGXCPU", 0):
        return "cpu"
    return "wall" if monotonic() >= head.deadline else ""


_Entry = tuple[int, Moment, tuple[FloatArray, IntArray, FloatArray] | None]


def entries_of(content: bytes) -> Iterator[_Entry]:
    """Yield evaluation and moment of each entry; for mappings also values, cores and priorities, else None."""
    place = _HEAD.size
    while (kind := _KINDS.get(content[place : place + 1])) and place + kind.size <= len(content):
        _, evaluation, wall, cpu, *sizes = kind.unpack_from(content, place)
        place += kind.size
        if not sizes:
            yield evaluation, (wall, cpu), None
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
        yield evaluation, (wall, cpu), (arrays[0], arrays[1], arrays[2])
