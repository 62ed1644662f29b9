"""Store records in a campaign's folder, and see what is there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import write_bytes
from problems.foundation.text import printable
from reports.storage.campaign_folder import RECORDS, record_name, record_places
from reports.storage.record import FORMAT, other_format, read_content, seal_of, trace_place


@dataclass(frozen=True)
class Stored:
    """What a driver needs to know of a stored run.

    Attributes:
        status: ``complete``, ``cut`` or ``failed``.
        seconds: Duration of the run.
    """

    status: str
    seconds: float


@dataclass(frozen=True)
class Intact:
    """A record whose bytes are as they were written.

    Attributes:
        stored: What a driver needs to know of it.
        content: Its bytes.
        trace: The bytes of its full trace; b"" if it has none, None if that is missing or damaged.
    """

    stored: Stored
    content: bytes
    trace: bytes | None


class _Result(msgspec.Struct):
    status: str
    trace_sha256: str | None = None


class _Seconds(msgspec.Struct):
    total: float


class _Timing(msgspec.Struct):
    seconds: _Seconds


class _Peeked(msgspec.Struct):
    format: int
    id: str
    result: _Result
    timing: _Timing


def peek(content: bytes) -> Stored:
    """Return the status and duration in a record, whose bytes must be as they were written.

    Raises:
        InvalidInput: If they are not.
    """
    return _stored(_peeked(content))


def _stored(found: _Peeked) -> Stored:
    return Stored(found.result.status, found.timing.seconds.total)


def _peeked(content: bytes) -> _Peeked:
    seal_of(content)
    try:
        found = msgspec.json.decode(content, type=_Peeked)
    except msgspec.DecodeError as error:
        raise InvalidInput("record", expected="an id, a status and a duration", actual=str(error)) from error
    if found.format != FORMAT:
        raise other_format(found.format)
    return found


def intact(place: Traversable) -> Intact:
    """Read a record and its full trace; both must be as they were written, and the record that of its file's run.

    Raises:
        StorageError: If the record is missing, or cannot be read.
        InvalidInput: If it is damaged, of another format, or of another run.
    """
    content = read_content(place)
    found = _peeked(content)
    if place.name != record_name(found.id):
        raise InvalidInput("run", expected=place.name.removesuffix(".json"), actual=printable(found.id))
    digest = found.result.trace_sha256
    trace = _trace(trace_place(place), digest) if digest else b""
    return Intact(_stored(found), content, trace)


def _trace(place: Traversable, digest: str) -> bytes | None:
    """Return a full trace; None if it is missing or damaged."""
    try:
        content = read_content(place)
    except StorageError:
        return None
    return content if hashlib.sha256(content).hexdigest() == digest else None


def store(folder: Path, run_id: str, record: bytes, trace: bytes = b"") -> Path:
    """Store a run in a campaign's folder, whole or not at all: its full trace first, the record last.

    Raises:
        StorageError: If the folder cannot be written.
    """
    place = folder / RECORDS / record_name(run_id)
    if trace:
        write_bytes(Path(str(trace_place(place))), trace)
    write_bytes(place, record)
    return place


def stored_in(campaign: Traversable) -> dict[str, Stored]:
    """Return what a campaign holds, in a folder or packed, by the ids of the runs; damaged runs count as missing."""
    places = {place.name.removesuffix(".json"): place for place in record_places(campaign)}
    found = {run_id: stored_at(place) for run_id, place in places.items()}
    return {run_id: stored for run_id, stored in found.items() if stored}


def stored_at(place: Traversable) -> Stored | None:
    """Return what the record at ``place`` holds; None if it is missing or damaged, or its full trace is."""
    try:
        found = intact(place)
    except (StorageError, InvalidInput):
        return None
    return None if found.trace is None else found.stored
