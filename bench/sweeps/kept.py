"""The points that a folder has: a sweep of the same workload adds to them, and all of them are shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import msgspec

from bench.sweeps.points import short_names
from bench.sweeps.running import RUNS
from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import not_linked, read_json, write_json
from problems.ids import FILE, TABLE_PLATFORM, copy_name, parse_id
from reports.storage.campaign_folder import read_campaign_file
from reports.storage.mapping_file import MAPPING
from reports.sweeps.point import Point
from reports.wording.numbers import counted

KEPT = "points.json"
"""Name of the file in the folder of a sweep."""


def check_folder(points: Sequence[Point], folder: Path) -> None:
    """Raise unless a folder is new, or one of sweeps of the same workload.

    Raises:
        InvalidInput: If it belongs to another workload, or to ``m3e map``.
        StorageError: If what is in the folder is damaged.
    """
    what, hint = f"output folder {str(folder)!r}", "--out names another folder."
    if (folder / MAPPING).exists():
        raise InvalidInput(what, expected="one of sweeps, or none", actual="one of m3e map", hint=hint)
    there, own = read_campaign_file(folder / RUNS), points[0].problem
    others = [problem for problem in (there.design.problems if there else ()) if _workload(problem) != _workload(own)]
    if others:
        raise InvalidInput(what, expected=f"sweeps of {_told(own)}", actual=f"of {_told(others[0])}", hint=hint)


def with_kept(points: Sequence[Point], folder: Path) -> list[Point]:
    """Return the points with those that the folder has, named alike.

    Raises:
        StorageError: If what is in the folder is damaged.
    """
    found = {_key(point): point for point in (*_read(folder), *points)}
    places, models = (list(dict.fromkeys(getattr(p, name) for p in found.values())) for name in ("place", "cost_model"))
    return _named(
        sorted(
            found.values(),
            key=lambda p: (places.index(p.place), p.cores, models.index(p.cost_model), p.bandwidth_gbps),
        )
    )


def keep(points: Sequence[Point], folder: Path) -> None:
    """Store the points of a folder, unless it has them.

    Raises:
        StorageError: If the folder cannot be written.
    """
    entries = [asdict(point) | {"pes": None if math.isnan(point.pes) else point.pes} for point in points]
    if not (folder / KEPT).is_file() or read_json(folder / KEPT) != entries:
        write_json(not_linked(folder / KEPT), entries)


def _read(folder: Path) -> list[Point]:
    path = folder / KEPT
    if not path.is_file():
        return []
    try:
        entries = [entry | {"pes": math.nan if entry["pes"] is None else entry["pes"]} for entry in read_json(path)]
        return msgspec.convert(entries, list[Point])
    except (msgspec.ValidationError, TypeError, KeyError) as error:
        raise StorageError(f"{path} is damaged: expected the points of sweeps, got something else: {error}") from error


def _key(point: Point) -> tuple[str, int, float, str]:
    return point.place, point.cores, point.bandwidth_gbps, point.cost_model


def _named(points: Sequence[Point]) -> list[Point]:
    """Return the points with the names of their platforms distinct, with numbers of cores where these are swept."""
    names = short_names(list(dict.fromkeys(point.place for point in points)))
    swept = {point.place for point in points if point.design != point.platform}
    return [
        replace(point, platform=names[point.place], design=_design(point, names[point.place], point.place in swept))
        for point in points
    ]


def _design(point: Point, name: str, swept: bool) -> str:
    if point.place == TABLE_PLATFORM:
        return point.design
    return f"{name}, {counted(point.cores, 'core')}" if swept else name


def _workload(problem: str) -> tuple[object, ...]:
    """Return what the points of a sweep have in common; of files their digests."""
    parts = parse_id(problem)
    task = copy_name(parts.task) if parts.task.startswith(FILE) else parts.task
    return task, parts.num_jobs, parts.instance, parts.dependent, parts.objective


def _told(problem: str) -> str:
    """Return a workload in words."""
    parts = parse_id(problem)
    jobs = "all jobs" if parts.num_jobs is None else f"{counted(parts.num_jobs, 'job')} (instance {parts.instance})"
    return f"{parts.task}, {jobs}{', with dependencies' if parts.dependent else ''}, by {parts.objective}"
