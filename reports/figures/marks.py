"""Bars and lines as all figures draw them, and how legends show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from problems.arrays import FloatArray
from reports.figures.style import Look, Looks

CROSS = "\N{MULTIPLICATION SIGN}"
"""Stands for a bar of no height: nothing valid was found."""

MARKERS = 4
"""On a line of steps."""


def draw_bars(axis: Axes, bars: pd.DataFrame, look: Looks, groups: Sequence[str]) -> None:
    """Groups of bars with whiskers; every optimizer of ``look`` has its place in every group.

    Args:
        axis: Where.
        bars: Columns ``group``, ``optimizer``, ``value``, ``low``, ``high``. A bar of no height gets a cross.
        look: The optimizers.
        groups: From left to right.
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
    """From low to high, where these differ; with a white seam, to be seen on dark bars."""
    spread = np.nan_to_num(np.abs(ends - values))
    some = spread.any(axis=0)
    seam = [withStroke(linewidth=1.7, foreground="white")]
    axis.errorbar(
        *(x[some], values[some], spread[:, some]),
        fmt="none",
        capsize=1.2,
        ecolor="black",
        elinewidth=0.7,
        path_effects=seam,
    )


def bar_handle(look: Look) -> Artist:
    """A bar's, for legends."""
    return Patch(facecolor=look.colour, hatch=look.hatch, edgecolor="white", linewidth=0.3)


def draw_steps(axis: Axes, x: pd.Series, y: pd.Series, look: Look, phase: float) -> None:
    """A step curve over a logarithmic axis, with gaps where ``y`` is NaN.

    Args:
        axis: Where.
        x: ``(n,)`` positive, ascending.
        y: ``(n,)`` from each ``x`` on.
        look: The optimizer's.
        phase: From 0 to 1: how far its markers are from those of others.
    """
    places, heights = x.to_numpy(dtype=np.float64), y.to_numpy(dtype=np.float64)
    axis.step(places, heights, where="post", **_line(look), zorder=look.level)
    low, high = np.log(places[0]), np.log(places[-1])
    spots = np.exp(low + (high - low) * (np.arange(MARKERS) + 0.1 + 0.8 * phase) / MARKERS)
    at = heights[np.maximum(0, np.searchsorted(places, spots, side="right") - 1)]
    marks: dict[str, Any] = {"color": look.colour, "marker": look.marker, "markersize": 3.4, "zorder": look.level}
    axis.plot(spots, at, linestyle="none", markeredgewidth=0.0, **marks)


def line_handle(look: Look) -> Artist:
    """A line's, for legends."""
    return Line2D([], [], **_line(look), marker=look.marker, markersize=3.6, markeredgewidth=0.0)


def _line(look: Look) -> dict[str, Any]:
    return {"color": look.colour, "linestyle": look.dashes, "linewidth": look.width}
