"""Archives of reference results: those that ship with the suite, by the name of their campaign, and others by path."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from problems.foundation.errors import UnknownName
from reports.storage.archive import Archive, is_archive, open_archive


def shipped() -> list[str]:
    """Return the names of the archives that ship with the suite."""
    folder = _folder()
    return sorted(place.name for place in folder.iterdir() if is_archive(place)) if folder.is_dir() else []


def reference(name_or_path: str) -> Archive:
    """Open an archive by the path of its folder, or if there is none, that which ships with the suite by that name.

    Raises:
        UnknownName: If there is nothing of the kind.
        StorageError: If its definition is damaged, or the folder holds something else.
    """
    path = Path(name_or_path)
    if name_or_path in shipped() and not is_archive(path):
        return open_archive(_folder() / name_or_path)
    if not path.exists():
        hint = "or give the folder of one, made by 'm3e archive create'"
        raise UnknownName("archive", name_or_path, shipped(), hint=hint)
    return open_archive(path)


def place_of(path: Path) -> Path:
    """Return where results lie: a path, or the archive that ships by that name, if there is nothing at the path."""
    return path if path.exists() or str(path) not in shipped() else reference_results(str(path))


def reference_results(name: str = "core") -> Path:
    """Return the folder of an archive that ships with the suite, for ``reports.read_results``.

    Raises:
        UnknownName: If there is no such archive.
    """
    if name not in shipped():
        raise UnknownName("archive", name, shipped())
    return _folder() / name


def _folder() -> Path:
    return Path(str(files("bench") / "reference"))
