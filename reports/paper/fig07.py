"""Figure 7: job analysis, the cost of layers on the two kinds of cores; needs the cost model only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, LogFormatterSciNotation, NullLocator

import problems
from problems.tasks import networks_of
from reports.figures.drawing import Drawing
from reports.figures.style import FULL, Looks, legend_above, log_ticks, new_figure
from reports.frames.summary import Tables

PLATFORM = "S2"

KINDS = {"dla": ("HB", "#000000", "o"), "eye": ("LB", "#8a8a8a", "s")}
"""Name in the paper, colour and marker of each kind of core, by dataflow; greys, as colours stand for optimizers."""

QUANTITIES = {
    "latency": ("cycles", "no-stall latency\n(cycles)"),
    "bandwidth": ("GB/s at 1 GHz", "required bandwidth\n(GB/s at 1 GHz)"),
}
"""Unit and axis label of each quantity."""

COLUMNS = {
    "task": "task of the network",
    "network": "name of the network",
    "core": "HB (dataflow dla: high bandwidth) or LB (eye: low bandwidth), as on the platform S2",
    "core_name": "dataflow and number of processing elements",
    "quantity": "latency without stalls, or bandwidth needed to run without stalls",
    "unit": "unit of the following statistics",
    "layers": "number of layers, each layer of the network counted once",
    "minimum": "minimum over the layers",
    "q1": "first quartile over the layers",
    "median": "median over the layers",
    "q3": "third quartile over the layers",
    "maximum": "maximum over the layers",
}

_APART = 0.19
"""Horizontal offset of the cores from the centre of their network's place."""


def numbers(tables: Tables) -> pd.DataFrame:
    """Return quartiles and range over the layers of each network of the paper's tasks, with columns as in ``COLUMNS``.

    The result does not depend on the tables.
    """
    rows = [row for name in networks_of(None) for row in _network_rows(name)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _network_rows(name: str) -> Iterator[dict[str, object]]:
    """Yield one row per kind of core and quantity."""
    network = problems.NETWORKS.get(name)
    platform = problems.PLATFORMS.get(PLATFORM)
    table = problems.analyze_jobs(network.layers(), platform)
    for dataflow, (kind, *_) in KINDS.items():
        column = next(place for place, core in enumerate(platform.cores) if core.dataflow == dataflow)
        runs = np.isfinite(table.latency[:, column])
        for quantity, (unit, _) in QUANTITIES.items():
            values = getattr(table, quantity)[runs, column]
            levels = np.quantile(values, [0.0, 0.25, 0.5, 0.75, 1.0]).tolist()
            core = str(platform.cores[column])
            head = (network.task, name, kind, core, quantity, unit, len(values))
            yield dict(zip(COLUMNS, (*head, *levels), strict=True))


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """Draw latency above bandwidth over the networks: medians, quartiles (thick lines), ranges (thin lines)."""
    figure = new_figure(FULL, 3.9)
    axes = figure.subplots(2, 1, sharex=True)
    tasks = numbers.drop_duplicates("network").set_index("network")["task"]
    for axis, (quantity, (_, label)) in zip(axes, QUANTITIES.items(), strict=True):
        own = numbers[numbers["quantity"] == quantity]
        for kind, colour, marker in KINDS.values():
            _draw_core(axis, own[own["core"] == kind], list(tasks.index), kind, colour, marker)
        _set_axis(axis, own, label)
        for place in np.flatnonzero(tasks.ne(tasks.shift()).to_numpy())[1:]:
            axis.axvline(place - 0.5, color="#999999", linewidth=0.6)
    for task, places in pd.Series(range(len(tasks)), index=tasks.to_numpy()).groupby(level=0):
        place = (places.mean(), 1.02)
        axes[0].annotate(task, place, xycoords=("data", "axes fraction"), ha="center", va="bottom", fontsize=8)
    axes[1].set_xticks(range(len(tasks)), list(tasks.index), rotation=40, ha="right", rotation_mode="anchor")
    axes[1].set_xlim(-0.6, len(tasks) - 0.4)
    names = numbers.drop_duplicates("core").set_index("core")["core_name"]
    kinds = [(f"{kind} core ({names[kind]})", colour, marker) for kind, colour, marker in KINDS.values()]
    figure.supxlabel(
        "over the layers of each network: median (marker), quartiles (thick line), range (thin line)", fontsize=7.5
    )
    legend_above(figure, [_handle(colour, marker) for _, colour, marker in kinds], [text for text, *_ in kinds])
    return figure


def _draw_core(axis: Axes, own: pd.DataFrame, networks: list[str], kind: str, colour: str, marker: str) -> None:
    """Draw one kind of core, left or right of the centre of each network's place."""
    side = -_APART if kind == next(iter(KINDS.values()))[0] else _APART
    x = np.array([networks.index(network) for network in own["network"]]) + side
    axis.vlines(x, own["minimum"], own["maximum"], color=colour, linewidth=0.7)
    axis.vlines(x, own["q1"], own["q3"], color=colour, linewidth=3.2)
    axis.plot(
        x,
        own["median"],
        linestyle="none",
        marker=marker,
        markersize=4.2,
        markerfacecolor="white",
        markeredgecolor=colour,
        markeredgewidth=1.0,
    )


def _set_axis(axis: Axes, own: pd.DataFrame, label: str) -> None:
    low, high = own["minimum"].min() / 2.0, own["maximum"].max() * 2.0
    axis.set(yscale="log", ylim=(low, high), ylabel=label)
    axis.yaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axis.yaxis.set_major_formatter(LogFormatterSciNotation())
    axis.yaxis.set_minor_locator(NullLocator())
    axis.tick_params(axis="x", length=0)
    axis.grid(axis="y")


def _handle(colour: str, marker: str) -> Artist:
    return Line2D(
        [],
        [],
        color=colour,
        linewidth=3.2,
        marker=marker,
        markersize=4.6,
        markerfacecolor="white",
        markeredgecolor=colour,
        markeredgewidth=1.0,
    )


FIG07 = Drawing(
    "fig07",
    numbers,
    draw,
    COLUMNS,
    "Job analysis",
    "Cost of each network's layers on the two kinds of cores of the platform S2, by the cost model maestro: latency "
    "without stalls, and the bandwidth required to run without stalls. Markers are medians over the network's layers, "
    "each counted once; thick lines span the first to third quartiles, thin lines the minimum to the maximum. HB cores "
    "are fast and require high bandwidth, LB cores are slow and require little. All vertical axes are logarithmic.",
)
