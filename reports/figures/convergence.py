"""Convergence figure: best value so far over evaluations, or over CPU seconds, one panel per problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from problems.arrays import FloatArray, IntArray
from reports.figures.drawing import Drawing
from reports.figures.lettering import safe, titles
from reports.figures.marks import draw_steps, line_handle
from reports.figures.style import (
    COLUMN,
    FULL,
    Look,
    Looks,
    legend_of,
    log_ticks,
    new_figure,
)
from reports.frames.averages import quantile
from reports.frames.effort import CPU, EVALUATIONS, Effort, charged
from reports.frames.summary import Tables
from reports.wording.names import common_parts, short_names
from reports.wording.units import SHORTFALL, is_front, name_of

FLOOR = 1e-4
"""Smallest gap or shortfall that is drawn, because a logarithmic axis has no zero."""

DECADES = 3
"""Decades below the budget that the evaluations axis covers."""

GAP_TO_BOUND, GAP_TO_BEST = "gap to lower bound", "gap to best known"

TITLE = 22
"""Characters per title line with four panels in a row."""

MANY = 8
"""Maximum number of optimizers that all get a band; with more, only MAGMA gets one."""

Improvements = Mapping[str, tuple[FloatArray, FloatArray]]
"""Effort ``(n,)`` and best values ``(n,)`` of runs, by run id."""


def convergence_columns(effort: Effort) -> dict[str, str]:
    """Columns of ``convergence_numbers``, with their meanings."""
    return {
        "case": "case, as in the runs table",
        "optimizer": "label in the campaign",
        effort.column: f"number of {effort.unit}",
        "median": "median over seeds of the measure of the best value so far; empty until half of the runs have a "
        "valid mapping",
        "q1": "first quartile over seeds",
        "q3": "third quartile over seeds",
        "runs": "number of runs",
        "measure": "gap to lower bound, gap to best known, or hypervolume shortfall",
        "objective": "minimised objective",
    }


def convergence_numbers(tables: Tables, effort: Effort = EVALUATIONS) -> pd.DataFrame:
    """Return quartiles of the best value so far, with columns as in ``convergence_columns``.

    There is a row wherever a quartile changes, and one at the budget (over CPU seconds, at the end of the longest run).
    """
    runs = charged(tables.runs, effort)
    improvements = improvements_by_run(tables.trajectories, effort)
    cases = [case for case in tables.cases if case in set(runs.loc[np.isfinite(runs["value"]), "case"])]
    parts = [part for case in cases for part in _case_numbers(runs[runs["case"] == case], improvements, effort)]
    if not parts:
        return pd.DataFrame(columns=list(convergence_columns(effort)))
    return pd.concat(parts, ignore_index=True)[list(convergence_columns(effort))]


def _case_numbers(runs: pd.DataFrame, improvements: Improvements, effort: Effort) -> Iterator[pd.DataFrame]:
    """Yield the rows of one case, one table per optimizer."""
    grid = _grid(runs, improvements, effort)
    to_measure, measure = _scale(runs)
    for optimizer, own in runs.groupby("optimizer", sort=False):
        values = to_measure(best_so_far(improvements, list(own["run_id"]), grid))
        quartiles = np.array([quantile(values, q) for q in (0.25, 0.5, 0.75)])
        if not np.isfinite(quartiles[1]).any():
            continue
        shown = np.ones(grid.size, dtype=bool)
        levels = np.where(np.isfinite(quartiles), quartiles, -1.0)
        shown[1:-1] = (levels[:, 1:-1] != levels[:, :-2]).any(axis=0)
        q1, median, q3 = np.where(np.isinf(quartiles), np.nan, quartiles)[:, shown]
        content = {
            "case": runs["case"].iloc[0],
            "optimizer": optimizer,
            effort.column: grid[shown],
            "median": median,
            "q1": q1,
            "q3": q3,
            "runs": len(own),
            "measure": measure,
            "objective": runs["objective"].iloc[0],
        }
        yield pd.DataFrame(content)


def _grid(runs: pd.DataFrame, improvements: Improvements, effort: Effort) -> FloatArray | IntArray:
    """Return where the curves have their points: some decades of evaluations, or from the first improvement on."""
    budget = max(effort.least, float(runs["budget"].max()))
    if effort is EVALUATIONS:
        return np.unique(np.geomspace(max(1.0, budget / 10**DECADES), budget, 200).astype(np.int64))
    firsts = [improvements[run][0][0] for run in runs["run_id"] if run in improvements]
    return np.unique(rounded_seconds(np.geomspace(min([*firsts, budget]), budget, 100)))


def rounded_seconds(seconds: FloatArray) -> FloatArray:
    """Return ``(n,)`` seconds in four digits, at least; a grid needs no more, and pages stay small."""
    return np.array([float(f"{value:.4g}") for value in seconds.tolist()])


def _scale(runs: pd.DataFrame) -> tuple[Callable[[FloatArray], FloatArray], str]:
    """Return the function from values to the measure that a panel shows, and the name of the measure."""
    if is_front(runs["objective"].iloc[0]):
        return lambda values: values, SHORTFALL
    bound = runs["lower_bound"].iloc[0]
    if bound > 0:
        return lambda values: values / bound - 1.0, GAP_TO_BOUND
    best = runs["value"].min()
    return lambda values: _gap(values, best), GAP_TO_BEST


def _gap(values: FloatArray, best: float) -> FloatArray:
    """Return the relative gap of values above ``best``; infinite above a ``best`` of 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values == best, 0.0, values / best - 1.0)


def improvements_by_run(trajectories: pd.DataFrame, effort: Effort = EVALUATIONS) -> Improvements:
    """Return the improvements of each run that has any, from the trajectories table."""
    codes, run_ids = pd.factorize(trajectories["run_id"])
    order = np.argsort(codes, kind="stable")
    places = np.cumsum(np.bincount(codes))[:-1]
    spent = trajectories[effort.column].clip(lower=effort.least)
    efforts = np.split(spent.to_numpy(dtype=np.float64)[order], places)
    values = np.split(trajectories["best_value"].to_numpy(dtype=np.float64)[order], places)
    return dict(zip(run_ids, zip(efforts, values, strict=True), strict=False))


def best_so_far(improvements: Improvements, run_ids: Sequence[str], grid: FloatArray | IntArray) -> FloatArray:
    """Return the lowest value of each run after given efforts.

    Args:
        improvements: Result of ``improvements_by_run``.
        run_ids: Ids of the runs.
        grid: ``(n,)`` efforts, rising.

    Returns:
        ``(runs, n)`` values; ``inf`` before a run's first improvement.
    """
    best = np.full((len(run_ids), grid.size), np.inf)
    for row, run_id in zip(best, run_ids, strict=True):
        if run_id in improvements:
            efforts, values = improvements[run_id]
            place = np.searchsorted(efforts, grid, side="right")
            row[place > 0] = values[place[place > 0] - 1]
    return best


def draw_convergence(effort: Effort, numbers: pd.DataFrame, look: Looks) -> Figure:
    """Draw one panel per problem: median gap or shortfall over the effort; lower is better."""
    cases = list(numbers["case"].unique())
    columns = _num_columns(len(cases))
    rows = -(-len(cases) // columns)
    narrow = columns == 1 and len(look) <= MANY
    figure = new_figure(COLUMN if narrow else FULL, 0.75 + (2.0 if columns == 1 else 1.45) * rows)
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    short = short_names(cases)
    measures = list(numbers["measure"].unique())
    names = titles(short.values(), TITLE * (4 // columns))
    for axis, (case, panel) in zip(axes, numbers.groupby("case", sort=False), strict=False):
        _draw_case(axis, panel, look, effort)
        axis.set_title(names[short[case]], fontsize=7.5)
        if panel["measure"].iloc[0] != measures[0]:
            note = panel["measure"].iloc[0].replace(" ", "\n", 1)
            axis.annotate(note, (0.97, 0.95), xycoords="axes fraction", ha="right", va="top", fontsize=7)
    for axis in axes[len(cases) :]:
        axis.remove()
    common = common_parts(cases)
    problems = f" (all problems: {safe(common, 30 * columns)})" if common else ""
    figure.supxlabel(f"{effort.unit}{problems}", fontsize=7.5)
    figure.supylabel(_label(numbers), fontsize=7.5)
    shown = [name for name in look if name in set(numbers["optimizer"])]
    legend_of(figure, look, shown, line_handle)
    return figure


def _label(numbers: pd.DataFrame) -> str:
    """Return the label of the vertical axes."""
    objectives = [objective for objective in numbers["objective"].unique() if not is_front(objective)]
    of = f" ({name_of(objectives[0])})" if len(objectives) == 1 else ""
    measures = numbers["measure"].unique()
    return ", or ".join(measure if measure == SHORTFALL else f"{measure}{of}" for measure in measures)


def _draw_case(axis: Axes, panel: pd.DataFrame, look: Looks, effort: Effort) -> None:
    """Draw the panel of one problem."""
    for place, (name, own_look) in enumerate(look.items()):
        own = panel[panel["optimizer"] == name]
        if len(own):
            own = own.rename(columns={effort.column: "effort"})
            _draw_line(axis, own, own_look, place / len(look), band=len(look) <= MANY or own_look.leads)
    first, last = float(panel[effort.column].min()), float(panel[effort.column].max())
    _set_axes(axis, first, max(last, first + effort.least))


def _num_columns(panels: int) -> int:
    """Return three or four columns, whichever leaves fewer gaps in the last row; fewer for fewer panels."""
    return min(panels, min((4, 3), key=lambda columns: (-panels % columns, -columns)) if panels <= 12 else 4)


def _draw_line(axis: Axes, own: pd.DataFrame, look: Look, phase: float, *, band: bool) -> None:
    """Draw the median, and the band between the quartiles where both are known; ``phase`` staggers the markers."""
    q1, median, q3 = (own[name].astype(float).clip(lower=FLOOR) for name in ("q1", "median", "q3"))
    draw_steps(axis, own["effort"], median, look, phase)
    if band and own["runs"].iloc[0] > 1:
        known = median.notna() & q3.notna()
        axis.fill_between(
            own["effort"], q1, q3, where=known, step="post", color=look.colour, alpha=0.15, linewidth=0, zorder=2
        )


def _set_axes(axis: Axes, first: float, last: float) -> None:
    axis.set(xscale="log", yscale="log", xlim=(first, last))
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
    """Return ``10``, ``1k`` or ``1M``, short enough for small panels."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


CONVERGENCE = Drawing(
    "convergence",
    convergence_numbers,
    partial(draw_convergence, EVALUATIONS),
    convergence_columns(EVALUATIONS),
    "Convergence",
    "Best value so far over evaluations, as the gap to the certified lower bound or, with two objectives, as the "
    "hypervolume shortfall of the Pareto front so far; lower is better, and both axes are logarithmic. Lines are "
    "medians over seeds; bands span the first to third quartiles (with more than "
    f"{MANY} optimizers, for MAGMA only). A line starts where half of the runs have a valid mapping. Gaps and "
    "shortfalls below 0.01 % are drawn at 0.01 %.",
)

CONVERGENCE_CPU = Drawing(
    "convergence-cpu",
    partial(convergence_numbers, effort=CPU),
    partial(draw_convergence, CPU),
    convergence_columns(CPU),
    "Convergence over CPU seconds",
    "The same over the CPU seconds of the search, up to the end of the longest run on the problem: a run that has "
    "ended keeps its value. CPU seconds depend on the machine; optimizers whose CPU times are unknown are left out.",
    variant_of="convergence",
)
