"""Best value so far over evaluations, a panel for each problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reports.figures.style import (
    COLUMN,
    FULL,
    Look,
    empty_figure,
    legend_above,
    log_ticks,
    looks,
    new_figure,
    safe,
    wrapped,
)
from reports.names import common_parts, short_names
from reports.statistics import Tables, quantile
from reports.tables import used
from reports.units import SHORTFALL, is_front, name_of

FloatArray = npt.NDArray[np.float64]

FLOOR = 1e-4
"""Smallest gap or shortfall that is drawn: a logarithmic axis has no zero."""

DECADES = 3
"""How far the axis of evaluations reaches back from the budget."""

TITLE = 22
"""Characters in a line above one of four panels."""

MANY = 8
"""With more optimizers only MAGMA gets a band."""


def draw_convergence(tables: Tables) -> Figure:
    """Small multiples of the median gap to the lower bound, or shortfall, over evaluations; lower is better."""
    look = looks(tables)
    cases = [case for case in tables.cases if case in set(used(tables.runs).dropna(subset=["best_value"])["case"])]
    if not cases:
        return empty_figure("Convergence: no run has found a valid mapping yet")
    columns = _num_columns(len(cases))
    rows = -(-len(cases) // columns)
    figure = new_figure(
        COLUMN if columns == 1 and len(look) <= MANY else FULL, 0.75 + (2.0 if columns == 1 else 1.45) * rows
    )
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    titles, shown = short_names(cases), set()
    for axis, case in zip(axes, cases, strict=False):
        shown |= _draw_case(axis, tables, case, look)
        axis.set_title(wrapped(titles[case], TITLE * (4 // columns)), fontsize=7.5)
    for axis in axes[len(cases) :]:
        axis.remove()
    common = common_parts(cases)
    figure.supxlabel(
        f"evaluations (all problems: {safe(common, 30 * columns)})" if common else "evaluations", fontsize=7.5
    )
    figure.supylabel(_label(tables, cases), fontsize=7.5)
    names = [name for name in look if name in shown]
    legend_above(figure, [_line(look[name]) for name in names], names)
    return figure


def _label(tables: Tables, cases: list[str]) -> str:
    """What the vertical axes of ``cases`` show."""
    objectives = list(tables.runs.loc[tables.runs["case"].isin(cases), "objective"].unique())
    single = [objective for objective in objectives if not is_front(objective)]
    of = f" ({name_of(single[0])})" if len(single) == 1 else ""
    gap = [f"gap to lower bound{of}"] if single else []
    shortfall = [SHORTFALL] if len(single) < len(objectives) else []
    return ", or ".join(gap + shortfall)


def _num_columns(panels: int) -> int:
    """Three or four, whichever leaves fewer gaps in the last row."""
    return min(panels, min((4, 3), key=lambda columns: (-panels % columns, -columns)) if panels <= 12 else 4)


def _draw_case(axis: Axes, tables: Tables, case: str, look: Mapping[str, Look]) -> set[str]:
    """One panel; the optimizers that are in it."""
    runs = used(tables.runs)
    runs = runs[runs["case"] == case]
    improvements = tables.trajectories[tables.trajectories["case"] == case]
    budget = int(runs["budget"].max())
    grid = np.unique(np.geomspace(max(1.0, budget / 10**DECADES), budget, 200).astype(np.int64))
    to_gap, note = _scale(tables, runs)
    if note:
        axis.annotate(note, (0.97, 0.95), xycoords="axes fraction", ha="right", va="top", fontsize=7)
    shown = set()
    for place, (name, own_look) in enumerate(look.items()):
        own = runs[runs["optimizer"] == name]["run_id"]
        gaps = to_gap(best_so_far(improvements, list(own), grid))
        if gaps.size and np.isfinite(quantile(gaps, 0.5)).any():
            band = len(look) <= MANY or name == tables.magma
            _draw_line(axis, grid, np.maximum(gaps, FLOOR), own_look, place / len(look), band=band)
            shown.add(name)
    _set_axes(axis, int(grid[0]), budget)
    return shown


def _scale(tables: Tables, runs: pd.DataFrame) -> tuple[Callable[[FloatArray], FloatArray], str]:
    """How values become what a panel shows, and what the panel must say of it."""
    if is_front(runs["objective"].iloc[0]):
        only = all(is_front(objective) for objective in tables.objectives)
        return lambda values: values, "" if only else SHORTFALL.replace(" ", "\n")
    bound = runs["lower_bound"].iloc[0]
    if bound > 0:
        return lambda values: values / bound - 1.0, ""
    best = runs["best_value"].min()
    return lambda values: values / best - 1.0, "gap to best known"


def best_so_far(improvements: pd.DataFrame, run_ids: list[str], grid: npt.NDArray[np.int64]) -> FloatArray:
    """``(runs, len(grid))`` lowest value of each run after so many evaluations; ``inf`` before the first."""
    best = np.full((len(run_ids), grid.size), np.inf)
    for row, run_id in zip(best, run_ids, strict=True):
        own = improvements[improvements["run_id"] == run_id]
        place = np.searchsorted(own["evaluation"].to_numpy(dtype=np.int64), grid, side="right")
        row[place > 0] = own["best_value"].to_numpy(dtype=np.float64)[place[place > 0] - 1]
    return best


def _draw_line(
    axis: Axes, grid: npt.NDArray[np.int64], gaps: FloatArray, look: Look, phase: float, *, band: bool
) -> None:
    """Median, and the band between the quartiles as far as both are finite; markers take turns along the axis."""
    q1, median, q3 = (quantile(gaps, q) for q in (0.25, 0.5, 0.75))
    axis.step(
        grid,
        np.where(np.isfinite(median), median, np.nan),
        where="post",
        color=look.colour,
        linestyle=look.dashes,
        linewidth=look.width,
        marker=look.marker,
        markersize=3.2,
        markeredgewidth=0.0,
        markevery=(0.05 + 0.24 * phase, 0.27),
        zorder=look.level,
    )
    if band and len(gaps) > 1:
        finite = np.isfinite(q3)
        axis.fill_between(grid, q1, q3, where=finite, step="post", color=look.colour, alpha=0.15, linewidth=0, zorder=2)


def _set_axes(axis: Axes, first: int, budget: int) -> None:
    axis.set(xscale="log", yscale="log", xlim=(first, max(budget, first + 1)))
    low, high = axis.get_ylim()
    if high / low < 3.0:
        axis.set_ylim(low / 1.5, high * 1.5)
    axis.yaxis.set_major_locator(FixedLocator(log_ticks(*axis.get_ylim())))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100.0 * value:,.6g} %"))
    axis.xaxis.set_major_locator(FixedLocator(log_ticks(*axis.get_xlim())))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
    for one in (axis.xaxis, axis.yaxis):
        one.set_minor_locator(NullLocator())
    axis.grid()


def _short(number: float) -> str:
    """``10``, ``1k``, ``1M``: small panels have no room for more."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


def _line(look: Look) -> Line2D:
    return Line2D(
        [], [], color=look.colour, linestyle=look.dashes, linewidth=look.width, marker=look.marker, markersize=3.6,
        markeredgewidth=0.0,
    )  # fmt: skip
