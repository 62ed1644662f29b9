"""Time figure: CPU time of runs, and wall time split into ask (propose), tell (learn), evaluate and other."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn
from reports.figures.style import FULL, Looks, legend_above, log_ticks, new_figure
from reports.frames.runs import used
from reports.frames.summary import Tables

PARTS = {
    "ask": ("#2b2b2b", "", "white"),
    "tell": ("#a8a8a8", "////", "black"),
    "evaluate": ("#dcdcdc", "", "black"),
    "other": ("#ffffff", "....", "black"),
}
"""Fill, hatch and text colour of each part; greys, because colours stand for optimizers."""


TIME_COLUMNS = {
    "optimizer": "label in the campaign",
    "cpu": "CPU seconds per 1,000 evaluations; median over runs",
    **{part: f"wall seconds per 1,000 evaluations, {part}; median over runs" for part in (*PARTS, "total")},
}


def time_numbers(tables: Tables) -> pd.DataFrame:
    """Return CPU and wall seconds per 1,000 evaluations by optimizer, wall also for each part; medians over runs."""
    ended = used(tables.runs)
    ended = ended[ended["ranked"].astype(bool)]  # evaluations of the others do not count
    ended = ended[(ended[["num_evaluations", "total_seconds", "cpu_seconds"]] > 0).all(axis=1)]
    names = ["cpu", *PARTS, "total"]
    rates = pd.DataFrame({name: 1000.0 * ended[f"{name}_seconds"] / ended["num_evaluations"] for name in names})
    numbers = rates.groupby(ended["optimizer"], sort=False).median().reset_index()
    numbers.attrs["why"] = "no run with results has taken any time"
    return numbers


def draw_time(numbers: pd.DataFrame, look: Looks) -> Figure:
    """Draw the CPU seconds per 1,000 evaluations on a logarithmic axis, and beside them the wall share of each part."""
    times = numbers.set_index("optimizer")
    times = times.reindex([name for name in look if name in times.index])
    figure = new_figure(FULL, 0.85 + 0.21 * len(times))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.0, 1.25))
    _draw_totals(left, times["cpu"], look)
    _draw_shares(right, times[list(PARTS)])
    left.set_yticks(range(len(times)), list(drawn(times.index, 24).values()))
    left.set_ylim(len(times) - 0.4, -0.6)
    handles = [Patch(facecolor=c, hatch=h, edgecolor="black", linewidth=0.5) for c, h, _ in PARTS.values()]
    legend_above(figure, handles, list(PARTS))
    return figure


def _draw_totals(axis: Axes, totals: pd.Series, look: Looks) -> None:
    """Draw a marker for each optimizer, with its value on the side that has room."""
    low, high = totals.min() / 2.0, totals.max() * 2.0
    low, high = (low, high) if high / low > 100.0 else (low / 3.0, high * 3.0)
    axis.set(xscale="log", xlim=(low, high), xlabel="CPU s per 1,000 evaluations (log axis)")
    for place, (name, total) in enumerate(totals.items()):
        own = look[str(name)]
        axis.plot([low, total], [place, place], color=own.colour, linewidth=own.width, linestyle=own.dashes)
        axis.plot([total], [place], color=own.colour, marker=own.marker, markersize=5)
        left = np.log(total / low) > 0.6 * np.log(high / low)
        axis.annotate(
            _number(total),
            (total, place),
            xytext=(-7 if left else 7, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
    axis.xaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.grid(axis="x")


def _draw_shares(axis: Axes, times: pd.DataFrame) -> None:
    """Draw bars stacked to 100 %, with numbers in parts that are wide enough."""
    shares = 100.0 * times.div(times.sum(axis=1), axis=0).fillna(0.0)
    ends = shares.cumsum(axis=1)
    for part, (fill, hatch, ink) in PARTS.items():
        widths = shares[part].to_numpy()
        places = np.arange(len(shares))
        starts = ends[part].to_numpy() - widths
        axis.barh(places, widths, 0.72, starts, color=fill, hatch=hatch, edgecolor="black", linewidth=0.4)
        for place in places[widths >= 7.0]:
            box = {"facecolor": fill, "edgecolor": "none", "pad": 0.8} if hatch else None
            middle = starts[place] + widths[place] / 2
            axis.text(middle, place, f"{widths[place]:.0f}", ha="center", va="center", color=ink, fontsize=7, bbox=box)
    axis.set(xlim=(0, 100), xlabel="share of wall time, % (linear axis)")
    axis.tick_params(axis="y", length=0)


def _number(seconds: float) -> str:
    return f"{seconds:,.0f} s" if 10.0 <= seconds < 1e9 else f"{seconds:#.2g} s"


TIME = Drawing(
    "time",
    time_numbers,
    draw_time,
    TIME_COLUMNS,
    "Time",
    "Left: CPU seconds per 1,000 evaluations, median over runs; the axis is logarithmic to show fast and slow "
    "optimizers together. Right: breakdown of the wall time in percent, on a linear axis. Optimizers that own their "
    "loop have no ask and tell; this time is part of other.",
)
