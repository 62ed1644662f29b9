"""Remove what is safe to remove from a campaign's folder: leftovers of processes that ended early."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.campaigns.claims import CLAIMS, DRIVERS, drivers_in
from problems.foundation.errors import StorageError
from reports.storage.campaign_folder import FILES_FOLDER, RECORDS, REQUESTS, campaign_root, is_record_name
from reports.storage.writing import stored_in

TEMPORARY = ".tmp"
"""How the names of temporary files end; they begin with a dot."""


@dataclass(frozen=True)
class Leftover:
    """A file that can be removed.

    Attributes:
        path: The file.
        what: What it is.
        size: Its bytes.
    """

    path: Path
    what: str
    size: int


def leftovers_in(folder: Path, *, failed: bool = False) -> list[Leftover]:
    """Return what can be removed: what the dead have left, and if ``failed`` the records of failed runs.

    As long as a driver is at work, only claims and heartbeats of dead drivers are: a temporary file may be its own.

    Raises:
        StorageError: If the folder is no campaign's, or failed records are to go while drivers are at work.
    """
    if folder.is_file():
        raise StorageError(f"{folder} is a packed campaign: there is nothing to clean in it")
    campaign_root(folder)
    drivers = drivers_in(folder)
    found: list[Leftover | None] = []
    for dead in (driver for driver in drivers if not driver.lives):
        found += (_leftover(folder / CLAIMS / claim, "claim of a dead driver") for claim in dead.claims)
        found += [_leftover(folder / DRIVERS / dead.name, "heartbeat of a dead driver")] if dead.name else []
    if any(driver.lives for driver in drivers):
        if failed:
            raise StorageError(f"drivers are at work in {folder}: failed runs can be removed once they have ended")
        return [one for one in found if one]
    found += map(_temporary, _files(folder, ("", RECORDS, REQUESTS, FILES_FOLDER, CLAIMS, DRIVERS)))
    records = {path.name for path in _files(folder, (RECORDS,)) if is_record_name(path.name)}
    for path in _files(folder, (RECORDS,)):
        if path.suffix == ".npz" and f"{path.stem}.json" not in records:
            found.append(_leftover(path, "full trace without a record"))
    if failed:
        found += _failed(folder)
    return sorted({one for one in found if one}, key=lambda one: str(one.path))


def _failed(folder: Path) -> Iterator[Leftover | None]:
    for run_id, stored in stored_in(folder).items():
        if stored.status == "failed":
            yield _leftover(folder / RECORDS / f"{run_id}.npz", "full trace of a failed run")
            yield _leftover(folder / RECORDS / f"{run_id}.json", "record of a failed run")


def _temporary(path: Path) -> Leftover | None:
    grave = path.parent.name == CLAIMS
    if path.name.startswith(".") and (path.name.endswith(TEMPORARY) or grave):
        return _leftover(path, "temporary file")
    return None


def _files(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    """Yield the files in a folder's parts; links are neither followed nor yielded."""
    for part in parts:
        place = folder / part if part else folder
        if place.is_dir() and not (part and place.is_symlink()):
            with os.scandir(place) as entries:
                yield from (place / entry.name for entry in entries if entry.is_file(follow_symlinks=False))


def _leftover(path: Path, what: str) -> Leftover | None:
    """Return a file that is there, in a folder that is no link."""
    if path.is_symlink() or path.parent.is_symlink() or not path.is_file():
        return None
    return Leftover(path, what, path.lstat().st_size)


def remove(leftovers: Sequence[Leftover]) -> int:
    """Remove files, records last; return the bytes that were freed.

    Raises:
        StorageError: If one cannot be removed.
    """
    freed = 0
    for one in leftovers:
        try:
            if not one.path.parent.is_symlink():
                one.path.unlink(missing_ok=True)
                freed += one.size
        except OSError as error:
            raise StorageError(f"cannot remove {one.path}: {error.strerror or error}") from error
    for folder in {one.path.parent for one in leftovers if one.path.parent.name in (CLAIMS, DRIVERS)}:
        with suppress(OSError):  # others are at work
            folder.rmdir()
    return freed
