"""Figure 14: PE arrays of fixed shape compared with arrays whose shape is chosen for each job."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

import problems
from problems.foundation.errors import M3EError
from reports.figures.drawing import Drawing
from reports.figures.lettering import titles
from reports.figures.style import FULL, Look, Looks, legend_above, log_ticks, new_figure
from reports.figures.throughput import THROUGHPUTS
from reports.frames.averages import geometric_mean, quantile
from reports.frames.runs import used
from reports.frames.summary import Tables
from reports.storage.replay import Folders, known_problem

COLUMNS = {
    "panel": "latency or bandwidth of the jobs on the platform's first core without stalls, or throughput found",
    "group": "task and platform; for throughput also the bandwidth in GB/s",
    "arrays": "fixed, or flexible: shape chosen for each job",
    "cost_model": "cost model of the problem",
    "optimizer": "label in the campaign; empty for jobs",
    "median": "median over the jobs; or median over seeds, then geometric mean over instances",
    "q1": "the same for the first quartile",
    "q3": "the same for the third quartile",
    "unit": "unit of median and quartiles",
    "count": "number of jobs or runs",
}

PANELS = {
    "latency": ("latency of the jobs, no stall", "cycles"),
    "bandwidth": ("bandwidth that the jobs require", "GB/s"),
    "throughput": ("throughput found", "GFLOP/s"),
}
"""Title and unit of each panel."""

ARRAYS = ("fixed", "flexible")

FLEXIBLE = "-flexible"
"""Suffix of the names of cost models with flexible arrays."""

_JOBS = Look("#444444", "o", "", "-")


def numbers(tables: Tables) -> pd.DataFrame:
    """Return quartiles over jobs, then over runs, with columns as in ``COLUMNS``."""
    rows = [*_job_rows(tables), *_throughput_rows(tables)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table if table["median"].gt(0.0).any() else table[:0]


def _job_rows(tables: Tables) -> Iterator[tuple[object, ...]]:
    """Yield latency and bandwidth of the jobs by task, platform and cost model; each instance counts once."""
    runs = used(tables.runs)
    runs = runs[runs["platform"].ne("") & runs["suite_version"].eq(problems.SUITE_VERSION)]
    groups = ["task", "platform", "cost_model"]
    for (task, platform, model), own in runs.groupby(groups, sort=False):
        one = own.drop_duplicates("instance")
        costs = [_first_core(problem, tables.campaign.files) for problem in one["problem"]]
        latency, bandwidth = (np.concatenate([cost[part] for cost in costs]) for part in (0, 1))
        for panel, values in (("latency", latency), ("bandwidth", bandwidth)):
            if values.size:
                quartiles = (float(quantile(values, q)) for q in (0.5, 0.25, 0.75))
                yield (
                    panel,
                    _group(task, platform),
                    _arrays(model),
                    model,
                    "",
                    *quartiles,
                    PANELS[panel][1],
                    len(values),
                )


def _first_core(problem_id: str, files: Folders) -> tuple[np.ndarray, np.ndarray]:
    """Return latency and bandwidth ``(n,)`` of the jobs that the first core can run; empty if unknown."""
    try:
        table = known_problem(problem_id, files).job_table
    except M3EError:
        return np.zeros(0), np.zeros(0)
    possible = np.isfinite(table.latency[:, 0])
    return table.latency[possible, 0], table.bandwidth[possible, 0]


def _throughput_rows(tables: Tables) -> Iterator[tuple[object, ...]]:
    """Yield the throughput by task, platform, bandwidth, cost model and optimizer."""
    runs = tables.runs
    runs = runs[runs["objective"].isin(THROUGHPUTS) & runs["platform"].ne("")]
    valid = np.isfinite(runs["value"].astype(float))
    found = runs["throughput_gflops"].where(valid, 0.0)  # 0 without a valid mapping
    runs = runs.assign(found=found).dropna(subset=["found"])
    groups = ["task", "platform", "bandwidth_gbps", "cost_model", "optimizer"]
    for (task, platform, bandwidth, model, optimizer), own in runs.groupby(groups, sort=False):
        cases = [one["found"] for _, one in own.groupby("case")]
        quartiles = (geometric_mean([float(quantile(case, q)) for case in cases]) for q in (0.5, 0.25, 0.75))
        group = f"{_group(task, platform)}, {bandwidth:g}"
        yield "throughput", group, _arrays(model), model, optimizer, *quartiles, PANELS["throughput"][1], len(own)


def _group(task: str, platform: str) -> str:
    return f"{task}, {platform}"


def _arrays(model: str) -> str:
    return "flexible" if model.endswith(FLEXIBLE) else "fixed"


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """Draw medians as dots and quartiles as lines, hollow for fixed arrays; jobs above, throughput below."""
    figure = new_figure(FULL, 4.2)
    axes = figure.subplot_mosaic([["latency", "bandwidth"], ["throughput", "throughput"]])
    shown = [name for name in looks if name in set(numbers["optimizer"])]
    for name, axis in axes.items():
        own = numbers[(numbers["panel"] == name) & numbers["median"].gt(0.0)]
        entries = {"": _JOBS} if name != "throughput" else {label: looks[label] for label in shown}
        if own.empty:
            axis.remove()
            continue
        _draw_panel(axis, own, entries)
        title, unit = PANELS[name]
        axis.set(title=title, ylabel=unit)
    handles = [_mark(_JOBS, arrays) for arrays in ARRAYS]
    legend_above(
        figure,
        [*handles, *(_mark(looks[name], "flexible") for name in shown)],
        [f"{arrays} arrays" for arrays in ARRAYS] + shown,
    )
    return figure


def _draw_panel(axis: Axes, panel: pd.DataFrame, entries: Looks) -> None:
    """Draw one panel: groups side by side, each with the optimizers with fixed and flexible arrays."""
    groups = list(panel["group"].unique())
    models = list(panel["cost_model"].unique())
    pairs = [(name, model) for name in entries for model in models]
    for place, (name, model) in enumerate(pairs):
        own = panel[(panel["optimizer"] == name) & (panel["cost_model"] == model)]
        x = own["group"].map(groups.index).astype(float) + (place - (len(pairs) - 1) / 2.0) * 0.7 / len(pairs)
        axis.vlines(x, own["q1"], own["q3"], color=entries[name].colour, linewidth=1.0)
        mark = _mark(entries[name], _arrays(model))
        mark.set_data(x.to_numpy(dtype=np.float64), own["median"].to_numpy(dtype=np.float64))
        axis.add_line(mark)
    axis.set(yscale="log", xlim=(-0.5, len(groups) - 0.5))
    axis.autoscale_view(scalex=False)
    axis.set_xticks(range(len(groups)), _names(groups))
    axis.tick_params(axis="x", length=0)
    for line in range(1, len(groups)):
        axis.axvline(line - 0.5, color="#d9d9d9", linewidth=0.5)
    _set_values(axis)


def _names(groups: list[str]) -> list[str]:
    """Return the labels of the groups, without the task if all share it."""
    parts = [group.split(", ") for group in groups]
    short = [part[1:] for part in parts] if len({part[0] for part in parts}) == 1 else parts
    texts = [", ".join(part) for part in short]
    labels = (f"{text} GB/s" if len(part) == 2 else text for text, part in zip(texts, short, strict=True))
    return list(titles(labels, 12).values())


def _set_values(axis: Axes) -> None:
    """Set the ticks of the logarithmic value axis."""
    low, high = axis.get_ylim()
    axis.set_ylim(low / 1.2, high * 1.2)
    axis.yaxis.set_major_locator(FixedLocator(log_ticks(*axis.get_ylim())))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.yaxis.set_minor_locator(NullLocator())
    axis.grid(axis="y")


def _mark(look: Look, arrays: str) -> Line2D:
    fill = look.colour if arrays == "flexible" else "white"
    mark = Line2D([], [], color=look.colour, linestyle="none", marker=look.marker, markersize=4.5)
    mark.set(markerfacecolor=fill, markeredgewidth=1.0, zorder=3.0)
    return mark


FIG14 = Drawing(
    "fig14",
    numbers,
    draw,
    COLUMNS,
    "Fixed and flexible PE arrays",
    "Cores with a PE array of fixed shape (hollow) and cores that choose the fastest shape for each job (filled). "
    "Above: latency and required bandwidth of the jobs on the platform's first core without stalls; dots are medians "
    "over jobs, lines span the first to third quartiles. Below: throughput of the best mapping that each optimizer "
    "finds for the makespan, by platform and shared bandwidth; dots are medians over seeds, lines span the quartiles. "
    "All vertical axes are logarithmic. Medians of zero bandwidth are not drawn.",
)
