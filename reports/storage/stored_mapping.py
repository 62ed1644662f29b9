"""Read stored mappings, from a run of a campaign or from ``m3e map``."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from pathlib import Path
from zipfile import is_zipfile

import problems
from problems.foundation.errors import StorageError
from problems.foundation.files import is_there, not_linked
from problems.ids import files_only_in
from reports.storage.campaign_folder import CAMPAIGN_FILE, RECORDS, copies_in, read_campaign, record_name, root_of
from reports.storage.mapping_file import MAPPING, StoredMapping, mapping_of, read_mapping
from reports.storage.record import StoredRun, read_record

SCHEDULES = "schedules"
"""Sub-folder of a campaign's for schedule views; a run has its own in it."""

ELITES = "elites"
"""Likewise for pictures of the best mappings of every kind."""

SCHEDULE = "schedule"
"""Sub-folder for schedule views beside a mapping file."""


def mappings_at(path: Path) -> StoredMapping:
    """Return the mappings at ``path``: a record, or the folder of a mapping file of ``m3e map``.

    Raises:
        StorageError: If there is none, or it does not fit its problem.
        UnknownName, InvalidInput: If a run's problem is not known here.
    """
    if is_there(path / CAMPAIGN_FILE) or (is_there(path) and path.is_file() and is_zipfile(path)):
        raise StorageError(f"{path} is a campaign: expected one of its runs, {_example(path)}")
    if is_there(path) and path.is_dir():
        if not is_there(path / MAPPING):
            raise StorageError(f"no mapping in {path}: expected a record, or the folder of a mapping of 'm3e map'")
        return read_mapping(path)
    place = _place(path)
    if place is None:
        raise StorageError(f"no mapping in {path}: expected a record, or the folder of a mapping of 'm3e map'")
    run = read_record(place)
    return _of_run(place, run) if run.problem is None else mapping_of(run)


def _place(path: Path) -> Traversable | None:
    """Return the file at ``path``, which may lead into a packed campaign; None if there is none."""
    if is_there(path):
        return path
    packed = _archive(path)
    if packed is None:
        return None
    place = root_of(packed).joinpath(path.relative_to(packed).as_posix())
    return place if place.is_file() else None


def _archive(path: Path) -> Path | None:
    """Return the file that ``path`` leads into."""
    return next((parent for parent in path.parents if is_there(parent) and parent.is_file()), None)


def schedule_folder(path: Path) -> Path:
    """Return where the schedule of what is at ``path`` is drawn by default.

    Raises:
        StorageError: If a campaign's folder of schedules is a link.
    """
    if path.is_dir():
        return path / SCHEDULE
    if _archive(path) is None and path.parent.name != RECORDS:
        return path.parent / SCHEDULE
    return views_folder(path, SCHEDULES)


def views_folder(record: Path, kind: str) -> Path:
    """Return the default folder of a run's views of a ``kind``, in its campaign's or beside that if it is packed.

    Raises:
        StorageError: If the campaign's folder of that kind is a link.
    """
    packed = _archive(record)
    if packed is not None:
        return packed.parent / kind / record.stem
    return not_linked(record.absolute().parents[1] / kind) / record.stem


def _of_run(place: Traversable, run: StoredRun) -> StoredMapping:
    if not len(run.front_values):
        reason = f" ({run.message})" if run.message else ""
        raise StorageError(f"{place} has no mapping: the run is {run.status}{reason} and has found none")
    if run.spec.suite_version != problems.SUITE_VERSION:
        expected = f"expected one of suite version {problems.SUITE_VERSION}, got {run.spec.suite_version}"
        which = f"in which {run.spec.problem} may be a different problem"
        raise StorageError(f"{place} cannot be read: {expected}, {which}")
    own = place.absolute() if isinstance(place, Path) else place
    campaign: Traversable = own.parent.parent  # type: ignore[attr-defined]  # as in ``trace_place``
    with files_only_in(copies_in(campaign)):
        problem = problems.get(run.spec.problem)
    if run.front_cores.shape[1] != problem.num_jobs:
        jobs = f"expected {problem.num_jobs} jobs, got {run.front_cores.shape[1]}"
        raise StorageError(f"{place} is damaged: its mapping does not fit {problem.id}: {jobs}")
    return StoredMapping(run, problem)


def _example(path: Path) -> str:
    """Return text that names the best run on a campaign's first problem, for an error message."""
    runs = [run for run in read_campaign(path).runs if len(run.front_values)]
    if not runs:
        return "but none has found a mapping yet"
    own = [run for run in runs if run.spec.problem == runs[0].spec.problem]
    best = min(own, key=lambda run: run.best_value)
    return f"for instance the best on {best.spec.problem}: {path / RECORDS / record_name(best.id)}"
