"""The entries that ship with the suite, found by the ids of their instances."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from problems.best_known.entry import BestKnown, Instance, check_value
from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import in_file, read_bytes, write_bytes

FOLDER = Path(__file__).parent / "entries"
"""Where the entries lie."""

_PART = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9_.+-]*")
"""What the parts of an id with an entry look like: no files, and nothing that leads out of the folder."""


def best_known(problem: Instance) -> BestKnown | None:
    """Return the entry of a problem; None if there is none, or if it is of other numbers.

    Its mapping is evaluated and its certificates are verified first. A damaged or wrong entry counts as none, with a
    warning: nobody needs one to search or to report.
    """
    if place_of(problem.id) is None:
        return None
    try:
        entry = entry_at(FOLDER, problem.id)
        if entry is None or entry.digest != problem.content_digest():
            return None
        if (entry.problem, entry.digest) not in _verified:
            entry.verify(problem)
            _verified.add((entry.problem, entry.digest))
        return entry
    except InvalidInput as error:
        warnings.warn(f"best-known values of {problem.id} are left out: {error}", stacklevel=2)
        return None


def best_value(problem: Instance) -> float | None:
    """Return the best value known of a problem, of which the mapping is evaluated; None if there is no entry of it.

    Certificates are not verified, which takes much longer.

    Raises:
        InvalidInput: If the entry is damaged, or its mapping has another value.
    """
    entry = entry_at(FOLDER, problem.id)
    if entry is None or entry.digest != problem.content_digest():
        return None
    check_value(problem, entry.cores, entry.priorities, entry.value)
    return entry.value


_verified: set[tuple[str, str]] = set()
"""Entries that this process has verified."""


@lru_cache(maxsize=1024)
def entry_at(folder: Path, problem_id: str) -> BestKnown | None:
    """Return the entry of that id in a folder of entries; None if there is none.

    Raises:
        InvalidInput: If it is damaged, or of another instance.
    """
    place = place_of(problem_id)
    if place is None or not (folder / place).is_file():
        return None
    path = folder / place
    try:
        entry = BestKnown.from_text(read_bytes(path))
    except InvalidInput as error:
        raise in_file(path, error) from error
    if entry.problem != problem_id:
        raise InvalidInput(f"{path}: problem", expected=problem_id, actual=entry.problem)
    return entry


def place_of(problem_id: str) -> Path | None:
    """Return where in a folder of entries that of an id lies; None for ids that can have none, as those of files."""
    parts = problem_id.split("/")
    return Path(f"{problem_id}.json") if all(map(_PART.fullmatch, parts)) else None


def write_entry(folder: Path, entry: BestKnown) -> None:
    """Write an entry into a folder of entries.

    Raises:
        StorageError: If the folder cannot be written.
    """
    place = place_of(entry.problem)
    assert place is not None
    path = folder / place
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    write_bytes(path, entry.to_text().encode())
    entry_at.cache_clear()


def ids_in(folder: Path) -> Iterator[str]:
    """Yield the ids of all entries in a folder, in the order of their names."""
    for path in sorted(folder.rglob("*.json")):
        yield path.relative_to(folder).with_suffix("").as_posix()
