"""How many targets are reached within so many evaluations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from reports.figures.drawing import Drawing
from reports.figures.style import COLUMN, FULL, Look, Looks, legend_above, log_ticks, new_figure
from reports.statistics.runtime import ECDF_COLUMNS, ecdf

MANY = 8
"""With more optimizers the figure is two columns wide, and only MAGMA gets a band."""

MARKERS = 4
"""On a line."""


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
    legend_above(figure, [line_of(look[name]) for name in names], names)
    return figure


def draw_steps(axis: Axes, x: pd.Series, share: pd.Series, look: Look, phase: float) -> None:
    """A step curve over a logarithmic axis; its markers are apart by ``phase``, 0 to 1, from those of others."""
    line: dict[str, Any] = {
        "color": look.colour,
        "linestyle": look.dashes,
        "linewidth": look.width,
        "zorder": look.level,
    }
    axis.step(x, share, where="post", **line)
    low, high = np.log(x.iloc[0]), np.log(x.iloc[-1])
    spots = np.exp(low + (high - low) * (np.arange(MARKERS) + 0.1 + 0.8 * phase) / MARKERS)
    places = np.searchsorted(x.to_numpy(), spots, side="right") - 1
    marks: dict[str, Any] = {"color": look.colour, "marker": look.marker, "markersize": 3.4, "zorder": look.level}
    axis.plot(spots, share.to_numpy()[places], linestyle="none", markeredgewidth=0.0, **marks)


def line_of(look: Look) -> Line2D:
    """An optimizer's line as legends show it."""
    line: dict[str, Any] = {"color": look.colour, "linestyle": look.dashes, "linewidth": look.width}
    return Line2D([], [], marker=look.marker, markersize=3.6, markeredgewidth=0.0, **line)


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
    "from 1 to 500 % to the reference. Lines are means over runs, without restarts, in which each problem weighs the "
    f"same; bands are 95 % bootstrap intervals over runs (with more than {MANY} optimizers for MAGMA alone), too "
    "narrow with fewer than 10 seeds. Failed runs reach nothing.",
)
