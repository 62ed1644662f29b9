"""Figure 15: the schedules of the best mappings, core by core, and the memory's bandwidth meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
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
from reports.storage.replay import known_problem
from reports.storage.run_folder import StoredRun

COLUMNS = {
    "case": "as in runs",
    "optimizer": "label in the campaign",
    "seed": "of the run with the best mapping",
    "kind": "job: when one job runs; bandwidth: a stretch of time in which the running jobs stay the same",
    "job": "number of the job",
    "network": "network of the job",
    "layer": "layer of the job",
    "core": "number of the core that runs it",
    "core_name": "its name",
    "start_cycles": "when the job or stretch begins",
    "end_cycles": "when it ends; the last end is the makespan",
    "asked_gbps": "bandwidth that the job, or all running jobs, would need to run without stall; GB/s at 1 GHz",
    "limit_gbps": "shared bandwidth of the platform, GB/s",
}

MOST = 5
"""Schedules in the figure."""

LONGEST = 1.5
"""How many times the shortest makespan the axis of time is at most."""

_MOST_ROWS, _ROW, _BANDWIDTH = 2.0, 0.17, 0.65
"""Inches of all rows of a schedule at most, of one at most, and of the bandwidth."""


def numbers(tables: Tables) -> pd.DataFrame:
    """The best schedule of each optimizer on the first case that has one; columns as in ``COLUMNS``."""
    best = used(tables.runs).dropna(subset=["best_value"]).sort_values("best_value", kind="stable")
    chosen = set(best.drop_duplicates(["case", "optimizer"])["run_id"])
    cases = case_names(tables.campaign)
    runs = [run for run in tables.campaign.runs if run.id in chosen and run.cores.size]
    known = [(run, *found) for run in runs if (found := _schedule_of(run)) is not None]
    parts = [_rows(*one, tables) for one in known if cases[one[0].id] == cases[known[0][0].id]]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _schedule_of(run: StoredRun) -> tuple[Problem, Schedule] | None:
    """The run's problem, if it means here what it meant then, and the schedule of its mapping, if it is one."""
    if run.spec.suite_version != problems.SUITE_VERSION:
        return None
    try:
        problem = known_problem(run.spec.problem)
        return problem, problem.schedule(run.cores, run.priorities)
    except M3EError:
        return None


def _rows(run: StoredRun, problem: Problem, schedule: Schedule, tables: Tables) -> pd.DataFrame:
    """The jobs of a run's mapping, then the stretches of its bandwidth."""
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
    steps = {"start_cycles": schedule.times[:-1], "end_cycles": schedule.times[1:], "asked_gbps": schedule.demands}
    both = pd.concat([jobs.sort_values("start_cycles", kind="stable"), pd.DataFrame({"kind": "bandwidth", **steps})])
    return both.astype({"job": "Int64", "core": "Int64"}).assign(
        case=case_names(tables.campaign)[run.id],
        optimizer=optimizer_names(tables.campaign)[run.id],
        seed=run.spec.seed,
        limit_gbps=schedule.system_bandwidth,
    )


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """Pairs of a row of bars for each core and the bandwidth below it, over one axis of time."""
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
        cut = " (goes on to the right)" * (schedule.makespan > end)
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
    """One schedule, and where it ends."""
    draw_jobs(axes[0], schedule, looks, scale)
    draw_bandwidth(axes[1], schedule, scale)
    for axis in axes:
        axis.axvline(schedule.makespan / scale, color="black", linewidth=0.8)


def _end(makespans: Sequence[float]) -> float:
    """Where the axis of time ends: at the last makespan, or before if that would leave the shortest no room."""
    return min(max(makespans), LONGEST * min(makespans) or np.inf)


def _align(axes: Sequence[Axes]) -> None:
    """The same range on all axes of bandwidth, if they are of one kind."""
    if len({axis.get_yscale() for axis in axes}) > 1:
        return
    lows, highs = zip(*(axis.get_ylim() for axis in axes), strict=True)
    for axis in axes:
        axis.set_ylim(max(lows), max(highs))
        if axis.get_yscale() == "log":
            axis.yaxis.set_major_locator(FixedLocator(log_ticks(max(lows), max(highs))))


def _schedules(numbers: pd.DataFrame) -> Iterator[tuple[str, Schedule]]:
    """The schedule of each optimizer, put together again."""
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
    """By number; of cores that no schedule uses, the number."""
    known: Mapping[int, str] = dict(zip(jobs["core"], jobs["core_name"], strict=True))
    return [known.get(core, f"core {core}") for core in range(int(jobs["core"].max()) + 1)]


FIG15 = Drawing(
    "fig15",
    numbers,
    draw,
    COLUMNS,
    "Schedules found",
    "The best mapping that each optimizer found on one problem, over one axis of time: a row of bars for each core, a "
    "bar for each job in the colour of its network, and below it the memory's bandwidth, asked for by the running jobs "
    "and used by them. Where more is asked for than there is, all running jobs are slowed down alike. A vertical line "
    f"is the makespan; the axis ends at {LONGEST:g} times the shortest one, where longer schedules are cut. With more "
    f"than {MOST} optimizers only the first {MOST} are drawn.",
)
