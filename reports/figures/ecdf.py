"""How many targets are reached within so many evaluations."""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from reports.figures.drawing import Drawing
from reports.figures.marks import draw_steps, line_handle
from reports.figures.style import COLUMN, FULL, Looks, legend_above, log_ticks, new_figure
from reports.statistics.runtime import ECDF_COLUMNS, ecdf

MANY = 8
"""With more optimizers the figure is two columns wide, and only MAGMA gets a band."""


def draw_ecdf(numbers: pd.DataFrame, look: Looks) -> Figure:
    """A line an optimizer: share of targets reached over evaluations; higher is better."""
    names = [name for name in look if name in set(numbers["optimizer"])]
    few = len(names) <= MANY
    figure = new_figure(COLUMN if few else FULL, 2.6)
    axis = figure.add_subplot()
    for place, name in enumerate(names):
        own = numbers[numbers["optimizer"] == name]
        draw_steps(axis, own["evaluations"], own["share"], look[name], place / len(names))
        if (few or look[name].leads) and own["low"].notna().all():
            axis.fill_between(
                own["evaluations"], own["low"], own["high"], step="post", color=look[name].colour, alpha=0.15, lw=0.0
            )
    set_axes(axis, numbers["evaluations"], "targets reached")
    axis.set_xlabel("evaluations")
    legend_above(figure, [line_handle(look[name]) for name in names], names)
    return figure


def set_axes(axis: Axes, x: pd.Series, label: str) -> None:
    """A logarithmic axis over ``x``, which is positive, and one of percents from 0 up."""
    low, high = float(x.min()), max(float(x.max()), 1.5 * float(x.min()))
    axis.set(xscale="log", xlim=(low, high), ylim=(0.0, min(1.02, max(0.1, axis.get_ylim()[1]))), ylabel=label)
    axis.xaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axis.grid()


ECDF = Drawing(
    "ecdf",
    ecdf,
    draw_ecdf,
    ECDF_COLUMNS,
    "Targets reached",
    "Share of pairs of problem and target that are reached within so many evaluations (empirical distribution of "
    "running times; Hansen et al. 2021); higher is better, the axis of evaluations is logarithmic. Targets are gaps "
    "from 1 to 500 % to the reference, or with two objectives shortfalls below 1. "
    "Lines are means over runs, without restarts, in which each problem weighs the "
    f"same; bands are 95 % bootstrap intervals over runs (with more than {MANY} optimizers for MAGMA alone), too "
    "narrow with fewer than 10 seeds. Failed runs reach nothing.",
)
