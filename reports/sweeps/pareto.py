"""What a design costs for what it gives: time against energy, and against processing elements."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from problems.arrays import BoolArray, FloatArray
from reports.figures.lettering import drawn
from reports.figures.style import COLUMN, FULL, Looks, new_figure
from reports.sweeps.figure import SweepFigure, looks_of, set_log, with_values
from reports.sweeps.labels import place_labels

COSTS = {"energy_mj": "energy, mJ", "pes": "processing elements"}
"""What the time is drawn against."""

GREY = "#9a9a9a"

MOST_LABELS = 16
"""Most designs that are all named; of more, only those on the front are."""


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the lowest and the highest bandwidth, with a time and a cost."""
    rows = with_values(frame, "makespan_ms")
    rows = rows[rows[list(COSTS)].notna().any(axis=1)]
    return rows[rows["bandwidth_gbps"].isin([rows["bandwidth_gbps"].min(), rows["bandwidth_gbps"].max()])]


def draw(frame: pd.DataFrame) -> Figure:
    """Draw a row of panels a cost model and bandwidth, and a panel for each cost that is known."""
    costs = [cost for cost in COSTS if len(with_values(frame, cost))]
    own = list(frame.groupby(["cost_model", "bandwidth_gbps"], sort=False))
    figure = new_figure(COLUMN if len(costs) == 1 else FULL, 0.2 + 2.3 * len(own))
    axes = figure.subplots(len(own), len(costs), squeeze=False)
    several = frame["cost_model"].nunique() > 1
    looks = looks_of(frame)
    for row, ((model, bandwidth), part) in zip(axes, own, strict=True):
        for axis, cost in zip(row, costs, strict=True):
            _draw_panel(axis, with_values(part, cost), cost, looks)
            axis.set_title(f"{bandwidth:,.6g} GB/s{f', {model}' if several else ''}")
        row[0].set_ylabel("time, ms")
    figure.draw_without_rendering()  # labels need to know where the points are
    for row, (_, part) in zip(axes, own, strict=True):
        for axis, cost in zip(row, costs, strict=True):
            _label(axis, with_values(part, cost), cost)
    return figure


def _draw_panel(axis: Axes, part: pd.DataFrame, cost: str, looks: Looks) -> None:
    axis.set_xlabel(COSTS[cost])
    if part.empty:
        return
    points, front = _points(part, cost), on_front(_points(part, cost))
    for (x, y), design, best in zip(points, part["design"], front, strict=True):
        look = looks[design]
        colour = look.colour if best else GREY
        axis.plot([x], [y], marker=look.marker, color=colour, markersize=4.6, markeredgewidth=0.0, linestyle="none")
    line = points[front][np.argsort(points[front][:, 0])]
    axis.step(line[:, 0], line[:, 1], where="post", color="#444444", linewidth=0.6, zorder=1.5)
    set_log(axis, "x", 0.9 * points[:, 0].min(), 1.1 * points[:, 0].max())
    set_log(axis, "y", 0.9 * points[:, 1].min(), 1.1 * points[:, 1].max())
    axis.grid()


def _label(axis: Axes, part: pd.DataFrame, cost: str) -> None:
    if part.empty:
        return
    points, front = _points(part, cost), on_front(_points(part, cost))
    shown = front | (len(part) <= MOST_LABELS)
    texts = drawn(part["design"], 24)
    names = [texts[design] for design in part["design"][shown]]
    place_labels(axis, points[shown], names, ["black" if best else "#777777" for best in front[shown]])


def _points(part: pd.DataFrame, cost: str) -> FloatArray:
    return np.asarray(part[[cost, "makespan_ms"]], dtype=np.float64)


def on_front(points: FloatArray) -> BoolArray:
    """Whether no other of the points ``(n, 2)`` is as low in both values and lower in one."""
    no_worse = (points[:, None] <= points[None]).all(axis=2)
    better = (points[:, None] < points[None]).any(axis=2)
    return np.asarray(~(no_worse & better).any(axis=0))


PARETO = SweepFigure(
    "pareto",
    numbers,
    draw,
    "Which designs are worth their cost",
    "Time of the best mapping found against its energy and against the number of processing elements, the cost of "
    "the design, at the lowest and the highest bandwidth; all axes are logarithmic, and lower left is better. The "
    "line joins the Pareto front: designs than which none is as good in both and better in one. All others are "
    f"grey. Of more than {MOST_LABELS} designs only those on the front are named. The mappings were searched for the "
    "sweep's objective alone: others may need less energy.",
    "neither energies nor processing elements are known",
)
