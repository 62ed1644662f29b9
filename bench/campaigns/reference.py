"""Archives of reference results: those that ship with the suite, by the name of their campaign, and others by path."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from problems.foundation.errors import UnknownName
from reports.storage.archive import Archive, is_archive, open_archive
from reports.storage.content import EVALUATES_ITSELF, SEES_JOBS


def shipped() -> list[str]:
    """Return the names of the archives that ship with the suite."""
    folder = _folder()
    return sorted(place.name for place in folder.iterdir() if is_archive(place)) if folder.is_dir() else []


def reference(name_or_path: str) -> Archive:
    """Open an archive that ships with the suite, by its name, or another by the path of its folder.

    Raises:
        UnknownName: If it is neither.
        StorageError: If its definition is damaged.
    """
    if name_or_path in shipped():
        return open_archive(_folder() / name_or_path)
    if not is_archive(Path(name_or_path)):
        hint = "or give the folder of one, made by 'm3e archive create'"
        raise UnknownName("archive", name_or_path, shipped(), hint=hint)
    return open_archive(Path(name_or_path))


def reference_results(name: str = "core") -> Path:
    """Return the folder of an archive that ships with the suite, for ``reports.read_results``.

    Raises:
        UnknownName: If there is no such archive.
        StorageError: If its definition is damaged.
    """
    return reference(name).folder


def _folder() -> Path:
    return Path(str(files("bench") / "reference"))


def black_boxes(archive: Archive, problems: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the labels of an archive's black boxes with results on all of ``problems``, and of those that lack some.

    Raises:
        StorageError: If the archive is damaged.
    """
    seen: dict[str, set[str]] = {}
    others: set[str] = set()
    for run in archive.runs():
        seen.setdefault(run.label, set()).add(run.spec.problem)
        settings = run.environment["settings"]
        if settings.get(SEES_JOBS) or settings.get(EVALUATES_ITSELF):
            others.add(run.label)
    boxes = {label: own for label, own in seen.items() if label not in others}
    whole = [label for label, own in boxes.items() if own.issuperset(problems)]
    return whole, [label for label in boxes if label not in whole]
