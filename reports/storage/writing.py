"""Store records in a campaign's folder, and see what is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import write_bytes
from reports.storage.campaign_folder import RECORDS, is_record_name, record_name
from reports.storage.record import read_content, seal_of, trace_place


@dataclass(frozen=True)
class Stored:
    """What a driver needs to know of a stored run.

    Attributes:
        status: ``complete``, ``cut`` or ``failed``.
        seconds: Duration of the run.
    """

    status: str
    seconds: float


class _Result(msgspec.Struct):
    status: str


class _Seconds(msgspec.Struct):
    total: float


class _Timing(msgspec.Struct):
    seconds: _Seconds


class _Peeked(msgspec.Struct):
    result: _Result
    timing: _Timing


def peek(content: bytes) -> Stored:
    """Return the status and duration in a record, whose bytes must be as they were written.

    Raises:
        InvalidInput: If they are not.
    """
    seal_of(content)
    try:
        found = msgspec.json.decode(content, type=_Peeked)
    except msgspec.DecodeError as error:
        raise InvalidInput("record", expected="a status and a duration", actual=str(error)) from error
    return Stored(found.result.status, found.timing.seconds.total)


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
    """Return what a campaign holds, in a folder or packed, by the ids of the runs; damaged records count as missing."""
    return dict(_stored(campaign / RECORDS))


def _stored(records: Traversable) -> Iterator[tuple[str, Stored]]:
    for place in records.iterdir() if records.is_dir() else ():
        if is_record_name(place.name):
            found = stored_at(place)
            if found:
                yield place.name.removesuffix(".json"), found


def stored_at(place: Traversable) -> Stored | None:
    """Return what the record at ``place`` holds; None if it is missing or damaged."""
    try:
        return peek(read_content(place))
    except (StorageError, InvalidInput):
        return None
