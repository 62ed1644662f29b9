"""Figure 17: throughput over the size of the job group that is mapped together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reports.figures.drawing import Drawing
from reports.figures.lettering import titles
from reports.figures.marks import line_handle
from reports.figures.style import COLUMN, FULL, Looks, legend_above, log_ticks, new_figure
from reports.figures.throughput import FLOOR, THROUGHPUTS, percent
from reports.frames.averages import geometric_mean
from reports.frames.summary import Tables, comparable
from reports.paper.common import LIMIT, draw_curves, limit_handle, with_gaps

COLUMNS = {
    "panel": "task, platform and bandwidth",
    "num_jobs": "number of jobs in the group",
    "optimizer": "label in the campaign",
    "throughput_gflops": "throughput of the best mapping, GFLOP/s at 1 GHz; median over seeds, then geometric mean "
    "over instances",
    "q1_gflops": "the same for the first quartile",
    "q3_gflops": "the same for the third quartile",
    "limit_gflops": "throughput at the certified lower bound, which no mapping exceeds, GFLOP/s at 1 GHz; geometric "
    "mean over instances",
    "gap": "limit_gflops / throughput_gflops - 1",
    "gap_q1": "limit_gflops / q3_gflops - 1",
    "gap_q3": "limit_gflops / q1_gflops - 1",
    "instances": "number of instances, the same for all optimizers at a group size",
}

MOST = 4
"""Maximum number of panel pairs side by side."""


def numbers(tables: Tables) -> pd.DataFrame:
    """Return throughput and gap by group size, with columns as in ``COLUMNS``."""
    first = tables.runs.drop_duplicates("case").set_index("case")
    cases = tables.summary[
        tables.summary["objective"].isin(THROUGHPUTS) & np.isfinite(tables.summary["ratio"].astype(float))
    ]
    flop = (tables.runs["throughput_gflops"] * tables.runs["best_value"]).groupby(tables.runs["case"]).max()
    work = cases["case"].map(flop).astype(float)  # an empty column may be one of texts
    cases = cases.assign(
        **{name: work / cases[value] for name, value in (("t", "median"), ("t1", "q3"), ("t3", "q1"))},
        limit=work / cases["lower_bound"],
        panel=cases["case"].map(_panel(first)),
        num_jobs=cases["case"].map(first["num_jobs"]),
    ).dropna(subset=["t", "num_jobs"])
    rows = [row for key, own in cases.groupby(["panel", "num_jobs"], sort=False) for row in _size_rows(key, own)]
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if not name.startswith("gap")])
    return with_gaps(table)[list(COLUMNS)].sort_values(["panel", "num_jobs"], kind="stable")


def _panel(first: pd.DataFrame) -> pd.Series:
    """Return the panel title of each case."""
    options = first["cost_model"] if first["cost_model"].nunique() > 1 else ""
    bandwidth = first["bandwidth_gbps"].map("{:g} GB/s".format)
    return first["task"] + ", " + first["platform"] + ", " + bandwidth + (", " + options if len(options) else "")


def _size_rows(key: tuple[str, int], cases: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """Yield one row per optimizer for a panel and group size, over the comparable instances."""
    for optimizer, own in comparable(cases).groupby("optimizer", sort=False):
        yield *key, optimizer, *(geometric_mean(own[name]) for name in ("t", "t1", "t3", "limit")), len(own)


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """Draw throughput above and gap to the limit below, over the group size; one pair per panel title."""
    panels = list(numbers.groupby("panel", sort=False))
    look = {name: looks[name] for name in looks if name in set(numbers["optimizer"])}
    columns = min(MOST, len(panels))
    rows = -(-len(panels) // columns)
    figure = new_figure(COLUMN if columns == 1 else FULL, 0.6 + 3.4 * rows)
    axes = figure.subplots(2 * rows, columns, squeeze=False)
    names = titles((title for title, _ in panels), 90 // columns)
    for place, (title, panel) in enumerate(panels):
        row, column = divmod(place, columns)
        top, bottom = axes[2 * row : 2 * row + 2, column]
        limit = panel.drop_duplicates("num_jobs")
        top.plot(limit["num_jobs"], limit["limit_gflops"], color="black", linewidth=0.9, linestyle=(0, (4, 2)))
        draw_curves(top, panel, look, "num_jobs", ("throughput_gflops", "q1_gflops", "q3_gflops"), FLOOR)
        draw_curves(bottom, panel, look, "num_jobs", ("gap", "gap_q1", "gap_q3"), FLOOR)
        _set_axes(top, bottom, sorted(numbers["num_jobs"].unique()))
        top.set_title(names[title])
        if column == 0:
            top.set_ylabel("throughput, GFLOP/s")
            bottom.set_ylabel("gap to certified limit")
    for axis in axes[2 * rows - 2 :, len(panels) - columns * (rows - 1) :].flat:
        axis.remove()
    figure.supxlabel("jobs in the group", fontsize=7.5)
    legend_above(figure, [*map(line_handle, look.values()), limit_handle()], [*look, LIMIT])
    return figure


def _set_axes(top: Axes, bottom: Axes, sizes: list[int]) -> None:
    """Set logarithmic axes, with as many group sizes as ticks as fit."""
    for axis in (top, bottom):
        axis.set(xscale="log", yscale="log", xlim=(sizes[0] / 1.15, sizes[-1] * 1.15))
        low, high = axis.get_ylim()
        axis.set_ylim(low / 1.2, high * 1.2)
        axis.yaxis.set_major_locator(FixedLocator(log_ticks(*axis.get_ylim())))
        axis.xaxis.set_major_locator(FixedLocator(sizes[:: -(-len(sizes) // 8)]))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
        for one in (axis.xaxis, axis.yaxis):
            one.set_minor_locator(NullLocator())
        axis.grid()
    top.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    bottom.yaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value)))


FIG17 = Drawing(
    "fig17",
    numbers,
    draw,
    COLUMNS,
    "Group size",
    "Above: throughput of the best mapping within the budget, over the number of jobs that are mapped together; higher "
    "is better. No mapping exceeds the dashed line, which follows from the certified lower bound on the makespan. "
    "Below: relative gap between this limit and the throughput found. Lines are medians over seeds and bands span the "
    "first to third quartiles; with several instances, both are geometric means over them. Groups of different sizes "
    "are different samples of jobs, so the limit varies too. Gaps below 0.01 % are drawn at 0.01 %.",
)
