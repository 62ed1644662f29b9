"""Run folders: how a run is stored, and read back at any stage.

A folder holds ``spec.json`` (what was run, with which versions), then ``trajectory.json`` (improvements),
``mapping.json`` (the best mapping, and with two objectives the front), ``timing.json`` (everything that differs
between two equal runs), optionally ``trace.npz`` (every value), and, written last, ``end.json``. Only this end record
makes a run complete. Every file is written atomically, and what does not depend on the clock is the same to the byte,
whenever and wherever the run is done. To merge campaigns, copy their run folders together.

The value of a run is the lowest objective value that it found; with two objectives it is the hypervolume shortfall of
the front. It is null if no mapping that can run was found.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import check_integer, is_number
from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import Json, read_json
from problems.foundation.text import printable, text_of
from reports.storage.spec import RunSpec

T = TypeVar("T")

FORMAT = 3
TRACE_FILE = "trace.npz"

JOURNAL_FILE = "journal"
"""Journal of what was evaluated so far, in the folder of a run at work."""

UNSTORED = 70
"""Exit code of a process that could not store its run."""

STATUSES = ("complete", "cut", "failed")
PARTS = ("ask", "tell", "evaluate", "total")
"""Parts of a run's time."""


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A run as it is stored, finished or not.

    Attributes:
        id: Name of the folder.
        spec: Specification of the run.
        label: The campaign's label of the optimizer; without a campaign its name.
        environment: ``versions`` of the libraries, ``settings`` and ``first_population`` of the optimizer, ``python``.
        status: ``complete``, ``cut`` (wall limit), ``failed``, or ``unfinished`` (no end record).
        message: Reason why it was cut or failed.
        num_evaluations: Number of mappings scored.
        best_value: Lowest value, NaN if there is none; with two objectives the hypervolume shortfall.
        trace_evaluations: ``(n,)`` evaluations, counted from 1, at which the best value improved.
        trace_values: ``(n,)`` best values from then on.
        trace_seconds: ``(n,)`` seconds since the start.
        checkpoints: ``(m, 2)`` evaluations and seconds since the start.
        seconds: Seconds of ``ask``, ``tell``, ``evaluate`` and ``total``.
        cores: ``(G,)`` cores of the best mapping, or empty; with two objectives of the first in the front.
        priorities: ``(G,)`` priorities, likewise.
        front_values: ``(m, k)`` values of the Pareto front, by ascending first value; with one objective of the best
            mapping alone; empty if no mapping can run.
        front_cores: ``(m, G)`` cores, likewise.
        front_priorities: ``(m, G)`` priorities, likewise.
        folder: Folder that it was read from.
    """

    id: str
    spec: RunSpec
    label: str
    environment: Mapping[str, object]
    status: str = "unfinished"
    message: str = ""
    num_evaluations: int = 0
    best_value: float = np.nan
    trace_evaluations: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    trace_values: FloatArray = field(default_factory=lambda: np.zeros(0))
    trace_seconds: FloatArray = field(default_factory=lambda: np.zeros(0))
    checkpoints: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    seconds: Mapping[str, float] = field(default_factory=dict)
    cores: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    priorities: FloatArray = field(default_factory=lambda: np.zeros(0))
    front_values: FloatArray = field(default_factory=lambda: np.zeros((0, 1)))
    front_cores: IntArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    front_priorities: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    folder: Path | None = None

    def full_trace(self) -> Mapping[str, npt.NDArray[Any]]:  # of the types in which they are stored
        """Read all ``values`` ``(n,)``, and if stored ``cores`` and ``priorities`` ``(n, G)``; {} if there is no trace.

        Raises:
            StorageError: If the file is damaged.
        """
        path = self.folder / TRACE_FILE if self.folder else None
        if path is None or not path.is_file():
            return {}
        try:
            with np.load(path) as trace:
                return dict(trace)
        except (OSError, ValueError, KeyError, EOFError, MemoryError, BadZipFile, zlib.error) as error:
            raise StorageError(f"{path} is damaged: {printable(error, 300)}") from error


def has_ended(folder: Path) -> str:
    """Return the status in the end record of a run folder, or "" if the run must be done (again).

    A run without an end record, or with a file that cannot be read, has not ended.
    """
    if not (folder / "end.json").is_file():
        return ""
    try:
        return read_run(folder).status
    except StorageError:
        return ""


def read_run(folder: Path) -> StoredRun:
    """Read the run in ``folder``, whatever stage it is at.

    Raises:
        StorageError: If a required file is missing or damaged, or has another format.
    """
    head = read_json(folder / "spec.json")
    try:
        _check_format(folder, head["format"])
        spec = RunSpec.from_json(head["spec"])
        _expect("the id of the specification", spec.id, head["id"])
        run = StoredRun(spec.id, spec, spec.optimizer, _environment(head["environment"]), folder=folder)
        return _with_end(run, folder) if (folder / "end.json").is_file() else run
    except _DAMAGED as error:
        reason = str(error) if isinstance(error, InvalidInput) else f"{type(error).__name__}: {error}"
        raise StorageError(f"{folder} is damaged: {printable(reason, 300)}") from error


_DAMAGED = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, MemoryError, RecursionError)
"""Exceptions that reading a damaged file may raise."""


def _environment(content: Json) -> dict[str, object]:
    """Return the versions of Python and the libraries, and the settings of the optimizer."""
    return {
        "python": printable(content["python"]),
        "versions": {printable(name): printable(version) for name, version in content["versions"].items()},
        "settings": dict(content["settings"]),
        **{key: content[key] for key in ("first_population",) if key in content},
    }


def _check_format(place: Path, found: object) -> None:
    if found != FORMAT:
        raise StorageError(
            f"{place} is of another format: expected {FORMAT}, got {printable(text_of(found, repr), 40)}. "
            "Read it with the version of m3e that wrote it, or run the campaign again."
        )


def _expect(what: str, expected: object, actual: object) -> None:
    if actual != expected:
        raise InvalidInput(what, expected=repr(expected), actual=actual)


def _with_end(run: StoredRun, folder: Path) -> StoredRun:
    """Return the run with what its end record makes valid, if its files agree with each other."""
    end = read_json(folder / "end.json")
    if end["status"] not in STATUSES:
        raise InvalidInput("end.json: status", expected=" or ".join(STATUSES), actual=end["status"])
    run = replace(
        run,
        status=end["status"],
        message=printable(_typed("end.json: message", end["message"], str)),
        num_evaluations=check_integer("end.json: num_evaluations", end["num_evaluations"], 0, run.spec.budget),
        best_value=_number(end["best_value"]),
    )
    return _with_result(run, folder, end) if run.num_evaluations else run


def _with_result(run: StoredRun, folder: Path, end: Json) -> StoredRun:
    """Return the run with its trajectory, mapping and timing."""
    trajectory, mapping = read_json(folder / "trajectory.json"), read_json(folder / "mapping.json")
    timing = read_json(folder / "timing.json")
    evaluations, values = _typed("trajectory.json: evaluations", trajectory["evaluations"], list), trajectory["values"]
    _expect("trajectory.json: last value", end["best_value"], values[-1] if values else None)
    _expect("mapping.json: value", end["best_value"], mapping["value"])
    for what, own in (("evaluations", evaluations), ("seconds", timing["trajectory_seconds"])):
        _expect(f"number of {what} in the trajectory", len(values), len(own))
    run = replace(
        run,
        trace_evaluations=_rising(evaluations, run.num_evaluations),
        trace_values=_falling(values),
        trace_seconds=_seconds("trajectory_seconds", timing["trajectory_seconds"]).reshape(len(values)),
        checkpoints=_seconds("checkpoints", [[e, s] for e, s in timing["checkpoints"]]).reshape(-1, 2),
        seconds={part: _seconds(part, timing["seconds"][part]).item() for part in PARTS},
    )
    return _with_mapping(run, mapping)


def _typed(what: str, value: object, kind: type[T]) -> T:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise InvalidInput(what, expected=f"a value of type {kind.__name__}", actual=value)
    return value


def _rising(evaluations: Sequence[object], most: int) -> IntArray:
    """Return ``(n,)`` evaluations, each above the one before."""
    counts = np.array([check_integer("trajectory.json: evaluations", e, 0, most) for e in evaluations], dtype=np.int64)
    if (np.diff(counts) <= 0).any() or (counts < 1).any():
        raise InvalidInput("trajectory.json: evaluations", expected="rising numbers from 1", actual=counts.tolist())
    return counts


def _falling(values: Sequence[object]) -> FloatArray:
    """Return ``(n,)`` values, each below the one before; null becomes NaN and may only come first."""
    numbers = np.array([_number(v) for v in values])
    if (np.diff(numbers) >= 0).any() or np.isnan(numbers[1:]).any():
        raise InvalidInput("trajectory.json: values", expected="falling numbers", actual=numbers.tolist())
    return numbers


def _seconds(what: str, values: npt.ArrayLike) -> FloatArray:
    """Return ``values`` as finite numbers of at least 0."""
    numbers = np.array(values)
    if numbers.dtype.kind not in "if" and numbers.size:
        raise InvalidInput(f"timing.json: {what}", expected="numbers", actual=values)
    if not (np.isfinite(numbers.astype(np.float64)) & (numbers >= 0)).all():
        raise InvalidInput(f"timing.json: {what}", expected="finite numbers of at least 0", actual=values)
    return numbers.astype(np.float64)


def _with_mapping(run: StoredRun, mapping: Json) -> StoredRun:
    """Return the run with its best mapping and its front, if they agree with each other."""
    cores, priorities, value = mapping["cores"], mapping["priorities"], mapping["value"]
    alone = [] if value is None else [{"cores": cores, "priorities": priorities, "values": [value]}]
    front = mapping.get("front", alone)
    _expect("mapping.json: whether it holds a mapping that can run", value is not None, bool(front))
    if front:
        _expect("mapping.json: first of the front", [cores, priorities], [front[0]["cores"], front[0]["priorities"]])
    _expect("mapping.json: number of priorities", len(cores), len(priorities))
    values = _rows(front, "values", 2 if "front" in mapping else 1)
    if (np.diff(values[:, 0]) <= 0).any() or ("front" in mapping and (np.diff(values[:, 1]) >= 0).any()):
        expected = "mappings of which none dominates another, by ascending first value"
        raise InvalidInput("mapping.json: front", expected=expected, actual=values.tolist())
    return replace(
        run,
        cores=np.array(cores, dtype=np.int64),
        priorities=np.array(priorities, dtype=np.float64),
        front_values=values,
        front_cores=_rows(front, "cores", len(cores)).astype(np.int64),
        front_priorities=_rows(front, "priorities", len(cores)),
    )


def _rows(front: Json, key: str, size: int) -> FloatArray:
    """Return one part of all mappings of a front, ``(m, size)``."""
    rows = np.array([mapping[key] for mapping in front], dtype=np.float64).reshape(len(front), size)
    if not np.isfinite(rows).all():
        raise InvalidInput(f"mapping.json: front: {key}", expected="finite numbers", actual=rows.tolist())
    return rows


def _number(value: object) -> float:
    """Return a finite number; NaN for null."""
    if value is None:
        return np.nan
    if not is_number(value) or not np.isfinite(value):
        raise InvalidInput("value", expected="a finite number or null", actual=value)
    return float(value)
