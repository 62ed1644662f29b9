"""Schedules as the page's script draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import problems
from bench.errors import M3EError
from bench.store import StoredRun
from bench.text import printable
from problems import Problem, Schedule
from reports.chrome_trace import core_labels, network_and_layer
from reports.figures.schedule import TIME_UNITS, network_looks
from reports.names import distinct
from reports.page.numbers import rounded
from reports.replay import known_problem
from reports.schedule_bars import bars_of

MOST_JOBS = 10_000
"""Of more jobs a browser draws no chart in reasonable time."""

TOO_MANY = f"More than {MOST_JOBS:,} jobs: too many for a chart in a browser."

MOST_NETWORKS = 100
"""That are told apart."""

DIGITS = 7
"""Of times: a pixel on a wide screen is a thousandth of the makespan, and one may look closer."""


def schedule_data(problem: Problem, schedule: Schedule) -> dict[str, Any]:
    """JSON values: when each job runs, in cycles, and how much bandwidth is asked for meanwhile, in GB/s.

    The networks are in the order in which they get their colours, the same in all schedules of a problem.
    """
    names = network_and_layer(problem)
    work = problem.job_table.latency.min(axis=1)
    networks = list(network_looks([network for network, _ in names], work))
    places = {network: min(place, MOST_NETWORKS) for place, network in enumerate(networks)}
    few = len(networks) <= MOST_NETWORKS + 1
    bars = bars_of(schedule, [network for network, _ in names])
    data: dict[str, Any] = {
        "cores": _short(core_labels(problem), 24),
        "networks": _short(networks if few else [*networks[:MOST_NETWORKS], "other networks"], 40),
        "network": [places[names[job][0]] for job in bars.jobs.tolist()],
        "layer": _short([names[job][1] for job in bars.jobs.tolist()], 60),
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
        used = rounded(bars.used_bandwidth)
        data |= {"job": bars.jobs.tolist(), "count": bars.counts.tolist(), "used": used, "note": bars.note}
    return data


def _short(names: Sequence[str], limit: int) -> list[str]:
    """Names of a model's parts, which may have none."""
    short = distinct(filter(None, names), limit, write=printable)
    return [short.get(name, "") for name in names]


def schedule_of(run: StoredRun) -> tuple[dict[str, Any] | None, str]:
    """The data of the schedule that a run found, of two objectives its front's first; else None, and why."""
    if run.spec.suite_version != problems.SUITE_VERSION:
        return None, "No schedule: the problem is of another version of the suite than the one installed here."
    try:
        problem = known_problem(run.spec.problem)
    except M3EError:
        return None, "No schedule: the problem is not known here."
    if problem.num_jobs > MOST_JOBS:
        return None, TOO_MANY
    if not run.cores.size:
        return None, "No schedule: the run's mapping is not stored."
    try:
        return schedule_data(problem, problem.schedule(run.cores, run.priorities)), ""
    except M3EError as error:
        return None, f"No schedule: {error}"
