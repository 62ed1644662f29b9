"""Throughput figure: by problem, how far the throughput of each optimizer is from the best possible or known.

The gap is median makespan / reference - 1, so that a gap of 10 % means: the reference has 10 % more throughput. One
panel per task holds a row per problem. Only problems whose objective is the makespan or its reciprocal, the
throughput, are included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from problems.objectives import OBJECTIVES
from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn, safe
from reports.figures.marks import dot_handle, draw_dots
from reports.figures.style import COLUMN, FULL, Looks, legend_of, log_ticks, new_figure
from reports.frames.averages import geometric_mean
from reports.frames.summary import Tables, comparable
from reports.wording.names import common_parts, short_names
from reports.wording.numbers import counted

THROUGHPUTS = tuple(name for name in OBJECTIVES.names() if OBJECTIVES.get(name).tells_throughput)
"""Objectives whose ratios are ratios of throughputs."""

BEST_KNOWN, BOUND, BEST = "best known", "lower bound", "best median"
"""References of the gaps."""

MEAN = "geometric mean"
"""Row of the mean over the problems of a panel."""

OTHERS = "other problems"
"""Panel of problems whose task is not known."""

FLOOR = 1e-4
"""Smallest gap that is drawn, because a logarithmic axis has no zero."""

FEW = 8
"""Maximum number of rows in a one-column figure."""

MOST = 16
"""Maximum number of problems in a panel; tasks with more go on in another one."""

_ROW, _MOST_ROW = 0.17, 0.5
"""Least and greatest height of a row, in inches."""

_DOT = 0.05
"""Height that an optimizer needs in a row, in inches."""

_AROUND = 0.45
"""Height of the title and the labels of a panel, in inches."""

THROUGHPUT_COLUMNS = {
    "panel": f"task; {OTHERS!r} if it is not known",
    "case": f"case, as in the runs table; {MEAN!r}: that over the cases of the panel",
    "optimizer": "label in the campaign",
    "value": "gap of the median over seeds: median / reference - 1; infinite without a valid mapping",
    "low": "the same for the first quartile; empty for means",
    "high": "the same for the third quartile; empty for means",
    "reference": f"what the gap is to: {BEST_KNOWN} (m3e best), {BOUND} (certified), or {BEST} of the campaign",
    "left_out": "problems that are not in the figure, or empty",
}


def throughput_numbers(tables: Tables) -> pd.DataFrame:
    """Return one row per dot, with columns as in ``THROUGHPUT_COLUMNS``."""
    left_out = left_out_of(tables)
    dots = throughput_gaps(tables).assign(left_out=left_out)
    reason = "no run has found a valid mapping yet"
    dots.attrs["why"] = f"{left_out}; {reason}" if left_out else reason
    return dots


def left_out_of(tables: Tables) -> str:
    """Return a note on the problems that are left out, or ""."""
    others = tables.runs.drop_duplicates("case")
    others = others[~others["objective"].isin(THROUGHPUTS)]
    names = ", ".join(others["objective"].unique())
    return f"left out: {counted(len(others), 'problem')} whose objective is {names}" if len(others) else ""


def throughput_gaps(tables: Tables) -> pd.DataFrame:
    """Return one row per dot: panel, case (or mean), optimizer, value, low and high (from the quartiles), reference."""
    first = tables.runs.drop_duplicates("case").set_index("case")
    cases = tables.summary.dropna(subset=["median"])
    cases = cases[cases["objective"].isin(THROUGHPUTS)]
    cases = cases.assign(panel=cases["case"].map(first["task"]).replace("", OTHERS))
    best = cases.groupby("case")["median"].transform("min").astype(float)
    cases = cases.assign(best=best)[np.isfinite(best)]
    cases = cases.assign(reference=_references(cases))
    columns = {BEST_KNOWN: "best_known", BOUND: "lower_bound", BEST: "best"}
    values = pd.Series([row[columns[row["reference"]]] for _, row in cases.iterrows()], index=cases.index, dtype=float)
    quotients = {"value": "median", "low": "q1", "high": "q3"}
    cases = cases.assign(**{name: cases[column] / values for name, column in quotients.items()})
    rows = [row for panel in cases.groupby("panel", sort=False) for row in _dots(*panel)]
    gaps = pd.DataFrame(rows, columns=["panel", "case", "optimizer", *quotients, "reference"])
    return gaps.assign(**{name: gaps[name].astype(float) - 1.0 for name in quotients})


def _references(cases: pd.DataFrame) -> list[str]:
    """Return what the gaps of each row are to: the same for all rows where that is possible."""
    if cases["best_known"].notna().all():
        return [BEST_KNOWN] * len(cases)
    return [BOUND if bound > 0 else BEST for bound in cases["lower_bound"]]


def _dots(title: str, panel: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """Yield the dots of one panel: those of each case, then the means over the comparable cases."""
    columns = ["case", "optimizer", "value", "low", "high", "reference"]
    for row in panel[columns].itertuples(index=False):
        yield (title, *row)
    if panel["case"].nunique() > 1:
        reference = ", ".join(panel["reference"].unique())
        for optimizer, own in comparable(panel).groupby("optimizer", sort=False):
            yield (title, MEAN, optimizer, geometric_mean(own["value"]), np.nan, np.nan, reference)


@dataclass(frozen=True)
class _Panel:
    """A panel to draw: its title, the rows from top to bottom, and their dots."""

    title: str
    rows: Sequence[str]
    dots: pd.DataFrame


def draw_throughput(dots: pd.DataFrame, look: Looks) -> Figure:
    """Draw a panel per task and a row per problem: gaps on a logarithmic axis; lower is better."""
    shown = {name: own for name, own in look.items() if name in set(dots["optimizer"])}
    tall = min(_MOST_ROW, max(_ROW, 0.06 + _DOT * len(shown)))
    rows = sum(panel["case"].nunique() for _, panel in dots.groupby("panel"))
    columns = [list(_panels(dots, MOST))] if rows <= FEW else _columns(list(_panels(dots, min(MOST, -(-rows // 2)))))
    heights = [sum(_AROUND + tall * len(panel.rows) for panel in column) for column in columns]
    figure = new_figure(COLUMN if len(columns) == 1 else FULL, max(heights) + 0.95)
    limits, labels = _limits(dots), _labels(dots)
    outer = figure.add_gridspec(1, len(columns))
    for place, (column, height) in enumerate(zip(columns, heights, strict=True)):
        room = (max(heights) - height) / tall  # below the shorter column
        ratios = [*(len(panel.rows) for panel in column), *([room] if room else [])]
        grid = outer[place].subgridspec(len(ratios), 1, height_ratios=ratios)
        for row, panel in enumerate(column):
            _draw_panel(figure.add_subplot(grid[row]), panel, shown, limits, labels)
    legend_of(figure, shown, list(shown), dot_handle)
    figure.supxlabel(_axis_label(dots, 30 * len(columns)), fontsize=7.5)
    return figure


def _panels(dots: pd.DataFrame, most: int) -> Iterator[_Panel]:
    """Yield the panels, each with at most ``most`` problems, and the mean in the last one of a task."""
    for title, own in dots.groupby("panel", sort=False):
        cases = [case for case in own["case"].unique() if case != MEAN]
        mean = [MEAN] if MEAN in set(own["case"]) else []
        number = -(-len(cases) // most)
        size = -(-len(cases) // number)
        for page in range(number):
            rows = cases[page * size : (page + 1) * size] + (mean if page == number - 1 else [])
            name = f"{title}, {page + 1} of {number}" if number > 1 else str(title)
            yield _Panel(name, rows, own[own["case"].isin(rows)])


def _columns(panels: Sequence[_Panel]) -> list[list[_Panel]]:
    """Split panels into two columns of about the same height, keeping their order."""
    if len(panels) == 1:
        return [list(panels)]
    sizes = [len(panel.rows) + 2 for panel in panels]
    split = min(range(1, len(panels)), key=lambda place: max(sum(sizes[:place]), sum(sizes[place:])))
    return [list(panels[:split]), list(panels[split:])]


def _limits(dots: pd.DataFrame) -> tuple[float, float]:
    """Return the limits of the gaps that are drawn: from the smallest one, all panels alike."""
    values = dots[["value", "low", "high"]].to_numpy(dtype=np.float64)
    values = np.maximum(values[np.isfinite(values)], FLOOR)
    low, high = (values.min(), values.max()) if values.size else (FLOOR, 1.0)
    wide = max(1.3, (10.0 * low / high) ** 0.5)  # a decade at least
    return float(low / wide), float(high * wide)


def _labels(dots: pd.DataFrame) -> Mapping[str, str]:
    """Return the label of each row: the problem's id without its task and what all share."""
    tasks = dict(zip(dots["case"], dots["panel"], strict=True))
    short = short_names([case for case in tasks if case != MEAN])
    short = {case: case if name == tasks[case] else name for case, name in short.items()}
    names = {case: name.removeprefix(f"{tasks[case]}/") for case, name in short.items()}
    texts = drawn(names.values(), 26)
    return {MEAN: MEAN} | {case: texts[name] for case, name in names.items()}


def _axis_label(dots: pd.DataFrame, limit: int) -> str:
    """Return the label below all axes, with what is left out in a line of its own."""
    cases = dots[dots["case"] != MEAN]
    common = common_parts(list(cases["case"].unique()))
    problems = f"all problems {safe(common, limit)}" if common else ""
    label = f"gap to the {' or '.join(cases['reference'].unique())} (log axis)"
    return "\n".join(filter(None, (label, problems, dots["left_out"].iloc[0])))


def _draw_panel(axis: Axes, panel: _Panel, look: Looks, limits: tuple[float, float], labels: Mapping[str, str]) -> None:
    for row in range(0, len(panel.rows), 2):
        axis.axhspan(row - 0.5, row + 0.5, color="#f3f3f3", linewidth=0)
    if MEAN in panel.rows and len(panel.rows) > 1:
        axis.axhline(len(panel.rows) - 1.5, color="#888888", linewidth=0.6)
    axis.set(xscale="log", xlim=limits, ylim=(len(panel.rows) - 0.5, -0.5))
    draw_dots(axis, panel.dots.rename(columns={"case": "group"}), look, panel.rows, FLOOR)
    axis.set_yticks(range(len(panel.rows)), [labels[row] for row in panel.rows])
    axis.tick_params(axis="y", length=0)
    axis.set_title(safe(panel.title, 40))
    floor = [FLOOR] if limits[0] <= FLOOR else []
    ticks = floor + [tick for tick in log_ticks(*limits) if tick > 1.5 * FLOOR]
    axis.xaxis.set_major_locator(FixedLocator(ticks))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value)))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.grid(axis="x")


def percent(gap: float) -> str:
    """Return the label of a gap on an axis that starts at ``FLOOR``."""
    return f"{'≤ ' if gap <= FLOOR else ''}{100.0 * gap:,.6g} %"


THROUGHPUT = Drawing(
    "throughput",
    throughput_numbers,
    draw_throughput,
    THROUGHPUT_COLUMNS,
    "Throughput: gap by problem",
    "How much more throughput the best mapping known has than the median over seeds: a gap of 10 % is 10 % more. It "
    "is to the best known ('m3e best') if each problem has one, else to the certified lower bound of the makespan, "
    "which no mapping can beat, or without either to the best median. Lower is better; the axis is logarithmic, the "
    "same in all panels, and starts at the smallest gap, or at 0.01 %, where all smaller ones are drawn. There is a "
    "panel for each task and a row for each problem; lines span the first to third quartiles. The last row is the "
    "geometric mean over those problems of the panel on which all optimizers have a value. A cross marks runs that "
    "found no valid mapping. Problems with objectives other than latency and throughput are left out.",
)
