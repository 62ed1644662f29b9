"""Figure 12: throughput over the shared bandwidth, absolute and as a share of the certified limit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reports.figures.drawing import Drawing
from reports.figures.lettering import safe, titles
from reports.figures.marks import line_handle
from reports.figures.style import FULL, Looks, legend_above, log_ticks, new_figure
from reports.frames.summary import Tables
from reports.paper.common import LIMIT, THROUGHPUT_COLUMNS, limit_handle, throughput_table

COLUMNS = THROUGHPUT_COLUMNS | {"limit_share": "throughput_gflops / limit_gflops"}

MOST = 4
"""Maximum number of panel pairs side by side."""


def numbers(tables: Tables) -> pd.DataFrame:
    """Return one row per point, with columns as in ``COLUMNS``."""
    table = throughput_table(tables)
    shares = table.assign(limit_share=table["throughput_gflops"] / table["limit_gflops"])
    shares.attrs = table.attrs
    return shares.sort_values("bandwidth_gbps", kind="stable", ignore_index=True)


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """Draw a pair of panels per task and platform: throughput above, share of the limit below."""
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
        _draw_share(bottom, panel, look)
        top.set_title(names[f"{task}, {platform}"])
        bottom.set_xlabel("bandwidth, GB/s")
        if column == 0:
            top.set_ylabel("throughput\nGFLOP/s (log axis)")
            bottom.set_ylabel("share of certified\nlimit, %")
    for axis in axes[2 * rows - 2 :, len(panels) - columns * (rows - 1) :].flat:
        axis.remove()
    figure.supxlabel(safe(numbers["setting"].iloc[0], 100), fontsize=7)
    legend_above(figure, [*map(line_handle, look.values()), limit_handle()], [*look, LIMIT])
    return figure


def _draw_throughput(axis: Axes, panel: pd.DataFrame, look: Looks) -> None:
    """Draw absolute throughputs and their limit."""
    limit = panel.drop_duplicates("bandwidth_gbps")
    axis.plot(limit["bandwidth_gbps"], limit["limit_gflops"], color="black", linestyle=(0, (4, 2)), linewidth=0.9)
    _draw_lines(axis, panel, look, ["throughput_gflops", "q1_gflops", "q3_gflops"], 1.0)
    axis.set_yscale("log")
    low, high = axis.get_ylim()
    low, high = (low, high) if high / low > 4.0 else (low / 2.0, high * 2.0)
    axis.set_ylim(low, high)
    axis.yaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.yaxis.set_minor_locator(NullLocator())


def _draw_share(axis: Axes, panel: pd.DataFrame, look: Looks) -> None:
    """Draw throughputs as shares of their limit."""
    _draw_lines(axis, panel, look, ["throughput_gflops", "q1_gflops", "q3_gflops"], panel["limit_gflops"] / 100.0)
    axis.axhline(100.0, color="black", linestyle=(0, (4, 2)), linewidth=0.9)
    axis.set_ylim(0.0, 105.0)


def _draw_lines(axis: Axes, panel: pd.DataFrame, look: Looks, names: list[str], unit: float | pd.Series) -> None:
    """Draw medians and the bands between the quartiles, in a ``unit`` that may differ between points."""
    levels = panel.assign(**{name: panel[name] / unit for name in names}).replace(
        {name: {0.0: np.nan} for name in names}
    )
    for name, own_look in look.items():
        own = levels[levels["optimizer"] == name]
        axis.plot(
            own["bandwidth_gbps"],
            own[names[0]],
            color=own_look.colour,
            linestyle=own_look.dashes,
            linewidth=own_look.width,
            marker=own_look.marker,
            markersize=3.6,
            markeredgewidth=0.0,
            zorder=own_look.level,
        )
        x, low, high = (own[key].to_numpy(dtype=np.float64) for key in ("bandwidth_gbps", *names[1:]))
        axis.fill_between(x, low, high, color=own_look.colour, alpha=0.15, linewidth=0, zorder=2)
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
    COLUMNS,
    "Bandwidth sweep",
    "Throughput over the shared bandwidth: absolute values above, shares of the certified limit below. No mapping "
    "exceeds the limit, and it may be out of reach; higher is better. Points are medians over seeds, with several "
    "instances their geometric means; bands span the first to third quartiles. The bandwidth axes and the upper "
    "throughput axes are logarithmic.",
)
