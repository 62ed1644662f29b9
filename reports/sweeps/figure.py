"""What the figures of a sweep share: a look for each design, panels, and axes of bandwidths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reports.figures.lettering import safe
from reports.figures.marks import line_handle
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


def line_figure(frame: pd.DataFrame, label: str, draw: Callable[[Axes, pd.DataFrame, Looks], None]) -> Figure:
    """Draw panels of lines over the bandwidth, a line a design, on logarithmic axes.

    Args:
        frame: The rows.
        label: Label of the vertical axes.
        draw: Function that draws the rows of a panel.
    """
    own, looks = list(panels(frame)), looks_of(frame)
    columns = min(3 if len(own) > 4 else 2, len(own))
    rows = -(-len(own) // columns)
    figure = new_figure(COLUMN if columns == 1 else FULL, 0.55 + 2.05 * rows)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True).flat
    for axis, (title, part) in zip(axes, own, strict=False):
        draw(axis, part, looks)
        axis.set_title(safe(title, 40))
        set_bandwidths(axis, frame["bandwidth_gbps"])
        axis.grid()
    for axis in list(axes)[len(own) :]:
        axis.remove()
    figure.supxlabel(BANDWIDTH, fontsize=7.5)
    figure.supylabel(label, fontsize=7.5)
    legend_above(figure, [line_handle(look) for look in looks.values()], list(looks))
    return figure


def draw_line(axis: Axes, x: pd.Series, y: pd.Series, look: Look) -> None:
    """Draw a line with a marker at each point."""
    axis.plot(
        x,
        y,
        color=look.colour,
        linestyle=look.dashes,
        linewidth=look.width,
        marker=look.marker,
        markersize=3.4,
        markeredgewidth=0.0,
        clip_on=False,
    )


def set_bandwidths(axis: Axes, bandwidths: pd.Series, most: int = MOST_TICKS) -> None:
    """Set a logarithmic horizontal axis with ticks at the bandwidths of the sweep, as far as they have room."""
    values = sorted(bandwidths.unique())
    wide = max(values[-1] / values[0], 4.0) ** 0.06
    axis.set_xscale("log")
    axis.set_xlim(values[0] / wide, values[-1] * wide)
    set_ticks(axis.xaxis, spread(values, most))


def set_log(axes: Axes, name: str, low: float, high: float) -> None:
    """Make the axis ``x`` or ``y`` logarithmic, with plain numbers as ticks; it spans a factor of two at least."""
    wide = max(1.12, (2.0 * low / high) ** 0.5)
    axes.set(**{f"{name}scale": "log", f"{name}lim": (low / wide, high * wide)})
    set_ticks(axes.xaxis if name == "x" else axes.yaxis, _round_ticks(low / wide, high * wide))


def _round_ticks(low: float, high: float) -> list[float]:
    """Return round numbers within limits, at least two where that is possible."""
    ticks = log_ticks(low, high)
    if len(ticks) > 1:
        return ticks
    step = 10.0 ** np.floor(np.log10(high - low))
    return [float(tick) for tick in np.arange(np.ceil(low / step), high / step) * step]


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
