"""The paper's bars: throughput relative to MAGMA, by task, a panel for each platform and bandwidth.

Only of problems whose objective is the makespan or its reciprocal, the throughput.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from problems.objectives import OBJECTIVES
from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn, titles
from reports.figures.marks import bar_handle, draw_bars
from reports.figures.style import COLUMN, FULL, Looks, legend_above, new_figure
from reports.frames.averages import geometric_mean
from reports.frames.summary import Tables, comparable
from reports.wording.names import split_case

THROUGHPUTS = tuple(name for name in OBJECTIVES.names() if OBJECTIVES.get(name).tells_throughput)
"""The objectives whose quotients are quotients of throughputs."""

MEAN = "geomean"
WITHOUT = "; no magma, relative to best"
_OPTIONS: Mapping[str, Callable[[Any], str]] = {
    "num_jobs": lambda jobs: "all jobs" if jobs != jobs else f"{jobs:g} jobs",
    "dependent": lambda dependent: "dependent" if dependent else "",
    "cost_model": str,
    "objective": str,
}
"""How parts of a problem are written that panels may differ in."""

_BAR, _GROUP, _MARGIN, _LETTER = 0.048, 0.5, 0.45, 0.068
"""Inches: a bar and a group's label at least, what the axis needs beside, and a letter of a title."""


THROUGHPUT_COLUMNS = {
    "panel": "title of the panel",
    "group": "task, or the mean over tasks",
    "optimizer": "label in the campaign",
    "value": "throughput over that of the reference, geometric mean over instances of medians",
    "low": "the same of the third quartiles of the makespan",
    "high": "the same of its first quartiles",
    "reference": "whose throughput is 1; empty: the best of each problem",
    "left_out": "which problems are not in the figure, or empty",
}


def throughput_numbers(tables: Tables) -> pd.DataFrame:
    """Bars, one a row; columns as in ``THROUGHPUT_COLUMNS``."""
    bars, left_out = relative_throughput(tables), _left_out(tables)
    bars = bars.assign(reference=tables.magma, left_out=left_out)
    bars.attrs["why"] = f"{left_out}; " * bool(left_out) + "no run has found a valid mapping yet"
    return bars


def draw_throughput(bars: pd.DataFrame, look: Looks) -> Figure:
    """Bars of relative throughput; higher is better."""
    reference, left_out = bars["reference"].iloc[0], bars["left_out"].iloc[0]
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
    legend_above(figure, [bar_handle(look[name]) for name in shown], shown)
    if left_out:
        figure.supxlabel(left_out, fontsize=7.5)
    return figure


def _left_out(tables: Tables) -> str:
    """Why cases are missing, or ""."""
    others = tables.runs.drop_duplicates("case")
    others = others[~others["objective"].isin(THROUGHPUTS)]
    names = ", ".join(others["objective"].unique())
    kind = "problem" if len(others) == 1 else "problems"
    return f"left out: {len(others)} {kind} whose objective is {names}" if len(others) else ""


def relative_throughput(tables: Tables) -> pd.DataFrame:
    """Bars, one a row: panel, group (task or mean), optimizer, value, low and high (of the quartiles)."""
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
    """The title of each case's panel: platform and bandwidth, and what else they differ in."""
    differing = [name for name in _OPTIONS if cases[name].nunique() > 1]

    def title(case: str, row: pd.Series) -> str:
        if not row["platform"]:
            return "other problems"
        options = [_OPTIONS[name](row[name]) for name in differing]
        parts = [row["platform"], f"{row['bandwidth_gbps']:g} GB/s", *filter(None, options)]
        return ", ".join(parts) + split_case(case)[1]

    return {str(case): title(str(case), row) for case, row in cases.iterrows()}


def _bars(title: str, panel: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """The bars of one panel: by task the mean over instances, then over the tasks that compare."""
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
    "Throughput of the best mapping within the budget, relative to MAGMA (to the best optimizer of each problem "
    "if MAGMA has no result there); higher is better. Bars are medians over seeds, whiskers reach from the "
    "first to the third quartile; over several instances of a task, geometric means of these. The last group is "
    "the geometric mean over the tasks of the panel in which all have a value. A cross stands "
    "for runs that found no valid mapping. Problems with other objectives than latency and throughput are left "
    "out.",
)
