"""Figure 15: schedules of the best mappings, by core, with the memory bandwidth over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

import problems
from problems import Problem, Schedule
from problems.foundation.errors import M3EError
from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn, safe
from reports.figures.style import FULL, Looks, log_ticks, new_figure
from reports.frames.runs import case_names, optimizer_names, used
from reports.frames.summary import Tables
from reports.schedules.chart import (
    TIME_UNITS,
    NetworkLook,
    draw_bandwidth,
    draw_jobs,
    draw_networks,
    label_cores,
    network_looks,
)
from reports.schedules.labels import core_labels, network_and_layer
from reports.storage.record import StoredRun
from reports.storage.replay import CheckedRun, Folders, known_problem

COLUMNS = {
    "case": "case, as in the runs table",
    "optimizer": "label in the campaign",
    "seed": "seed of the run with the best mapping",
    "kind": "job: execution of one job; bandwidth: interval in which the running jobs stay the same",
    "job": "number of the job",
    "network": "network of the job",
    "layer": "layer of the job",
    "core": "number of the core that runs it",
    "core_name": "name of the core",
    "start_cycles": "start of the job or interval, cycles",
    "end_cycles": "end of the job or interval, cycles; the last end is the makespan",
    "asked_gbps": "bandwidth that the job, or all running jobs, need to run without stalls; GB/s at 1 GHz",
    "limit_gbps": "shared bandwidth of the platform, GB/s",
}

MOST = 5
"""Maximum number of schedules in the figure."""

LONGEST = 1.5
"""Maximum length of the time axis, in multiples of the shortest makespan."""

_MOST_ROWS = 2.0
"""Maximum height of all rows of a schedule, in inches."""

_ROW = 0.17
"""Maximum height of a row, in inches."""

_BANDWIDTH = 0.65
"""Height of the bandwidth panel, in inches."""


def numbers(tables: Tables) -> pd.DataFrame:
    """Return the best schedule of each optimizer, with columns as in ``COLUMNS``.

    The schedules are those on the first case that has one.
    """
    best = used(tables.runs).dropna(subset=["best_value"]).sort_values("best_value", kind="stable")
    chosen = set(best.drop_duplicates(["case", "optimizer"])["run_id"])
    cases = case_names(tables.campaign)
    runs = [run for run in tables.campaign.runs if run.id in chosen and run.cores.size]
    known = [(run, *found) for run in runs if (found := _schedule_of(run, tables.campaign.files)) is not None]
    parts = [_rows(*one, tables) for one in known if cases[one[0].id] == cases[known[0][0].id]]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _schedule_of(run: CheckedRun, files: Folders) -> tuple[Problem, Schedule] | None:
    """Return problem and schedule of a run; None if version, problem or mapping do not fit."""
    if run.spec.suite_version != problems.SUITE_VERSION:
        return None
    try:
        problem = known_problem(run.spec.problem, files)
        return problem, problem.schedule(run.cores, run.priorities)
    except M3EError:
        return None


def _rows(run: StoredRun, problem: Problem, schedule: Schedule, tables: Tables) -> pd.DataFrame:
    """Return the rows of a run: the jobs of its mapping, then the intervals of its bandwidth."""
    labels = core_labels(problem)
    jobs = pd.DataFrame(network_and_layer(problem), columns=["network", "layer"]).assign(
        kind="job",
        job=np.arange(problem.num_jobs),
        core=schedule.cores,
        core_name=[labels[core] for core in schedule.cores.tolist()],
        start_cycles=schedule.starts,
        end_cycles=schedule.ends,
        asked_gbps=problem.job_table.bandwidth[np.arange(problem.num_jobs), schedule.cores],
    )
    steps = pd.DataFrame(
        {
            "kind": "bandwidth",
            "start_cycles": schedule.times[:-1],
            "end_cycles": schedule.times[1:],
            "asked_gbps": schedule.demands,
        }
    )
    both = pd.concat([jobs.sort_values("start_cycles", kind="stable"), steps])
    return both.astype({"job": "Int64", "core": "Int64"}).assign(
        case=case_names(tables.campaign)[run.id],
        optimizer=optimizer_names(tables.campaign)[run.id],
        seed=run.spec.seed,
        limit_gbps=schedule.system_bandwidth,
    )


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """Draw each schedule as one row of bars per core with the bandwidth below, all over one time axis."""
    schedules = dict(list(_schedules(numbers))[:MOST])
    jobs = numbers[numbers["kind"] == "job"].drop_duplicates(["optimizer", "job"])
    look = network_looks(list(jobs["network"]), jobs["end_cycles"] - jobs["start_cycles"])
    end = _end([schedule.makespan for schedule in schedules.values()])
    scale, unit = next((u for u in TIME_UNITS if end >= u[0]), TIME_UNITS[-1])
    names = _core_names(jobs)
    rows = min(_MOST_ROWS, _ROW * len(names))
    figure = new_figure(FULL, 0.9 + len(schedules) * (rows + _BANDWIDTH + 0.5))
    axes = figure.subplots(2 * len(schedules), 1, sharex=True, height_ratios=[rows, _BANDWIDTH] * len(schedules))
    texts = drawn(schedules)
    for place, (optimizer, schedule) in enumerate(schedules.items()):
        top, bottom = axes[2 * place : 2 * place + 2]
        own = jobs[jobs["optimizer"] == optimizer].sort_values("job")
        _draw_schedule((top, bottom), schedule, [look[network] for network in own["network"]], scale)
        label_cores(top, names, rows)
        cut = " (goes on to the right)" if schedule.makespan > end else ""
        top.set_title(
            f"{texts[optimizer]}: makespan {schedule.makespan / scale:,.4g} {unit.partition(' (')[0]}{cut}", loc="left"
        )
        if place:
            bottom.get_legend().remove()
    _align(axes[1::2])
    axes[-1].set_xlim(0.0, end / scale or 1.0)
    axes[-1].set_xlabel(f"time, {unit}\n{safe(numbers['case'].iloc[0], 90)}")
    draw_networks(figure, look)
    return figure


def _draw_schedule(axes: tuple[Axes, Axes], schedule: Schedule, looks: list[NetworkLook], scale: float) -> None:
    """Draw one schedule and a line at its makespan."""
    draw_jobs(axes[0], schedule, looks, scale)
    draw_bandwidth(axes[1], schedule, scale)
    for axis in axes:
        axis.axvline(schedule.makespan / scale, color="black", linewidth=0.8)


def _end(makespans: Sequence[float]) -> float:
    """Return the end of the time axis: the longest makespan, capped at ``LONGEST`` times the shortest."""
    return min(max(makespans), LONGEST * min(makespans) or np.inf)


def _align(axes: Sequence[Axes]) -> None:
    """Set the same range on all bandwidth axes if they have the same scale."""
    if len({axis.get_yscale() for axis in axes}) > 1:
        return
    lows, highs = zip(*(axis.get_ylim() for axis in axes), strict=True)
    for axis in axes:
        axis.set_ylim(max(lows), max(highs))
        if axis.get_yscale() == "log":
            axis.yaxis.set_major_locator(FixedLocator(log_ticks(max(lows), max(highs))))


def _schedules(numbers: pd.DataFrame) -> Iterator[tuple[str, Schedule]]:
    """Yield each optimizer with its schedule, rebuilt from the numbers."""
    for optimizer, own in numbers.groupby("optimizer", sort=False):
        jobs = own[own["kind"] == "job"].sort_values("job")
        steps = own[own["kind"] == "bandwidth"]
        starts, ends, demands = (
            part.to_numpy(dtype=np.float64) for part in (jobs["start_cycles"], jobs["end_cycles"], steps["asked_gbps"])
        )
        times = np.append(0.0, steps["end_cycles"].to_numpy(dtype=np.float64))
        cores = jobs["core"].to_numpy(dtype=np.int64)
        yield str(optimizer), Schedule(cores, starts, ends, times, demands, float(own["limit_gbps"].iloc[0]))


def _core_names(jobs: pd.DataFrame) -> list[str]:
    """Return the names of the cores in order; cores that no schedule uses are named by number."""
    known: Mapping[int, str] = dict(zip(jobs["core"], jobs["core_name"], strict=True))
    return [known.get(core, f"core {core}") for core in range(int(jobs["core"].max()) + 1)]


FIG15 = Drawing(
    "fig15",
    numbers,
    draw,
    COLUMNS,
    "Schedules found",
    "Best mapping of each optimizer on one problem, over a common time axis: one row per core, one bar per job in the "
    "colour of its network, and below them the memory bandwidth requested and used by the running jobs. Where the "
    "request exceeds the available bandwidth, all running jobs slow down equally. The vertical line is the makespan. "
    f"The axis ends at {LONGEST:g} times the shortest makespan at most, and longer schedules are cut there. With more "
    f"than {MOST} optimizers, only the first {MOST} are drawn.",
)
