"""Chart of a schedule: the jobs of each core over time, above the memory bandwidth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from problems import Problem, Schedule
from problems.foundation.files import make_folder, write_atomically
from reports.figures.lettering import drawn, lines_within, safe
from reports.figures.style import FULL, legend_above, log_ticks, new_figure, paper_style
from reports.schedules.bars import Bars, bars_of
from reports.schedules.labels import coloured_kinds, core_labels, natural, network_and_layer
from reports.wording.numbers import counted, first_of

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType  # needs Matplotlib 3.11

FORMATS = ("png", "svg")

MOST_UNLISTED = 60
"""Most of the networks beyond the legend's that are named below the chart."""

MOST_ENTRIES = 28
"""Most entries of the legend; the networks of all tasks are fewer."""

_COLOURS = ("#2F7FC4", "#F0A30A", "#11773A", "#D17FAE", "#22146E", "#F5EBA3", "#7F1F50", "#9AD4F2")
"""At least 8 apart in lightness (CIELAB L*), for grey print, and 16 in colour for colour-blind readers."""

_HATCHES = ("", "////", "xxxx", "\\\\\\\\", "----", "++++", "||||")
"""Lines only: in SVG, a hatch of dots takes a quarter of a megabyte."""

TIME_UNITS = (
    (1e12, "trillion cycles (at 1 GHz: 1,000 s)"),
    (1e9, "billion cycles (at 1 GHz: s)"),
    (1e6, "million cycles (at 1 GHz: ms)"),
    (1e3, "thousand cycles (at 1 GHz: \N{MICRO SIGN}s)"),
    (1.0, "cycles (at 1 GHz: ns)"),
)

_NAME = 48
"""Most characters of the name of a core or network: no usual one is cut."""

_NOTE = FULL - 0.2
"""Greatest width of a line below the chart, inches."""

_NOTE_SIZE = 7.0
"""Size of the text below the chart, points."""

_LABEL = 7.0
"""Size of the text in bars, points."""

_ROW = 0.3
"""Greatest height of a core's row, inches."""

_LEAST_ROW = 0.115
"""Least height of a core's row, inches."""

_MOST_ROWS = 7.4
"""Greatest height of all rows together, inches."""

_BANDWIDTH = 1.15
"""Height of the bandwidth's axis, inches."""

_SETTINGS: dict[RcKeyType, object] = {
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "svg.fonttype": "none",
    "svg.hashsalt": "m3e",
}
"""Keep text as text in SVG, and equal figures equal to the byte."""


@dataclass(frozen=True)
class NetworkLook:
    """How the bars of a network look.

    Attributes:
        colour: Fill colour.
        hatch: Hatch pattern; "" for none.
    """

    colour: str
    hatch: str

    @property
    def ink(self) -> str:
        """Black or white, whichever is legible on the fill."""
        red, green, blue = to_rgb(self.colour)
        return "black" if 0.3 * red + 0.59 * green + 0.11 * blue > 0.42 else "white"


def write_schedule(
    problem: Problem, cores: npt.ArrayLike, priorities: npt.ArrayLike, folder: Path, stem: str = "schedule"
) -> list[Path]:
    """Draw the schedule of a mapping into ``folder``, as PNG and SVG.

    Args:
        problem: Problem that is mapped.
        cores: ``(G,)`` core of each job.
        priorities: ``(G,)`` priority of each job; low ones run first.
        folder: Output folder; created if missing.
        stem: Base name of the files.

    Returns:
        Paths of both files.

    Raises:
        InvalidInput: If the arrays are not a valid mapping, or a core cannot run its job.
        StorageError: If the folder cannot be written.
    """
    return draw_schedule(problem, problem.schedule(cores, priorities), folder, stem)


def draw_schedule(problem: Problem, schedule: Schedule, folder: Path, stem: str = "schedule") -> list[Path]:
    """Draw a computed schedule; otherwise like ``write_schedule``.

    Raises:
        StorageError: If the folder cannot be written.
    """
    figure = schedule_figure(problem, schedule, title=f"{problem.id}: {_number(schedule.makespan)} cycles")
    make_folder(folder)
    paths = [folder / f"{stem}.{suffix}" for suffix in FORMATS]
    for path, suffix in zip(paths, FORMATS, strict=True):
        _save(figure, path, suffix)
    return paths


def _save(figure: Figure, path: Path, suffix: str) -> None:
    picture = BytesIO()
    with paper_style():
        matplotlib.rcParams.update(_SETTINGS)
        figure.savefig(picture, format=suffix, metadata={"Date": None} if suffix == "svg" else None)
    write_atomically(path, lambda file: file.write(picture.getvalue()))


def schedule_figure(problem: Problem, schedule: Schedule, *, title: str = "") -> Figure:
    """Draw a row of bars for each core, a bar for each job, above the requested and used bandwidth.

    A network has the same colour in all schedules of a problem. With very many jobs, short ones are merged.
    """
    scale, unit = next((u for u in TIME_UNITS if schedule.makespan >= u[0]), TIME_UNITS[-1])
    names = network_and_layer(problem)
    networks = coloured_kinds(problem)
    bars = bars_of(schedule, networks)
    look = network_looks(networks, problem.job_table.latency.min(axis=1))  # least latency over the cores
    looks = [look[networks[job]] for job in bars.jobs.tolist()]
    rows = min(_MOST_ROWS, problem.num_cores * max(_LEAST_ROW, min(_ROW, 4.5 / problem.num_cores)))
    note = [*lines_within(bars.note, _NOTE, _NOTE_SIZE), *lines_within(unlisted(look), _NOTE, _NOTE_SIZE)]
    extra = 0.15 * -(-min(len(look), MOST_ENTRIES) // 4) + (0.15 if title else 0.0) + 0.13 * len(note)
    with paper_style():
        matplotlib.rcParams.update(_SETTINGS)
        figure = new_figure(FULL, rows + _BANDWIDTH + 0.85 + extra)
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(rows, _BANDWIDTH))
        draw_jobs(top, bars, looks, scale)
        draw_bandwidth(bottom, bars, scale)
        top.set_xlim(0.0, bars.makespan / scale or 1.0)
        top.set_title(safe(title, 100) if title else "", loc="left")
        bottom.set_xlabel(f"time, {unit}")
        if note:
            figure.supxlabel("\n".join(note), x=0.01, ha="left", fontsize=_NOTE_SIZE)
        label_cores(top, core_labels(problem), rows)
        draw_networks(figure, look)
        _lay_out(figure)
        texts = ["" if count > 1 else names[job][1] for job, count in zip(bars.jobs, bars.counts, strict=True)]
        _label_jobs(top, bars, list(zip(texts, looks, strict=True)), scale)
    return figure


def network_looks(networks: Sequence[str], cycles: npt.ArrayLike) -> dict[str, NetworkLook]:
    """The look of each network, those with most work first.

    Args:
        networks: ``(G,)`` network of each job.
        cycles: ``(G,)`` work of each job.
    """
    work: dict[str, float] = {}
    for network, own in zip(networks, np.asarray(cycles, dtype=np.float64).tolist(), strict=True):
        work[network] = work.get(network, 0.0) + own
    ordered = sorted(work, key=lambda network: (-float(f"{work[network]:.12g}"), natural(network)))
    rounds = len(_COLOURS)
    return {
        network: NetworkLook(_COLOURS[place % rounds], _HATCHES[place // rounds % len(_HATCHES)])
        for place, network in enumerate(ordered)
    }


def draw_jobs(axis: Axes, schedule: Schedule | Bars, looks: Sequence[NetworkLook], scale: float) -> None:
    """Draw the bars: wide ones with white edges, narrow ones on top and never too narrow to be seen."""
    hair = schedule.makespan / 1500.0 or 0.01
    widths = np.maximum(schedule.ends - schedule.starts, hair)
    wide = widths > 5.0 * hair
    left, right, middle = schedule.starts / scale, (schedule.starts + widths) / scale, schedule.cores[:, None]
    x = np.stack([left, left, right, right], axis=1)
    corners = np.stack([x, middle + np.array([-0.41, 0.41, 0.41, -0.41])], axis=2)
    order = np.argsort(-widths, kind="stable")
    fills = [looks[job].colour for job in order]
    lines = np.where(wide, 0.4, 0.0)[order]
    axis.add_collection(PolyCollection(list(corners[order]), facecolors=fills, edgecolors="white", linewidths=lines))
    numbers = {look: number for number, look in enumerate(dict.fromkeys(looks))}
    kinds = np.array([numbers[look] for look in looks])
    for look in (look for look in numbers if look.hatch):
        own = wide & (kinds == numbers[look])
        axis.add_collection(
            PolyCollection(list(corners[own]), facecolors="none", edgecolors=look.ink, linewidths=0.0, hatch=look.hatch)
        )
    axis.grid(axis="x")
    axis.tick_params(axis="x", labelbottom=False)


def label_cores(axis: Axes, names: Sequence[str], height: float) -> None:
    """Label the rows with as many core names as fit into ``height`` inches."""
    step = int(np.ceil(len(names) * (_LEAST_ROW - 0.005) / height))
    texts = drawn(names, _NAME)
    axis.set_yticks(range(0, len(names), step), [texts[name] for name in names[::step]])
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)


def _lay_out(figure: Figure) -> None:
    """Lay out the axes once, and keep them there."""
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.execute(figure)
    figure.set_layout_engine("none")


def _label_jobs(axis: Axes, schedule: Bars, labels: Sequence[tuple[str, NetworkLook]], scale: float) -> None:
    """Write the layers' names into the bars that are wide enough."""
    box = axis.get_window_extent().transformed(axis.figure.dpi_scale_trans.inverted())
    rows = abs(np.subtract(*axis.get_ylim()))
    if 72.0 * box.height / rows * 0.82 < _LABEL:
        return
    room = (schedule.ends - schedule.starts) * (72.0 * box.width / (schedule.makespan or 1.0)) - 3.0
    for job in np.flatnonzero(room > 0.0).tolist():
        layer, look = labels[job]
        text = safe(layer, 60)
        if _width(text) > room[job]:
            continue
        axis.text(
            (schedule.starts[job] + schedule.ends[job]) / 2.0 / scale,
            schedule.cores[job],
            text,
            ha="center",
            va="center_baseline",
            color=look.ink,
            fontsize=_LABEL,
            bbox={"facecolor": look.colour, "edgecolor": "none", "pad": 0.8} if look.hatch else None,
        )


@cache
def _width(text: str) -> float:
    """Width of ``text`` in a bar, points."""
    width, _, _ = text_to_path.get_text_width_height_descent(
        text.replace(r"\$", "$"), FontProperties(family="DejaVu Sans", size=_LABEL), ismath=False
    )
    return float(width)


def draw_bandwidth(axis: Axes, schedule: Schedule | Bars, scale: float) -> None:
    """Draw used and requested bandwidth and the limit, on a logarithmic axis if they differ by far."""
    limit, times = schedule.system_bandwidth, schedule.times / scale
    peak = schedule.demands.max(initial=0.0)
    log = bool(peak > 10.0 * limit or 0.0 < peak < 0.1 * limit)
    low, high = _log_range(schedule) if log else (0.0, 1.12 * max(limit, peak))
    kind = "log" if log else "linear"
    axis.set(yscale=kind, ylim=(low, high), ylabel=f"memory, GB/s\n({kind} axis)")
    if log:
        axis.yaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
        axis.yaxis.set_minor_locator(NullLocator())
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    else:
        axis.yaxis.set_major_locator(MaxNLocator(5))
    axis.grid(axis="y")
    if schedule.demands.size:
        shown, used = np.maximum(schedule.demands, low), np.maximum(schedule.used_bandwidth, low)
        axis.stairs(used, times, baseline=low, fill=True, color="#b9b9b9", label="used")
        line = 0.6 if shown.size < 500 else 0.35
        axis.stairs(shown, times, baseline=low, color="black", linewidth=line, label="requested")
    axis.axhline(limit, color="#D55E00", linestyle="--", linewidth=1.1, label=f"limit, {limit:,.6g} GB/s")
    axis.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, borderaxespad=0.0, borderpad=0.2)


def _log_range(schedule: Schedule | Bars) -> tuple[float, float]:
    """Range of a logarithmic axis: from a tenth of the lower of limit and peak, or less if less is used, to above both.

    It reaches at most three decades below them.
    """
    limit, peak = schedule.system_bandwidth, schedule.demands.max()
    high, low = max(limit, peak), min(limit, peak)
    some = schedule.used_bandwidth[schedule.used_bandwidth > 0.0]
    return float(max(low / 1000.0, min(some.min(), low / 10.0))), float(2.0 * high)


def draw_networks(figure: Figure, look: Mapping[str, NetworkLook]) -> None:
    """Draw a legend of the networks, unless the jobs have no names."""
    if set(look) == {""}:
        return
    shown = _listed(look)
    handles = [Patch(facecolor=o.colour, hatch=o.hatch, edgecolor=o.ink, linewidth=0.0) for _, o in shown]
    labels = [network or "other" for network, _ in shown]
    if len(look) > len(shown):
        handles.append(Patch(facecolor="none", edgecolor="none"))
        labels.append(f"and {counted(len(look) - len(shown), 'other network')}")
    legend_above(figure, handles, labels, limits=(_NAME, 30, 24, 18, 12))


def _listed(look: Mapping[str, NetworkLook]) -> list[tuple[str, NetworkLook]]:
    """The networks that the legend has room for."""
    return list(look.items())[: MOST_ENTRIES - (len(look) > MOST_ENTRIES)]


def unlisted(look: Mapping[str, NetworkLook]) -> str:
    """The networks that the legend has no room for, in words; "" if it names all."""
    rest = [safe(network or "without a network", _NAME) for network in list(look)[len(_listed(look)) :]]
    return f"Not in the legend: {first_of(rest, MOST_UNLISTED)}." if rest else ""


def _number(cycles: float) -> str:
    return f"{cycles:,.0f}" if 100.0 <= cycles < 1e15 else f"{cycles:.4g}"
