"""Merge parts of one campaign, done on several machines, into one folder."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import make_folder
from problems.foundation.text import printable
from reports.storage.campaign_folder import (
    CAMPAIGN_FILE,
    FILES_FOLDER,
    RECORDS,
    REQUESTS,
    CampaignFile,
    campaign_root,
    is_plain_name,
    read_campaign_file,
    record_places,
    requests_of,
)
from reports.storage.record import read_content, seal_of, trace_place
from reports.storage.writing import Intact, intact

MOST_NAMED = 5
"""Number of conflicts that an error names."""


@dataclass
class Merged:
    """What was merged.

    Attributes:
        campaign: Name of the campaign.
        records: Number of records in the result.
        twice: Number of records that were in several parts, and equal.
    """

    campaign: str
    records: int = 0
    twice: int = 0


def merge(parts: Sequence[Path], out: Path) -> Merged:
    """Merge folders or packed campaigns into the new folder ``out``, which appears whole or not at all.

    The parts are of one campaign: the name and the resolved campaign file are the same, while each may have asked for
    more (seeds, optimizers). Records are copied byte for byte.

    Raises:
        StorageError: If the parts are of different campaigns, a record is damaged, one run has different results in
            two parts, or ``out`` cannot be written.
    """
    roots = {part: campaign_root(part) for part in parts}
    campaign = _same_campaign(roots)
    if out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise StorageError(f"{out} is there already: choose another with --out")
    make_folder(out.absolute().parent)
    temporary = out.absolute().with_name(f".{out.absolute().name}.{os.getpid()}.tmp")
    merged = Merged(campaign.name)
    try:
        for name in (REQUESTS, RECORDS):
            (temporary / name).mkdir(parents=True)
        first = next(iter(roots.values()))
        (temporary / CAMPAIGN_FILE).write_bytes(read_content(first / CAMPAIGN_FILE))
        _join_requests(roots, temporary)
        _join_files(roots, temporary)
        _join_records(roots, temporary, merged)
        os.replace(temporary, out)
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"cannot write {out}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return merged


def _same_campaign(roots: dict[Path, Traversable]) -> CampaignFile:
    """Return the campaign that all parts are of.

    Raises:
        StorageError: If they are not of one.
    """
    found: dict[Path, CampaignFile] = {}
    for part, root in roots.items():
        campaign = read_campaign_file(root)
        if campaign is None:
            raise StorageError(f"{part} does not say which campaign it is of: expected a {CAMPAIGN_FILE}")
        requests_of(root)  # raises if one is damaged
        found[part] = campaign
    (first, own), *others = found.items()
    for part, other in others:
        differs = own.design.difference(other.design)
        if own.name != other.name:
            hint = f"'m3e report {first} {part}' reads several."
            what = f"campaign {own.name!r} in {first}, {other.name!r} in {part}"
            raise StorageError(f"different campaigns cannot be merged: {what}. {hint}")
        if differs:
            what = f"{differs} ('there' is {first}, 'here' is {part})"
            raise StorageError(f"different campaigns of the name {own.name!r} cannot be merged: {what}")
    return own


def _join_requests(roots: dict[Path, Traversable], out: Path) -> None:
    """Copy what was asked for; of equal requests the earliest."""
    earliest: dict[str, tuple[str, bytes]] = {}
    for root in roots.values():
        for place in _files(root / REQUESTS, ".json"):
            content = read_content(place)
            asked = _asked(content)
            if place.name not in earliest or asked < earliest[place.name][0]:
                earliest[place.name] = asked, content
    for name, (_, content) in earliest.items():
        (out / REQUESTS / name).write_bytes(content)


def _asked(content: bytes) -> str:

    return str(json.loads(content).get("asked"))


def _join_files(roots: dict[Path, Traversable], out: Path) -> None:
    """Copy the copies of files, whose names are their digests."""
    for part, root in roots.items():
        for place in _files(root / FILES_FOLDER, ""):
            content = read_content(place)
            copy = out / FILES_FOLDER / place.name
            if not copy.exists():
                copy.parent.mkdir(exist_ok=True)
                copy.write_bytes(content)
            elif copy.read_bytes() != content:
                raise StorageError(f"conflict: {place.name} in {part} is another file than in the parts before")


def _files(folder: Traversable, suffix: str) -> Iterator[Traversable]:
    for place in folder.iterdir() if folder.is_dir() else ():
        if place.is_file() and place.name.endswith(suffix) and is_plain_name(place.name):
            yield place


def _join_records(roots: dict[Path, Traversable], out: Path, merged: Merged) -> None:
    """Copy the records and their traces; raise with the conflicts, if there are any.

    A full trace is taken from the part where it is intact.
    """
    seals: dict[str, tuple[str, Path]] = {}
    without_trace: dict[str, Path] = {}
    conflicts: list[str] = []
    for part, root in roots.items():
        for place in record_places(root):
            found = _intact(place, part)
            seal = seal_of(found.content)
            if place.name not in seals:
                seals[place.name] = seal, part
                (out / RECORDS / place.name).write_bytes(found.content)
                without_trace[place.name] = part
                merged.records += 1
            elif seals[place.name][0] == seal:
                merged.twice += 1
            else:
                conflicts.append(f"{place.name.removesuffix('.json')} in {seals[place.name][1]} and {part}")
                continue
            if found.trace is not None and place.name in without_trace:
                del without_trace[place.name]
                if found.trace:
                    (out / RECORDS / trace_place(place).name).write_bytes(found.trace)
    if conflicts:
        raise StorageError(f"conflict: one run, different results: {_some(conflicts)}")
    if without_trace:
        names = [f"{name.removesuffix('.json')} in {part}" for name, part in without_trace.items()]
        raise StorageError(f"full traces are missing or damaged: {_some(names)}. 'm3e run' does these runs again.")


def _some(names: Sequence[str]) -> str:
    more = f", and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"


def _intact(place: Traversable, part: Path) -> Intact:
    if not is_plain_name(place.name):
        raise StorageError(f"{part} holds a record of another name than runs have: {printable(place.name)}")
    try:
        return intact(place)
    except InvalidInput as error:
        raise StorageError(f"{place} is damaged, 'm3e check {part}' names all: {printable(error, 300)}") from error
