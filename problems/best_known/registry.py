"""The entries that ship with the suite, found by the ids of their instances."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from problems.best_known.entry import BestKnown, Instance
from problems.foundation.errors import InvalidInput
from problems.foundation.files import in_file, read_bytes

FOLDER = Path(__file__).parent / "entries"
"""Where the entries lie."""

_PART = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9_.+-]*")
"""What the parts of an id with an entry look like: no files, and nothing that leads out of the folder."""


def best_known(problem: Instance) -> BestKnown | None:
    """Return the entry of a problem; None if there is none, or if it is of other numbers.

    Raises:
        InvalidInput: If the entry is damaged.
    """
    if place_of(problem.id) is None:
        return None
    entry = entry_at(FOLDER, problem.id)
    return entry if entry is not None and entry.digest == problem.content_digest() else None


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


def ids_in(folder: Path) -> Iterator[str]:
    """Yield the ids of all entries in a folder, in the order of their names."""
    for path in sorted(folder.rglob("*.json")):
        yield path.relative_to(folder).with_suffix("").as_posix()
