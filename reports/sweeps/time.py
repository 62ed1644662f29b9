"""Time against bandwidth, from the certified bound to what was found."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures.style import Looks
from reports.sweeps.figure import SweepFigure, View, draw_line, line_figure, set_log, with_values


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a time and a bound, and both over the time of the fastest design at their bandwidth."""
    rows = with_values(frame, "makespan_ms", "bound_ms")
    fastest = rows.groupby(["cost_model", "bandwidth_gbps"])["makespan_ms"].transform("min")
    return rows.assign(ratio=rows["makespan_ms"] / fastest, bound_ratio=rows["bound_ms"] / fastest)


def draw(frame: pd.DataFrame) -> Figure:
    """Draw a line a design and a band down to the certified bound: in ms, and beside it over the fastest design."""
    views = [_view(frame, "time of the best mapping, ms", "makespan_ms", "bound_ms")]
    if frame["design"].nunique() > 1:
        views.append(_view(frame, "time / that of the fastest design", "ratio", "bound_ratio", 1.0))
    return line_figure(frame, views)


def _view(frame: pd.DataFrame, label: str, found: str, bound: str, reference: float | None = None) -> View:
    low, high = float(frame[bound].min()), float(frame[found].max())

    def panel(axis: Axes, part: pd.DataFrame, looks: Looks) -> None:
        for design, own in part.groupby("design", sort=False):
            own, look = own.sort_values("bandwidth_gbps"), looks[str(design)]
            x = own["bandwidth_gbps"]
            axis.fill_between(x, own[bound], own[found], color=look.colour, alpha=0.22, linewidth=0)
            draw_line(axis, x, own[found], look)
        set_log(axis, "y", low, high, reference=reference)

    return View(label, panel)


TIME = SweepFigure(
    "time",
    numbers,
    draw,
    "Time over bandwidth",
    "Makespan of the best mapping found, over the shared bandwidth; both axes are logarithmic, and lower is better. "
    "The band below a line ends at the certified bound, below which no mapping can be: where no band is seen, the "
    "mapping is the best possible but for the width of the line. At the right, times are over that of the fastest "
    "design at the same bandwidth. A line that falls as steeply as bandwidth grows is limited by memory, a flat one "
    "by compute.",
    "no mapping has been found",
)
