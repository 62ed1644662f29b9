"""Schedules as data for the page's script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import problems
from problems import Problem, Schedule
from problems.foundation.errors import M3EError
from problems.foundation.text import printable
from reports.page.numbers import rounded
from reports.schedules.bars import bars_of
from reports.schedules.chart import TIME_UNITS, network_looks
from reports.schedules.labels import coloured_kinds, core_labels, network_and_layer
from reports.storage.replay import CheckedRun, Folders, known_problem
from reports.wording.names import distinct

MOST_JOBS = 10_000
"""Most jobs of which a browser draws a chart in reasonable time."""

TOO_MANY = f"More than {MOST_JOBS:,} jobs: too many for a chart in a browser."

MOST_NETWORKS = 100
"""Most networks that are distinguished."""

DIGITS = 7
"""Significant digits of times: a pixel on a wide screen is a thousandth of the makespan, and readers can zoom in."""


class ScheduleData(TypedDict):
    """A schedule as JSON values: B bars, M intervals of constant bandwidth; infinite or missing numbers are None.

    Attributes:
        cores: Names of the cores.
        networks: Names of the networks, in the order of their colours, which is the same for a whole problem.
        network: ``(B,)`` network of each bar, an index into ``networks``.
        layer: ``(B,)`` name of each bar's layer.
        core: ``(B,)`` core of each bar, an index into ``cores``.
        start: ``(B,)`` cycles.
        end: ``(B,)`` cycles.
        times: ``(M + 1,)`` interval bounds, cycles.
        demands: ``(M,)`` requested bandwidth, GB/s.
        limit: System bandwidth, GB/s.
        makespan: Cycles.
        unit: Cycles per unit of the time axis, and the unit's name.
        kinds: Number of networks, if there are too many to be distinguished.
        job: ``(B,)`` job of each bar, if bars are merged.
        count: ``(B,)`` number of jobs of each bar, if bars are merged.
        used: ``(M,)`` used bandwidth, GB/s, if bars are merged.
        note: What is merged, if bars are merged.
    """

    cores: list[str]
    networks: list[str]
    network: list[int]
    layer: list[str]
    core: list[int]
    start: list[float | int | None]
    end: list[float | int | None]
    times: list[float | int | None]
    demands: list[float | int | None]
    limit: float
    makespan: float
    unit: tuple[float, str]
    kinds: NotRequired[int]
    job: NotRequired[list[int]]
    count: NotRequired[list[int]]
    used: NotRequired[list[float | int | None]]
    note: NotRequired[str]


def schedule_data(problem: Problem, schedule: Schedule) -> ScheduleData:
    """The schedule's jobs and bandwidth over time, for the page's script."""
    kinds, layers = coloured_kinds(problem), _layers(problem)
    networks = list(network_looks(kinds, problem.job_table.latency.min(axis=1)))
    places = {network: min(place, MOST_NETWORKS) for place, network in enumerate(networks)}
    few = len(networks) <= MOST_NETWORKS + 1
    bars = bars_of(schedule, kinds)
    data: ScheduleData = {
        "cores": _short(core_labels(problem), 48),
        "networks": _short(networks if few else [*networks[:MOST_NETWORKS], "other networks"], 60),
        "network": [places[kinds[job]] for job in bars.jobs.tolist()],
        "layer": _short([layers[job] for job in bars.jobs.tolist()], 60),
        "core": bars.cores.tolist(),
        "start": rounded(bars.starts, DIGITS),
        "end": rounded(bars.ends, DIGITS),
        "times": rounded(bars.times, DIGITS),
        "demands": rounded(bars.demands),
        "limit": bars.system_bandwidth,
        "makespan": bars.makespan,
        "unit": next((unit for unit in TIME_UNITS if schedule.makespan >= unit[0]), TIME_UNITS[-1]),
    }
    if not few:
        data["kinds"] = len(networks)
    if bars.note:
        data["job"] = bars.jobs.tolist()
        data["count"] = bars.counts.tolist()
        data["used"] = rounded(bars.used_bandwidth)
        data["note"] = bars.note
    return data


def _layers(problem: Problem) -> list[str]:
    """Return the layer of each job, with the number of its pass where the colour does not tell it."""
    passes = zip(problem.job_passes, coloured_kinds(problem), network_and_layer(problem), strict=True)
    return [f"{layer} {own.removeprefix(kind)}".rstrip() for own, kind, (_, layer) in passes]


def _short(names: Sequence[str], limit: int) -> list[str]:
    """Shortened names, all distinct; empty names stay empty."""
    short = distinct(filter(None, names), limit, write=printable)
    return [short.get(name, "") for name in names]


def schedule_of(run: CheckedRun, files: Folders = ()) -> tuple[ScheduleData | None, str]:
    """The data of the best schedule of a run (with two objectives, the first of its front), or None and the reason."""
    if run.spec.suite_version != problems.SUITE_VERSION:
        return None, "No schedule: the problem belongs to another version of the suite than the one installed here."
    try:
        problem = known_problem(run.spec.problem, files)
    except M3EError:
        return None, "No schedule: this installation does not know the problem."
    if problem.num_jobs > MOST_JOBS:
        return None, TOO_MANY
    if not run.cores.size:
        return None, "No schedule: the run's mapping is not stored."
    try:
        return schedule_data(problem, problem.schedule(run.cores, run.priorities)), ""
    except M3EError as error:
        return None, f"No schedule: {error}"
