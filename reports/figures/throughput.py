"""Throughput figure: bars relative to MAGMA by task, one panel per platform and bandwidth, as in the paper.

Only problems whose objective is the makespan or its reciprocal, the throughput, are included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from problems.objectives import OBJECTIVES
from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn, titles
from reports.figures.marks import bar_handle, draw_bars
from reports.figures.style import COLUMN, FULL, Looks, legend_of, new_figure
from reports.frames.averages import geometric_mean
from reports.frames.summary import Tables, comparable
from reports.wording.names import split_case
from reports.wording.numbers import counted

THROUGHPUTS = tuple(name for name in OBJECTIVES.names() if OBJECTIVES.get(name).tells_throughput)
"""Objectives whose ratios are ratios of throughputs."""

MEAN = "geomean"
WITHOUT = "; no magma, relative to best"

_OPTIONS: Mapping[str, Callable[[Any], str]] = {  # Any: each column has cells of its own type
    "num_jobs": lambda jobs: "all jobs" if jobs != jobs else f"{jobs:g} jobs",
    "dependent": lambda dependent: "dependent" if dependent else "",
    "cost_model": str,
    "objective": str,
}
"""Formatters of the problem options in which panels may differ."""

_BAR = 0.048
"""Minimum width of a bar, in inches."""

_GROUP = 0.5
"""Minimum width of a group's label, in inches."""

_MARGIN = 0.45
"""Width beside the bars that an axis needs, in inches."""

_LETTER = 0.068
"""Width of a letter in a title, in inches."""


THROUGHPUT_COLUMNS = {
    "panel": "title of the panel",
    "group": "task, or the mean over tasks",
    "optimizer": "label in the campaign",
    "value": "throughput relative to the reference; geometric mean over instances of the medians",
    "low": "the same for the third quartiles of the makespan",
    "high": "the same for the first quartiles of the makespan",
    "reference": "optimizer whose throughput is 1; empty: the best on each problem",
    "left_out": "problems that are not in the figure, or empty",
}


def throughput_numbers(tables: Tables) -> pd.DataFrame:
    """Return one row per bar, with columns as in ``THROUGHPUT_COLUMNS``."""
    left_out = _left_out(tables)
    bars = relative_throughput(tables).assign(reference=tables.magma, left_out=left_out)
    reason = "no run has found a valid mapping yet"
    bars.attrs["why"] = f"{left_out}; {reason}" if left_out else reason
    return bars


def draw_throughput(bars: pd.DataFrame, look: Looks) -> Figure:
    """Draw bars of relative throughput; higher is better."""
    reference = bars["reference"].iloc[0]
    left_out = bars["left_out"].iloc[0]
    shown = [name for name in look if name in set(bars["optimizer"])]
    panels = list(bars.groupby("panel", sort=False))
    groups = max(panel["group"].nunique() for _, panel in panels)
    room = groups * max(_GROUP, (len(shown) + 1) * _BAR) + _MARGIN
    columns = min(len(panels), max(1, int(FULL / room)))
    rows = -(-len(panels) // columns)
    figure = new_figure(COLUMN if columns == 1 and room <= COLUMN else FULL, 0.6 + 1.55 * rows)
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    names = titles([title for title, _ in panels], max(12, int(figure.get_figwidth() / columns / _LETTER) - 6))
    for axis, (title, panel) in zip(axes, panels, strict=False):
        _draw_panel(axis, panel, {name: look[name] for name in shown})
        axis.set_title(names[title])
    for axis in axes[len(panels) :]:
        axis.remove()
    for axis in axes[: len(panels) : columns]:
        axis.set_ylabel(f"throughput\nrelative to {drawn([*look, reference], 16)[reference] if reference else 'best'}")
    legend_of(figure, look, shown, bar_handle)
    if left_out:
        figure.supxlabel(left_out, fontsize=7.5)
    return figure


def _left_out(tables: Tables) -> str:
    """Return a note on the problems that are left out, or ""."""
    others = tables.runs.drop_duplicates("case")
    others = others[~others["objective"].isin(THROUGHPUTS)]
    names = ", ".join(others["objective"].unique())
    return f"left out: {counted(len(others), 'problem')} whose objective is {names}" if len(others) else ""


def relative_throughput(tables: Tables) -> pd.DataFrame:
    """Return one row per bar: panel, group (task or mean), optimizer, value, low and high (from the quartiles)."""
    first = tables.runs.drop_duplicates("case").set_index("case")
    cases = tables.summary.dropna(subset=["median"])
    cases = cases[cases["objective"].isin(THROUGHPUTS)]
    cases = cases.assign(panel=cases["case"].map(_panels(first)), task=cases["case"].map(first["task"]))
    own = cases[cases["optimizer"] == tables.magma].set_index("case")["median"].astype(float)
    best = cases.groupby("case")["median"].min()
    without = ~cases["case"].isin(own.index[np.isfinite(own)])
    cases = cases.assign(reference=cases["case"].map(own).mask(without, cases["case"].map(best)).astype(float))
    if tables.magma:
        cases.loc[without, "panel"] += WITHOUT
    cases = cases[np.isfinite(cases["reference"])]
    quotients = {"value": "median", "low": "q3", "high": "q1"}
    cases = cases.assign(**{name: cases["reference"] / cases[column] for name, column in quotients.items()})
    rows = [row for panel in cases.groupby("panel", sort=False) for row in _bars(*panel)]
    return pd.DataFrame(rows, columns=["panel", "group", "optimizer", *quotients])


def _panels(cases: pd.DataFrame) -> dict[str, str]:
    """Return the panel title of each case: platform, bandwidth, and the options in which cases differ."""
    differing = [name for name in _OPTIONS if cases[name].nunique() > 1]

    def title(case: str, row: pd.Series) -> str:
        if not row["platform"]:
            return "other problems"
        options = [_OPTIONS[name](row[name]) for name in differing]
        parts = [row["platform"], f"{row['bandwidth_gbps']:g} GB/s", *filter(None, options)]
        return ", ".join(parts) + split_case(case)[1]

    return {str(case): title(str(case), row) for case, row in cases.iterrows()}


def _bars(title: str, panel: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """Yield the bars of one panel: means over the instances of each task, then over the comparable tasks."""
    for (task, optimizer), own in panel.groupby(["task", "optimizer"], sort=False):
        yield (title, task, optimizer, *(geometric_mean(own[column]) for column in ("value", "low", "high")))
    if panel["task"].nunique() > 1:
        tasks = comparable(panel).groupby(["optimizer", "task"], sort=False)["value"].agg(geometric_mean)
        for optimizer, own in tasks.groupby("optimizer", sort=False):
            yield (title, MEAN, optimizer, geometric_mean(own), np.nan, np.nan)


def _draw_panel(axis: Axes, panel: pd.DataFrame, look: Looks) -> None:
    groups = [group for group in panel["group"].unique() if group != MEAN]
    groups += [MEAN] if MEAN in set(panel["group"]) else []
    draw_bars(axis, panel, look, groups)
    axis.axhline(1.0, color="#444444", linewidth=0.6, zorder=0.9)
    if MEAN in groups:
        axis.axvline(len(groups) - 1.5, color="#aaaaaa", linewidth=0.6)
    axis.set_xticks(range(len(groups)), list(drawn(groups, 8).values()))
    axis.set_ylim(0.0, max(1.05, axis.get_ylim()[1]))


THROUGHPUT = Drawing(
    "throughput",
    throughput_numbers,
    draw_throughput,
    THROUGHPUT_COLUMNS,
    "Throughput",
    "Throughput of the best mapping within the budget, relative to MAGMA (or to the best optimizer on problems where "
    "MAGMA has no result); higher is better. Bars are medians over seeds and whiskers span the first to third "
    "quartiles; with several instances of a task, both are geometric means over them. The last group is the geometric "
    "mean over those tasks of the panel on which all optimizers have a value. A cross marks runs that found no valid "
    "mapping. Problems with objectives other than latency and throughput are left out.",
)
