"""The points of a sweep: platforms x cores x bandwidths x cost models, each a problem."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path

import problems
from bench.map_workload import Request
from problems.foundation.errors import InvalidInput, M3EError
from problems.foundation.files import not_linked, write_on_trial
from problems.ids import FILE, TABLE_PLATFORM, parse_id, split_file
from problems.objectives import OBJECTIVES
from problems.platform import Platform
from problems.platforms.writing import platform_toml
from problems.suite import platform_named
from reports.sweeps.point import Point
from reports.wording.numbers import counted

MOST_POINTS = 10_000

PLATFORMS = "platforms"
"""Folder of the platforms with other numbers of cores."""


@dataclass(frozen=True)
class Sweep:
    """What to map where; None stands for the default of ``Request``.

    Attributes:
        workload: As in ``Request``.
        platforms: Platforms: names or files.
        bandwidths_gbps: Shared bandwidths, GB/s.
        cost_models: Names of cost models.
        cores: Numbers of cores; none for each platform's own.
        num_jobs: As in ``Request``, and likewise the others.
        instance: Which random draw of the group.
        dependent: Whether jobs wait for those of their network whose outputs they need.
        objective: Name of the objective.

    Raises:
        InvalidInput: If there are too many points, or several objectives.
        UnknownName: If there is no such objective.
    """

    workload: str
    platforms: tuple[str | None, ...]
    bandwidths_gbps: tuple[float, ...]
    cost_models: tuple[str | None, ...] = (None,)
    cores: tuple[int, ...] = ()
    num_jobs: int | None = None
    instance: int = 0
    dependent: bool = False
    objective: str = "latency"

    def __post_init__(self) -> None:
        if len(self) > MOST_POINTS:
            raise InvalidInput("sweep", expected=f"at most {MOST_POINTS:,} points", actual=f"{len(self):,}")
        if OBJECTIVES.get(self.objective).count > 1:
            hint = "Sweep one after the other; m3e map finds the front of one point."
            raise InvalidInput("--objective", expected="one objective", actual=self.objective, hint=hint)

    def __len__(self) -> int:
        lists = (self.platforms, self.bandwidths_gbps, self.cost_models, self.cores or (0,))
        return math.prod(map(len, lists))


def ids_of(sweep: Sweep, platform: str | None, cost_model: str | None) -> dict[float, str]:
    """Return the problem id at each bandwidth; no id of a sweep is made elsewhere.

    Raises:
        UnknownName, InvalidInput: If a name is not known, or a file does not fit.
    """
    request = Request(
        workload=sweep.workload,
        cost_model=cost_model,
        platform=platform,
        num_jobs=sweep.num_jobs,
        instance=sweep.instance,
        dependent=sweep.dependent,
        objective=sweep.objective,
    )
    return {b: replace(request, bandwidth_gbps=b).problem_id() for b in sweep.bandwidths_gbps}


def points_of(sweep: Sweep, folder: Path, undo: ExitStack) -> list[Point]:
    """Return the points of a sweep; platforms with other numbers of cores are written into ``folder``.

    ``undo`` removes what is new of these again.

    A point that is no problem, as some job fits no core, says so.

    Raises:
        UnknownName, InvalidInput: If a name is not known, a file does not fit, or no point is a problem.
        StorageError: If the folder cannot be written.
    """
    designs = list(_designs(sweep, folder, undo))
    points = [point for design in designs for model in sweep.cost_models for point in _points(sweep, design, model)]
    if all(point.impossible for point in points):
        problems.get(points[0].problem)  # says why
    return points


@dataclass(frozen=True)
class _Design:
    """A platform with a number of cores, as in ``Point``, and as ``Request`` takes it."""

    place: str
    platform: str
    cores: int
    pes: float
    name: str
    request: str | None


def _designs(sweep: Sweep, folder: Path, undo: ExitStack) -> Iterator[_Design]:
    """Yield each platform with each number of cores."""
    first = {platform: _first_id(sweep, platform) for platform in sweep.platforms}
    places = {platform: parse_id(problem_id).platform for platform, problem_id in first.items()}
    names = short_names(list(places.values()))
    for platform, place in places.items():
        if place == TABLE_PLATFORM:
            yield _own_cores(sweep, first[platform], platform)
            continue
        base = platform_named(place)
        for number in sweep.cores or (len(base.cores),):
            own = with_cores(base, number)
            request = platform if own == base else str(_written(own, place, folder / PLATFORMS, undo))
            name = f"{names[place]}, {counted(number, 'core')}" if sweep.cores else names[place]
            yield _Design(place, names[place], number, float(sum(core.num_pes for core in own.cores)), name, request)


def _first_id(sweep: Sweep, platform: str | None) -> str:
    return next(iter(ids_of(sweep, platform, sweep.cost_models[0]).values()))


def short_names(places: Sequence[str]) -> dict[str, str]:
    """Return what each platform is called: its name, or that of its file, unless two share it."""
    stems = {place: split_file(place)[0].stem if place.startswith(FILE) else place for place in places}
    often = Counter(stems.values())
    return {place: stem if often[stem] == 1 else place.removeprefix(FILE) for place, stem in stems.items()}


def _own_cores(sweep: Sweep, problem_id: str, request: str | None) -> _Design:
    """Return the design of a ready job table.

    Raises:
        InvalidInput: If numbers of cores are given.
    """
    if sweep.cores:
        hint = "Bandwidths can be swept."
        raise InvalidInput("--cores", expected="none, as a ready job table has its own cores", actual="some", hint=hint)
    return _Design(TABLE_PLATFORM, TABLE_PLATFORM, problems.get(problem_id).num_cores, math.nan, "own cores", request)


def with_cores(platform: Platform, number: int) -> Platform:
    """Return the platform with its first ``number`` cores, repeated in their order if it has fewer; itself if equal."""
    if number == len(platform.cores):
        return platform
    summary = f"{platform.name} with {counted(number, 'core')}, its own in their order"
    return replace(platform, cores=tuple(islice(cycle(platform.cores), number)), summary=summary)


def _written(platform: Platform, place: str, folder: Path, undo: ExitStack) -> Path:
    """Write a platform's file, and return its path; of two files of one name, the digest tells whose cores it has."""
    origin, digest = split_file(place)
    stem = "-".join(filter(None, (origin.stem, digest, counted(len(platform.cores), "core").replace(" ", "-"))))
    path = not_linked(folder) / f"{stem}.toml"
    write_on_trial(path, platform_toml(platform).encode(), undo)
    return path


def _points(sweep: Sweep, design: _Design, cost_model: str | None) -> Iterator[Point]:
    """Yield the points of a design under a cost model."""
    ids = ids_of(sweep, design.request, cost_model)
    unlimited, reason = "", ""
    try:
        unlimited = _unlimited(next(iter(ids.values())))
    except M3EError as error:
        reason = str(error)
    for bandwidth, problem_id in ids.items():
        yield Point(
            place=design.place,
            platform=design.platform,
            cores=design.cores,
            pes=design.pes,
            design=design.name,
            bandwidth_gbps=bandwidth,
            cost_model=parse_id(problem_id).cost_model,
            problem=problem_id,
            unlimited=unlimited,
            impossible=reason,
        )


def _unlimited(problem_id: str) -> str:
    """Return the id of a problem with so much bandwidth that no job ever waits for the memory.

    Raises:
        M3EError: If there is no such problem.
    """
    demand = float(problems.get(problem_id).job_table.bandwidth.max(axis=0).sum())
    return str(parse_id(problem_id)._replace(bandwidth_gbps=float(max(1, math.ceil(demand)))))
