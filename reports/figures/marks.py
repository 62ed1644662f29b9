"""Bars, dots and lines shared by all figures, and their legend handles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from problems.arrays import FloatArray
from reports.figures.style import Look, Looks

CROSS = "\N{MULTIPLICATION SIGN}"
"""Mark in place of a bar or dot: no valid mapping was found."""

MARKERS = 4
"""Number of markers on a step curve."""


def draw_bars(axis: Axes, bars: pd.DataFrame, look: Looks, groups: Sequence[str]) -> None:
    """Draw groups of bars with whiskers; each optimizer of ``look`` keeps its place in every group.

    Args:
        axis: Axes to draw on.
        bars: Table with the columns ``group``, ``optimizer``, ``value``, ``low``, ``high``. A bar of value 0 becomes a
            cross.
        look: Looks of the optimizers.
        groups: Names of the groups, from left to right.
    """
    width = min(0.25, 0.86 / len(look))
    for place, (name, own_look) in enumerate(look.items()):
        own = bars[bars["optimizer"] == name].set_index("group").reindex(list(groups)).dropna(subset=["value"])
        x = np.array([groups.index(g) for g in own.index]) + (place - (len(look) - 1) / 2) * width
        values = own["value"].to_numpy(dtype=np.float64)
        axis.bar(x, values, width, color=own_look.colour, hatch=own_look.hatch, edgecolor="white", linewidth=0.3)
        _draw_whiskers(axis, x, values, own[["low", "high"]].to_numpy(dtype=np.float64).T)
        for nothing in x[values == 0.0]:
            axis.annotate(CROSS, (nothing, 0), ha="center", va="bottom", color=own_look.colour, fontsize=7)
    axis.set_xlim(-0.5, len(groups) - 0.5)
    axis.tick_params(axis="x", length=0)
    axis.grid(axis="y")


def _draw_whiskers(axis: Axes, x: FloatArray, values: FloatArray, ends: FloatArray) -> None:
    """Draw whiskers from low to high where these differ, with a white outline that shows on dark bars."""
    spread = np.nan_to_num(np.abs(ends - values))
    some = spread.any(axis=0)
    seam = [withStroke(linewidth=1.7, foreground="white")]
    axis.errorbar(
        x[some],
        values[some],
        spread[:, some],
        fmt="none",
        capsize=1.2,
        ecolor="black",
        elinewidth=0.7,
        path_effects=seam,
    )


def bar_handle(look: Look) -> Artist:
    """Return the legend handle of a bar."""
    return Patch(facecolor=look.colour, hatch=look.hatch, edgecolor="white", linewidth=0.3)


def draw_dots(axis: Axes, dots: pd.DataFrame, look: Looks, groups: Sequence[str], floor: float) -> None:
    """Draw rows of dots with whiskers; each optimizer of ``look`` keeps its height in every row.

    Args:
        axis: Axes to draw on; horizontal positions are values.
        dots: Table with the columns ``group``, ``optimizer``, ``value``, ``low``, ``high``. An infinite value becomes a
            cross at the right end.
        look: Looks of the optimizers.
        groups: Names of the rows, from top to bottom.
        floor: Smallest value that is drawn; lower ones are drawn there.
    """
    for place, (name, own_look) in enumerate(look.items()):
        own = dots[dots["optimizer"] == name].set_index("group").reindex(list(groups)).dropna(subset=["value"])
        y = np.array([groups.index(group) for group in own.index]) + 0.86 * ((place + 0.5) / len(look) - 0.5)
        values, low, high = (own[key].to_numpy(dtype=np.float64) for key in ("value", "low", "high"))
        some = np.isfinite(low) & np.isfinite(high) & (high > low)
        ends = np.maximum((low[some], high[some]), floor)
        axis.hlines(y[some], *ends, color=own_look.colour, linewidth=0.9, zorder=own_look.level)
        found = np.isfinite(values)
        if found.any():  # Matplotlib takes a line of no points for one at the figure's corner
            x = np.maximum(values[found], floor)
            axis.plot(x, y[found], **_dot(own_look), clip_on=False, zorder=own_look.level)
        for nothing in y[~found]:
            spot = axis.get_yaxis_transform()
            axis.text(0.99, nothing, CROSS, transform=spot, ha="right", va="center", color=own_look.colour, fontsize=7)


def dot_handle(look: Look) -> Artist:
    """Return the legend handle of a dot."""
    return Line2D([], [], **_dot(look))


def _dot(look: Look) -> dict[str, Any]:  # Any: Matplotlib types each property on its own
    """Return the properties of a dot."""
    size = 5.0 if look.marker == "*" else 4.2 if look.leads else 2.4 if look.quiet else 3.6
    return {
        "color": look.colour,
        "linestyle": "none",
        "marker": look.marker or "o",  # the quiet have none on lines
        "markersize": size,
        "markeredgewidth": 0.0,
    }


def draw_steps(axis: Axes, x: pd.Series, y: pd.Series, look: Look, phase: float) -> None:
    """Draw a step curve over a logarithmic axis, with gaps where ``y`` is NaN.

    Args:
        axis: Axes to draw on.
        x: ``(n,)`` positive positions, ascending.
        y: ``(n,)`` values, each valid from its ``x`` on.
        look: Look of the optimizer.
        phase: Offset of the markers from those of other curves, from 0 to 1.
    """
    places = x.to_numpy(dtype=np.float64)
    heights = y.to_numpy(dtype=np.float64)
    axis.step(
        places,
        heights,
        where="post",
        color=look.colour,
        linestyle=look.dashes,
        linewidth=look.width,
        zorder=look.level,
    )
    low, high = np.log(places[0]), np.log(places[-1])
    spots = np.exp(low + (high - low) * (np.arange(MARKERS) + 0.1 + 0.8 * phase) / MARKERS)
    at = heights[np.maximum(0, np.searchsorted(places, spots, side="right") - 1)]
    axis.plot(
        spots,
        at,
        linestyle="none",
        color=look.colour,
        marker=look.marker,
        markersize=3.4,
        markeredgewidth=0.0,
        zorder=look.level,
    )


def line_handle(look: Look) -> Artist:
    """Return the legend handle of a line."""
    return Line2D([], [], **line_properties(look))


def line_properties(look: Look) -> dict[str, Any]:  # Any: Matplotlib types each property on its own
    """Return the properties of a line with markers."""
    return {
        "color": look.colour,
        "linestyle": look.dashes,
        "linewidth": look.width,
        "marker": look.marker,
        "markersize": 3.6,
        "markeredgewidth": 0.0,
        "zorder": look.level,
    }
