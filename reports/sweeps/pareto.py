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
from reports.sweeps.frame import CHOICE, EQUAL
from reports.sweeps.labels import place_labels
from reports.wording.numbers import percentage

COSTS = {"energy_mj": "energy, mJ", "pes": "processing elements"}
"""What the time is drawn against."""

NEAR = 4e-3
"""The same below which points share a label, as their marks lie on each other."""

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
    axis.plot(*_steps(points[front]).T, color="#444444", linewidth=0.6, zorder=1.5)
    set_log(axis, "x", 0.9 * points[:, 0].min(), 1.1 * points[:, 0].max())
    set_log(axis, "y", 0.9 * points[:, 1].min(), 1.1 * points[:, 1].max())
    axis.grid()


def _label(axis: Axes, part: pd.DataFrame, cost: str) -> None:
    if part.empty:
        return
    points, front = _points(part, cost), on_front(_points(part, cost))
    texts = drawn(part["design"], 24)
    shown = front | (len(part) <= MOST_LABELS)
    together = [own for own in _together(points) if shown[own].any()]
    names = ["\n".join(texts[part["design"].iloc[place]] for place in own) for own in together]
    colours = ["black" if front[own].any() else "#777777" for own in together]
    named = [own[0] for own in together]
    others = np.delete(points, named, axis=0)
    place_labels(axis, points[named], names, colours, line=_steps(points[front]), others=others)


def _steps(front: FloatArray) -> FloatArray:
    """Return the vertices ``(2 m - 1, 2)`` of the line that joins ``m`` points of a front."""
    front = front[np.argsort(front[:, 0])]
    corners = np.repeat(front, 2, axis=0)
    return np.column_stack([corners[1:, 0], corners[:-1, 1]])


def _together(points: FloatArray) -> list[list[int]]:
    """Return the numbers of the points that are drawn at one place, by place."""
    places: list[list[int]] = []
    for number, point in enumerate(np.log(points)):
        near = (own for own in places if np.abs(np.log(points[own[0]]) - point).max() < NEAR)
        own = next(near, None)
        if own is None:
            places.append([number])
        else:
            own.append(number)
    return places


def _points(part: pd.DataFrame, cost: str) -> FloatArray:
    return np.asarray(part[[cost, "makespan_ms"]], dtype=np.float64)


def on_front(points: FloatArray) -> BoolArray:
    """Whether no other of the points ``(n, 2)`` is as low in both values and lower in one, but for equal ones."""
    lowest = np.log(points)
    no_worse = (lowest[:, None] < lowest[None] + EQUAL).all(axis=2)
    better = (lowest[:, None] <= lowest[None] - EQUAL).any(axis=2)
    return np.asarray(~(no_worse & better).any(axis=0))


PARETO = SweepFigure(
    "pareto",
    numbers,
    draw,
    "Which designs are worth their cost",
    "Time of the best mapping found against its energy and against the number of processing elements, the cost of "
    "the design, at the lowest and the highest bandwidth; all axes are logarithmic, and lower left is better. The "
    "line joins the Pareto front: designs than which none is as good in both and better in one (values within "
    f"{percentage(EQUAL)} count as equal). All others are grey. Of more than {MOST_LABELS} designs only those on the "
    f"front are named. The mappings were searched for the sweep's objective alone: {CHOICE}, and others may need less. "
    "Designs of which an energy is unknown are only at the right.",
    "neither energies nor processing elements are known",
)
