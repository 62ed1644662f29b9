"""Figure 12: throughput over the shared bandwidth, and its gap to the certified limit."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reports.figures.drawing import Drawing
from reports.figures.lettering import safe, titles
from reports.figures.marks import line_handle
from reports.figures.style import FULL, Looks, legend_above, log_ticks, new_figure
from reports.figures.throughput import FLOOR
from reports.frames.summary import Tables
from reports.paper.common import LIMIT, THROUGHPUT_COLUMNS, draw_curves, limit_handle, set_gap_axis, throughput_table

MOST = 4
"""Maximum number of panel pairs side by side."""


def numbers(tables: Tables) -> pd.DataFrame:
    """Return one row per point, with columns as in ``THROUGHPUT_COLUMNS``."""
    return throughput_table(tables).sort_values("bandwidth_gbps", kind="stable", ignore_index=True)


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """Draw a pair of panels per task and platform: throughput above, gap to the limit below."""
    panels = list(numbers.groupby(["task", "platform"], sort=False))
    look = {name: looks[name] for name in looks if name in set(numbers["optimizer"])}
    columns = min(MOST, len(panels))
    rows = -(-len(panels) // columns)
    figure = new_figure(FULL, 0.5 + 2.7 * rows)
    axes = figure.subplots(2 * rows, columns, squeeze=False)
    names = titles((f"{task}, {platform}" for (task, platform), _ in panels), 90 // columns)
    for place, ((task, platform), panel) in enumerate(panels):
        row, column = divmod(place, columns)
        top, bottom = axes[2 * row : 2 * row + 2, column]
        _draw_throughput(top, panel, look)
        bottom.set_yscale("log")  # first, as it makes no limits of its own from no points
        draw_curves(bottom, panel, look, "bandwidth_gbps", ("gap", "gap_q1", "gap_q3"), FLOOR)
        set_gap_axis(bottom)
        _set_bandwidths(bottom, panel)
        top.set_title(names[f"{task}, {platform}"])
        bottom.set_xlabel("bandwidth, GB/s")
        if column == 0:
            top.set_ylabel("throughput\nGFLOP/s (log axis)")
            bottom.set_ylabel("gap to certified\nlimit (log axis)")
    for axis in axes[2 * rows - 2 :, len(panels) - columns * (rows - 1) :].flat:
        axis.remove()
    figure.supxlabel(safe(numbers["setting"].iloc[0], 100), fontsize=7)
    legend_above(figure, [*map(line_handle, look.values()), limit_handle()], [*look, LIMIT])
    return figure


def _draw_throughput(axis: Axes, panel: pd.DataFrame, look: Looks) -> None:
    """Draw absolute throughputs and their limit."""
    limit = panel.drop_duplicates("bandwidth_gbps")
    axis.plot(limit["bandwidth_gbps"], limit["limit_gflops"], color="black", linestyle=(0, (4, 2)), linewidth=0.9)
    columns = ["throughput_gflops", "q1_gflops", "q3_gflops"]
    found = panel.assign(**{name: panel[name].where(panel[name] > 0.0) for name in columns})  # else the line breaks
    draw_curves(axis, found, look, "bandwidth_gbps", columns, FLOOR)
    _set_bandwidths(axis, panel)
    axis.set_yscale("log")
    low, high = axis.get_ylim()
    low, high = (low, high) if high / low > 4.0 else (low / 2.0, high * 2.0)
    axis.set_ylim(low, high)
    axis.yaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.yaxis.set_minor_locator(NullLocator())


def _set_bandwidths(axis: Axes, panel: pd.DataFrame) -> None:
    """Set a logarithmic axis with a tick for each bandwidth."""
    ticks = sorted(panel["bandwidth_gbps"].unique())
    axis.set(xscale="log", xlim=(ticks[0] / 1.4, ticks[-1] * 1.4))
    axis.xaxis.set_major_locator(FixedLocator(ticks))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.grid()


FIG12 = Drawing(
    "fig12",
    numbers,
    draw,
    THROUGHPUT_COLUMNS,
    "Bandwidth sweep",
    "Throughput over the shared bandwidth: absolute values above, gaps to the certified limit below. No mapping "
    "exceeds the limit, and it may be out of reach: a gap of 10 % is a limit that is 10 % higher. Points are medians "
    "over seeds, with several instances their geometric means; bands span the first to third quartiles. All axes are "
    "logarithmic; gaps below 0.01 % are drawn at 0.01 %.",
)
