"""ECDF figure: share of targets reached over evaluations, or over CPU seconds."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from reports.figures.drawing import Drawing
from reports.figures.marks import draw_steps, line_handle
from reports.figures.style import COLUMN, FULL, Looks, legend_of, log_ticks, new_figure
from reports.frames.effort import CPU, EVALUATIONS, Effort
from reports.statistics.runtime import ecdf, ecdf_columns

MANY = 8
"""Maximum number of optimizers in a one-column figure; with more, only MAGMA gets a band."""


def draw_ecdf(effort: Effort, numbers: pd.DataFrame, look: Looks) -> Figure:
    """Draw the share of targets reached over the effort, one line per optimizer; higher is better."""
    names = [name for name in look if name in set(numbers["optimizer"])]
    few = len(names) <= MANY
    figure = new_figure(COLUMN if few else FULL, 2.6)
    axis = figure.add_subplot()
    for place, name in enumerate(names):
        own = numbers[numbers["optimizer"] == name]
        draw_steps(axis, own[effort.name], own["share"], look[name], place / len(names))
        if (few or look[name].leads) and own["low"].notna().all():
            axis.fill_between(
                own[effort.name], own["low"], own["high"], step="post", color=look[name].colour, alpha=0.15, lw=0.0
            )
    set_axes(axis, numbers[effort.name], "targets reached")
    axis.set_xlabel(effort.unit)
    legend_of(figure, look, names, line_handle)
    return figure


def set_axes(axis: Axes, x: pd.Series, label: str) -> None:
    """Set a logarithmic horizontal axis over the positive ``x``, and a vertical axis in percent from 0."""
    low, high = float(x.min()), max(float(x.max()), 1.5 * float(x.min()))
    axis.set(xscale="log", xlim=(low, high), ylim=(0.0, min(1.02, max(0.1, axis.get_ylim()[1]))), ylabel=label)
    axis.xaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axis.grid()


_BANDS = (
    "Lines are means over runs, without restarts, with equal weight for each problem; bands are {level} bootstrap "
    f"intervals over runs (with more than {MANY} optimizers, for MAGMA only), which are too narrow with fewer than 10 "
    "seeds. Failed runs reach no target."
)

ECDF = Drawing(
    "ecdf",
    ecdf,
    partial(draw_ecdf, EVALUATIONS),
    ecdf_columns(EVALUATIONS),
    "Targets reached",
    "Share of (problem, target) pairs reached within a number of evaluations (empirical distribution of running "
    "times; Hansen et al. 2021); higher is better, and the evaluations axis is logarithmic. Targets are gaps of "
    "{gaps} to the reference or, with two objectives, shortfalls below 1. " + _BANDS,
)

ECDF_CPU = Drawing(
    "ecdf-cpu",
    partial(ecdf, effort=CPU),
    partial(draw_ecdf, CPU),
    ecdf_columns(CPU),
    "Targets reached over CPU seconds",
    "Share of (problem, target) pairs reached within so many CPU seconds; higher is better, and the axis of CPU "
    "seconds is logarithmic. Targets are those over evaluations. A run that has ended keeps the targets that it has "
    "reached. CPU seconds depend on the machine; optimizers whose CPU times are unknown are left out. " + _BANDS,
    variant_of="ecdf",
)
