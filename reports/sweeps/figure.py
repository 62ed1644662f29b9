"""What the figures of a sweep share: a look for each design, panels, and axes of bandwidths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from reports.figures.lettering import safe
from reports.figures.marks import line_handle, line_properties
from reports.figures.style import COLUMN, FULL, Look, Looks, legend_above, log_ticks, look_at, new_figure

MOST_LINES = 12
"""Most designs in a panel; more of them are divided by platform."""

MOST_TICKS = 9

BANDWIDTH = "shared bandwidth, GB/s"


@dataclass(frozen=True)
class SweepFigure:
    """A figure of a sweep.

    Attributes:
        name: Base name of its files.
        numbers: Function from the frame of all points to the rows that it shows.
        draw: Function from these, if there are any, to the figure.
        title: Title.
        caption: What it shows, and how to read it.
        lacking: Why there may be no rows.
    """

    name: str
    numbers: Callable[[pd.DataFrame], pd.DataFrame]
    draw: Callable[[pd.DataFrame], Figure]
    title: str
    caption: str
    lacking: str


def with_values(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return the rows whose ``columns`` are finite and above 0, as logarithmic axes need."""
    values = frame[list(columns)].to_numpy(dtype=np.float64)
    return frame[(np.isfinite(values) & (values > 0.0)).all(axis=1)]


def looks_of(frame: pd.DataFrame) -> Looks:
    """Return the look of each design, in the order of the frame; the first place of the cycles is a grey."""
    return {design: look_at(1 + place) for place, design in enumerate(frame["design"].unique())}


def panels(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the title and the rows of each panel: one a cost model and, where designs are many, a platform."""
    many = frame["design"].nunique() > MOST_LINES and frame["platform"].nunique() < frame["design"].nunique()
    keys = ["cost_model", *(["platform"] if many else [])]
    shown = [key for key in keys if frame[key].nunique() > 1]
    for _, own in frame.groupby(keys, sort=False):
        yield ", ".join(str(own[key].iloc[0]) for key in reversed(shown)), own


@dataclass(frozen=True)
class View:
    """A way to draw the rows of a panel.

    Attributes:
        label: Label of the vertical axis.
        draw: Function that draws the lines of all designs.
    """

    label: str
    draw: Callable[[Axes, pd.DataFrame, Looks], None]


def line_figure(frame: pd.DataFrame, views: Sequence[View]) -> Figure:
    """Draw each panel in each view: lines over the bandwidth, a line a design."""
    own, looks = list(panels(frame)), looks_of(frame)
    cells = [(title, part, view) for title, part in own for view in views]
    many = len(own) > 4
    columns = min(len(views) * (1 + many) if len(views) > 1 else 2 + many, len(cells))
    rows = -(-len(cells) // columns)
    figure = new_figure(COLUMN if columns == 1 else FULL, 0.55 + 2.05 * rows)
    axes = list(figure.subplots(rows, columns, squeeze=False, sharex=True).flat)
    for number, (axis, (title, part, view)) in enumerate(zip(axes, cells, strict=False)):
        view.draw(axis, part, looks)
        if title:
            axis.set_title(safe(title, 40))
        if len(views) > 1 or number % columns == 0:
            axis.set_ylabel(view.label)
        set_bandwidths(axis, frame["bandwidth_gbps"], MOST_TICKS if columns < 3 else 5)
        axis.grid()
    remove_spare(axes, len(cells), columns)
    figure.supxlabel(BANDWIDTH, fontsize=7.5)
    legend_above(figure, [line_handle(look) for look in looks.values()], list(looks))
    return figure


def remove_spare(axes: Sequence[Axes], used: int, columns: int) -> None:
    """Remove the axes beyond those ``used``; those above a gap get numbers on their horizontal axis."""
    for axis in axes[used:]:
        axis.remove()
    for axis in axes[max(0, used - columns) : used]:
        axis.tick_params(axis="x", labelbottom=True)


def draw_line(axis: Axes, x: pd.Series, y: pd.Series, look: Look) -> None:
    """Draw a line with a marker at each point."""
    axis.plot(x, y, clip_on=False, **line_properties(look))


def set_bandwidths(axis: Axes, bandwidths: pd.Series, most: int = MOST_TICKS) -> None:
    """Set a logarithmic horizontal axis with ticks at the bandwidths of the sweep, as far as they have room."""
    values = sorted(bandwidths.unique())
    wide = max(values[-1] / values[0], 4.0) ** 0.06
    axis.set_xscale("log")
    axis.set_xlim(values[0] / wide, values[-1] * wide)
    set_ticks(axis.xaxis, spread(values, most))


def set_log(axes: Axes, name: str, low: float, high: float, *, reference: float | None = None) -> None:
    """Make the axis ``x`` or ``y`` logarithmic, with plain numbers as ticks, also at ``reference``.

    It spans a factor of two at least.
    """
    wide = max(1.12, (2.0 * low / high) ** 0.5)
    axes.set(**{f"{name}scale": "log", f"{name}lim": (low / wide, high * wide)})
    ticks = _round_ticks(low / wide, high * wide)
    if reference is not None:
        near = 0.07 * np.log(high / low * wide**2)
        ticks = sorted([reference, *(tick for tick in ticks if abs(np.log(tick / reference)) > near)])
    set_ticks(axes.xaxis if name == "x" else axes.yaxis, ticks)


def _round_ticks(low: float, high: float) -> list[float]:
    """Return round numbers within limits: of a short axis in equal steps."""
    ticks = log_ticks(low, high)
    return ticks if len(ticks) > 2 else [t for t in MaxNLocator(5).tick_values(low, high) if low <= t <= high]


def set_ticks(axis: Axis, ticks: Sequence[float]) -> None:
    """Set the ticks of an axis, shown as plain numbers."""
    axis.set_major_locator(FixedLocator(list(ticks)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.set_minor_locator(NullLocator())


def spread(values: Sequence[float], most: int) -> list[float]:
    """Return those of the ascending values that are far enough from each other on a logarithmic axis of ``most``."""
    if len(values) < 2:
        return list(values)
    least = np.log(values[-1] / values[0]) / most
    kept = [values[-1]]
    for value in reversed(values[:-1]):
        if np.log(kept[-1] / value) >= 0.999 * least:
            kept.append(value)
    return kept[::-1]
