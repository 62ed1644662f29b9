"""Time against bandwidth, from the certified bound to what was found."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures.style import Looks
from reports.sweeps.figure import SweepFigure, draw_line, line_figure, set_log, with_values


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a time and a bound."""
    return with_values(frame, "makespan_ms", "bound_ms")


def draw(frame: pd.DataFrame) -> Figure:
    """Draw a line a design, and a band down to the certified bound."""
    low, high = float(frame["bound_ms"].min()), float(frame["makespan_ms"].max())

    def panel(axis: Axes, part: pd.DataFrame, looks: Looks) -> None:
        for design, own in part.groupby("design", sort=False):
            own, look = own.sort_values("bandwidth_gbps"), looks[str(design)]
            x, found = own["bandwidth_gbps"], own["makespan_ms"]
            axis.fill_between(x, own["bound_ms"], found, color=look.colour, alpha=0.22, linewidth=0)
            draw_line(axis, x, found, look)
        set_log(axis, "y", low, high)

    return line_figure(frame, "time of the best mapping, ms", panel)


TIME = SweepFigure(
    "time",
    numbers,
    draw,
    "Time over bandwidth",
    "Makespan of the best mapping found, over the shared bandwidth; both axes are logarithmic, and lower is better. "
    "The band below a line ends at the certified bound, below which no mapping can be: where no band is seen, the "
    "mapping is the best possible but for the width of the line. A line that falls as steeply as bandwidth grows is "
    "limited by memory, a flat one by compute.",
    "no mapping has been found",
)
