"""Records: one JSON file holds one run, whole, with its digests.

A record is UTF-8 JSON without blanks and ends with a line feed. Its canonical part is the same to the byte wherever and
whenever the run is done: ``environment`` (versions, platform, settings of the optimizer), ``format``, ``id``,
optionally ``problem`` (the job table, in records of ``m3e map``), ``result`` (status, improvements, mappings) and
``spec`` (what was run); ``sha256`` is its digest. What differs between two equal runs is in ``timing``; its own digest
is that of its text with the record's digest appended, so that it belongs to this record alone. So a reader needs no
more than

    canonical = {key: value for key, value in record.items() if key not in ("sha256", "timing")}
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == record["sha256"]
    times = {key: value for key, value in record["timing"].items() if key != "sha256"}
    text = json.dumps(times, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + record["sha256"]
    assert hashlib.sha256(text.encode()).hexdigest() == record["timing"]["sha256"]

The value of a run is the lowest objective value that it found; with two objectives it is the hypervolume shortfall of
the front. It is null if no mapping that can run was found. A full trace lies beside the record as NPZ of the same name;
its digest is in ``result``.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import read_bytes
from problems.foundation.text import printable, text_of
from reports.storage.content import Content, Environment, Mapped, Outcome, Timing
from reports.storage.spec import RunSpec

FORMAT = 4

STATUSES = ("complete", "cut", "failed")

PARTS = ("ask", "tell", "evaluate", "total", "cpu")
"""Parts of a run's time; all but ``cpu`` are wall time."""

MOST_BYTES = 2**32
"""Size limit of a record; one with the job table of a million jobs on four cores takes 300 MB."""


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A run as it is stored.

    Attributes:
        id: Id of the run, and stem of its file.
        spec: Specification of the run.
        label: The campaign's label of the optimizer; without a campaign its name.
        environment: As in the record.
        status: ``complete``, ``cut`` (by a limit, or interrupted) or ``failed``.
        message: Reason why it was cut or failed.
        num_evaluations: Number of mappings scored.
        best_value: Lowest value, NaN if there is none; with two objectives the hypervolume shortfall.
        trace_evaluations: ``(n,)`` evaluations, counted from 1, at which the best value improved.
        trace_values: ``(n,)`` best values from then on.
        trace_seconds: ``(n,)`` seconds since the start.
        trace_cpu_seconds: ``(n,)`` CPU seconds since the start.
        checkpoints: ``(m, 3)`` evaluations, seconds and CPU seconds since the start.
        seconds: Seconds of the ``PARTS``.
        timing: ``started``, ``ended``, ``engine`` and ``host``.
        front_values: ``(m, k)`` values of the Pareto front, by ascending first value; with one objective of the best
            mapping alone; empty if no mapping can run.
        front_cores: ``(m, G)`` cores, likewise.
        front_priorities: ``(m, G)`` priorities, likewise.
        trace_sha256: Digest of the full trace, or "".
        problem: The problem's content, if the record holds it.
        place: The file that it was read from.
        told_by: The CSV file that tells it, if it was made elsewhere (``reports.storage.foreign``), or "".
    """

    id: str
    spec: RunSpec
    label: str
    environment: Mapping[str, Any]
    status: str = "complete"
    message: str = ""
    num_evaluations: int = 0
    best_value: float = np.nan
    trace_evaluations: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    trace_values: FloatArray = field(default_factory=lambda: np.zeros(0))
    trace_seconds: FloatArray = field(default_factory=lambda: np.zeros(0))
    trace_cpu_seconds: FloatArray = field(default_factory=lambda: np.zeros(0))
    checkpoints: FloatArray = field(default_factory=lambda: np.zeros((0, 3)))
    seconds: Mapping[str, float] = field(default_factory=dict)
    timing: Mapping[str, str] = field(default_factory=dict)
    front_values: FloatArray = field(default_factory=lambda: np.zeros((0, 1)))
    front_cores: IntArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    front_priorities: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    trace_sha256: str = ""
    problem: Mapping[str, Any] | None = None
    place: Traversable | None = None
    told_by: str = ""

    @property
    def cores(self) -> IntArray:
        """Cores ``(G,)`` of the best mapping, or empty; with two objectives of the first in the front."""
        return self.front_cores[0] if len(self.front_cores) else np.zeros(0, dtype=np.int64)

    @property
    def priorities(self) -> FloatArray:
        """Priorities ``(G,)``, likewise."""
        return self.front_priorities[0] if len(self.front_priorities) else np.zeros(0)

    def full_trace(self) -> Mapping[str, npt.NDArray[Any]]:  # of the types in which they are stored
        """Read all ``values`` ``(n,)``, and if stored ``cores`` and ``priorities`` ``(n, G)``; {} if there is no trace.

        Raises:
            StorageError: If the file is missing or damaged.
        """
        if not self.trace_sha256:
            return {}
        content = trace_bytes(self)
        try:
            with np.load(io.BytesIO(content)) as trace:
                return dict(trace)
        except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
            raise StorageError(f"full trace of {self.id} is damaged: {printable(error, 300)}") from error


def trace_bytes(run: StoredRun) -> bytes:
    """Read the file of a run's full trace, and check its digest.

    Raises:
        StorageError: If it is missing or damaged.
    """
    assert run.place is not None, "only runs that were read have a trace"
    place = trace_place(run.place)
    content = read_content(place)
    if hashlib.sha256(content).hexdigest() != run.trace_sha256:
        raise StorageError(f"full trace {place} is damaged: its SHA-256 is not that in the record")
    return content


def trace_place(record: Traversable) -> Traversable:
    """Return where the full trace of a record lies: beside it."""
    parent: Traversable = record.parent  # type: ignore[attr-defined]  # paths in folders and archives have one
    return parent / f"{record.name.removesuffix('.json')}.npz"


# --- writing -----------------------------------------------------------------------------------------------------


def encode(
    spec: RunSpec,
    outcome: Outcome,
    environment: Environment,
    timing: Timing,
    problem: Mapping[str, Any] | None = None,
) -> bytes:
    """Return the bytes of a record, without further checks.

    Raises:
        ValueError: If a number is NaN or infinite.
    """
    canonical: dict[str, object] = {
        "environment": msgspec.to_builtins(environment),
        "format": FORMAT,
        "id": spec.id,
        "result": msgspec.to_builtins(outcome),
        "spec": spec.to_json(),
    }
    if problem is not None:
        canonical["problem"] = dict(problem)
    times = msgspec.to_builtins(timing)
    del times["sha256"]
    first, second = _dumped(canonical), _dumped(times)
    digest = _digest(first)
    seal = _digest(second + digest)
    return b'%s,"sha256":"%s","timing":%s,"sha256":"%s"}}\n' % (first[:-1], digest, second[:-1], seal)


def _dumped(content: object) -> bytes:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace")  # lone surrogates, which JSON cannot hold, become question marks


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


# --- reading -----------------------------------------------------------------------------------------------------

_SEAL = re.compile(rb',"sha256":"([0-9a-f]{64})"')

_SEAL_BYTES = len(',"sha256":""') + 64

_TIMING = b',"timing":'


def seal_of(content: bytes) -> str:
    """Return the digest of a record's canonical part, once every byte of the record is known to be as it was written.

    Raises:
        InvalidInput: If it is not.
    """
    middle, end = content.rfind(_TIMING + b"{"), len(content) - len(b"}}\n")
    digest, seal = (_SEAL.fullmatch(content, max(0, at - _SEAL_BYTES), max(0, at)) for at in (middle, end))
    if digest is None or seal is None or not content.endswith(b"}}\n"):
        raise _no_record(content, "something else, or part of it")
    canonical, times = content[: digest.start()], content[middle + len(_TIMING) : seal.start()]
    _expect("SHA-256 of the canonical part", digest[1].decode(), _digest(canonical + b"}").decode())
    _expect("SHA-256 of the timing", seal[1].decode(), _digest(times + b"}" + digest[1]).decode())
    return digest[1].decode()


def _no_record(content: bytes, found_instead: str) -> InvalidInput:
    """Return why ``content`` is no record: of another format, or damaged."""
    try:
        found = json.loads(content)
        version = found.get("format", FORMAT) if isinstance(found, dict) else FORMAT
    except (ValueError, RecursionError):
        version = FORMAT
    if version != FORMAT:
        return other_format(version)
    return InvalidInput("record", expected="JSON as m3e writes it", actual=found_instead)


def other_format(version: object) -> InvalidInput:
    """Return the error that a record is of another format."""
    hint = "Read it with the version of m3e that wrote it, or run the campaign again."
    return InvalidInput("format", expected=str(FORMAT), actual=printable(text_of(version, repr), 40), hint=hint)


def decode(content: bytes, label: str = "", place: Traversable | None = None) -> StoredRun:
    """Return the run in a record: every byte and field is checked, and that its parts agree with each other.

    Raises:
        InvalidInput: If anything does not fit, with the field.
    """
    seal_of(content)
    try:
        found = msgspec.json.decode(content, type=Content)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise _no_record(content, printable(error, 300)) from error
    if found.format != FORMAT:
        raise _no_record(content, "another format")
    try:
        spec = RunSpec.from_json(found.spec)
        _expect("the id of the specification", spec.id, found.id)
    except RecursionError as error:
        raise InvalidInput("run specification", expected="parameters", actual="too many levels") from error
    result = found.result
    _check_outcome(result, spec)
    timing = found.timing
    for what, own in (("seconds", timing.trajectory_seconds), ("CPU seconds", timing.trajectory_cpu_seconds)):
        _expect(f"number of {what} in the trajectory", len(result.trajectory.values), len(own))
    values, cores, priorities = _mappings(result.mappings)
    return StoredRun(
        id=spec.id,
        spec=spec,
        label=label or spec.optimizer,
        environment=msgspec.to_builtins(found.environment),
        status=result.status,
        message=printable(result.message),
        num_evaluations=result.num_evaluations,
        best_value=_number(result.best_value),
        trace_evaluations=np.array(result.trajectory.evaluations, dtype=np.int64),
        trace_values=np.array([_number(v) for v in result.trajectory.values]),
        trace_seconds=_finite("trajectory_seconds", timing.trajectory_seconds),
        trace_cpu_seconds=_finite("trajectory_cpu_seconds", timing.trajectory_cpu_seconds),
        checkpoints=_finite("checkpoints", timing.checkpoints).reshape(-1, 3),
        seconds={part: getattr(timing.seconds, part) for part in PARTS},
        timing={key: printable(getattr(timing, key)) for key in ("started", "ended", "engine", "host")},
        front_values=values,
        front_cores=cores,
        front_priorities=priorities,
        trace_sha256=result.trace_sha256 or "",
        problem=found.problem,
        place=place,
    )


def _check_outcome(result: Outcome, spec: RunSpec) -> None:
    """Raise unless evaluations, values and mappings agree with each other and with the specification."""
    if result.num_evaluations > spec.budget:
        raise InvalidInput(
            "num_evaluations", expected=f"at most the budget {spec.budget:,}", actual=result.num_evaluations
        )
    evaluations, values = result.trajectory.evaluations, result.trajectory.values
    _expect("number of values in the trajectory", len(evaluations), len(values))
    if any(b <= a for a, b in pairwise([0, *evaluations])):
        raise InvalidInput("trajectory: evaluations", expected="rising numbers from 1", actual=evaluations)
    if evaluations and evaluations[-1] > result.num_evaluations:
        raise InvalidInput("trajectory: evaluations", expected="at most num_evaluations", actual=evaluations[-1])
    _expect("trajectory: last value", result.best_value, values[-1] if values else None)
    falling = [v for v in values if v is not None]
    if len(falling) < len(values) - 1 or (values and None in values[1:]):
        raise InvalidInput("trajectory: values", expected="null at most at the first", actual=values)
    if any(b >= a for a, b in pairwise(falling)):
        raise InvalidInput("trajectory: values", expected="falling numbers", actual=values)
    _expect("whether there is a mapping that can run", result.best_value is not None, bool(result.mappings))
    if result.mappings and len(result.mappings[0].values) == 1:
        _expect("value of the best mapping", result.best_value, result.mappings[0].values[0])


def _mappings(mappings: Sequence[Mapped]) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return values ``(m, k)``, cores and priorities ``(m, G)``, if none dominates another."""
    if not mappings:
        return np.zeros((0, 1)), np.zeros((0, 0), dtype=np.int64), np.zeros((0, 0))
    sizes = {(len(m.values), len(m.cores), len(m.priorities)) for m in mappings}
    (num_values, num_cores, num_priorities), *others = sizes
    if others or num_cores != num_priorities or num_values not in (1, 2):
        raise InvalidInput("mappings", expected="one size for all", actual=sorted(sizes))
    values = _finite("mappings: values", [m.values for m in mappings])
    if len(mappings) > 1 and num_values == 1:
        raise InvalidInput("mappings", expected="one, as there is one objective", actual=str(len(mappings)))
    if (np.diff(values[:, 0]) <= 0).any() or (num_values == 2 and (np.diff(values[:, 1]) >= 0).any()):
        expected = "mappings of which none dominates another, by ascending first value"
        raise InvalidInput("mappings: values", expected=expected, actual=values.tolist())
    try:
        cores = np.array([m.cores for m in mappings], dtype=np.int64)
    except OverflowError as error:
        raise InvalidInput("mappings: cores", expected="numbers of cores", actual="larger ones") from error
    return values, cores, _finite("mappings: priorities", [m.priorities for m in mappings])


def _finite(what: str, numbers: npt.ArrayLike) -> FloatArray:
    try:
        array = np.array(numbers, dtype=np.float64)
    except OverflowError as error:
        raise InvalidInput(what, expected="finite numbers", actual="larger ones") from error
    if not np.isfinite(array).all():
        raise InvalidInput(what, expected="finite numbers", actual="others")
    return array


def _expect(what: str, expected: object, actual: object) -> None:
    if actual != expected:
        raise InvalidInput(what, expected=repr(expected), actual=actual)


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def read_content(place: Traversable, most: int = MOST_BYTES) -> bytes:
    """Read the bytes of a record in a folder or an archive.

    Raises:
        StorageError: If it is missing or cannot be read.
    """
    try:
        if isinstance(place, zipfile.Path) and place.root.getinfo(place.at).file_size > most:
            raise StorageError(f"cannot read {place}: expected at most {most:,} bytes")
        return read_bytes(place, most) if isinstance(place, Path) else place.read_bytes()
    except InvalidInput as error:
        raise StorageError(f"cannot read {place}: expected {error.expected}, got {error.actual}") from error
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise StorageError(f"cannot read {place}: {printable(error, 200)}") from error


def read_record(place: Traversable, label: str = "") -> StoredRun:
    """Read a record, checked.

    Raises:
        StorageError: If it is missing, damaged, or of another format.
    """
    try:
        return decode(read_content(place), label, place)
    except InvalidInput as error:
        if error.what == "format":
            raise StorageError(
                f"{place} is of another format: expected {error.expected}, got {error.actual}. {error.hint}"
            ) from error
        raise StorageError(f"{place} is damaged: {printable(error, 300)}") from error


def difference_of(old: StoredRun, new: StoredRun) -> str:
    """Return in what the results of two runs of one specification differ, times and surroundings apart, or ""."""
    if new.status != old.status:
        return f"{new.status} instead of {old.status}: {new.message}"
    if not np.array_equal(new.best_value, old.best_value, equal_nan=True):
        return f"best value {new.best_value!r} instead of {old.best_value!r}"
    parts = (
        ("improvements", "trace_evaluations"),
        ("improvements", "trace_values"),
        ("mappings", "front_values"),
        ("mappings", "front_cores"),
        ("mappings", "front_priorities"),
    )
    for what, name in parts:
        if not np.array_equal(getattr(old, name), getattr(new, name)):
            return f"other {what}"
    return "" if old.num_evaluations == new.num_evaluations else "another number of evaluations"
