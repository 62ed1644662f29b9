"""Figure 13: throughput on several platforms under several bandwidths."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn, safe, titles
from reports.figures.marks import bar_handle, draw_bars
from reports.figures.style import FULL, Looks, legend_above, new_figure
from reports.figures.throughput import THROUGHPUT_COLUMNS as GAP_COLUMNS
from reports.figures.throughput import draw_throughput
from reports.frames.summary import Tables
from reports.paper.common import LIMIT, THROUGHPUT_COLUMNS, limit_handle, throughput_table

NAMES = {"throughput_gflops": "value", "q1_gflops": "low", "q3_gflops": "high"}
"""New names of the columns from which bars are drawn."""


def numbers(tables: Tables) -> pd.DataFrame:
    """Return one row per bar, with columns as in ``THROUGHPUT_COLUMNS``."""
    return throughput_table(tables).sort_values("bandwidth_gbps", kind="stable", ignore_index=True)


def gap_numbers(tables: Tables) -> pd.DataFrame:
    """Return one row per bar as a gap to the certified limit, with columns as in ``GAP_COLUMNS``."""
    table = numbers(tables).sort_values(["task", "bandwidth_gbps", "platform"], ignore_index=True)
    names = {"platform": "case", "gap": "value", "gap_q1": "low", "gap_q3": "high"}
    panels = [_title(*key) for key in zip(table["task"], table["bandwidth_gbps"], strict=True)]
    dots = table.rename(columns=names).assign(panel=panels, reference=LIMIT, left_out="")
    return dots.fillna({"value": np.inf})[list(GAP_COLUMNS)]  # those without a valid mapping


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """Draw one panel per task and bandwidth, with one group of bars per platform."""
    panels = list(numbers.groupby(["task", "bandwidth_gbps"], sort=False))
    look = {name: looks[name] for name in looks if name in set(numbers["optimizer"])}
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure = new_figure(FULL, 0.5 + 1.5 * rows)
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    names = titles((_title(*key) for key, _ in panels), 45)
    for axis, (key, panel) in zip(axes, panels, strict=False):
        _draw_panel(axis, panel, look)
        axis.set_title(names[_title(*key)])
    for axis in axes[len(panels) :]:
        axis.remove()
    for axis in axes[: len(panels) : columns]:
        axis.set_ylabel("throughput, GFLOP/s")
    figure.supxlabel(safe(numbers["setting"].iloc[0], 100), fontsize=7)
    legend_above(figure, [*map(bar_handle, look.values()), limit_handle()], [*look, LIMIT])
    return figure


def _title(task: str, bandwidth: float) -> str:
    return f"{task}, {bandwidth:g} GB/s"


def _draw_panel(axis: Axes, panel: pd.DataFrame, look: Looks) -> None:
    """Draw bars, and the certified limit over each group."""
    platforms = sorted(panel["platform"].unique())
    bars = panel.rename(columns=NAMES).assign(group=panel["platform"])
    draw_bars(axis, bars, look, platforms)
    limits = panel.drop_duplicates("platform").set_index("platform")["limit_gflops"]
    for place, platform in enumerate(platforms):
        ends = [place - 0.46, place + 0.46]
        axis.plot(ends, [limits[platform]] * 2, color="black", linestyle=(0, (4, 2)), linewidth=0.9)
    axis.set_xticks(range(len(platforms)), list(drawn(platforms, max(8, 60 // len(platforms))).values()))
    axis.set_ylim(0.0, None)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))


FIG13 = Drawing(
    "fig13",
    numbers,
    draw,
    THROUGHPUT_COLUMNS,
    "Platforms under several bandwidths",
    "Throughput on the large platforms: homogeneous (S3), heterogeneous (S4), big and little cores (S5), and twice as "
    "many of these (S6), with one panel per bandwidth; higher is better, and each panel has its own axis. Bars are "
    "medians over seeds, with several instances their geometric means; whiskers span the first to third quartiles. "
    "The dashed lines are certified limits, which no mapping exceeds. A cross marks runs that found no valid mapping.",
)

FIG13_GAP = Drawing(
    "fig13-gap",
    gap_numbers,
    draw_throughput,
    GAP_COLUMNS
    | {
        "panel": "task and bandwidth",
        "case": "platform",
        "value": "gap to the certified limit; infinite without a valid mapping",
        "low": "the same for the first quartile",
        "reference": "what the gap is to",
    },
    "Platforms under several bandwidths: gap to the certified limit",
    "How far the throughput of figure 13 is from its certified limit, which no mapping exceeds and which may be out of "
    "reach: a gap of 10 % is a limit that is 10 % higher. Lower is better; the axis is logarithmic, and all gaps below "
    "0.01 % are drawn there. Dots are medians over seeds, with several instances their geometric means; lines span the "
    "first to third quartiles. A cross marks runs that found no valid mapping.",
)
