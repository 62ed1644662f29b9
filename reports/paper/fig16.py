"""Figure 16: ablation of MAGMA's operators: convergence and final value without some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reports.figures.convergence import Improvements, best_so_far, improvements_by_run
from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn
from reports.figures.marks import line_handle
from reports.figures.style import FULL, Looks, legend_of, log_ticks, new_figure
from reports.frames.averages import quantile
from reports.frames.summary import Tables
from reports.paper.common import draw_course
from reports.wording.units import is_front

COLUMNS = {
    "case": "case, as in the runs table",
    "optimizer": "label in the campaign",
    "operators": "enabled operators, of gen, rg, accel (crossovers) and mutation",
    "group": "group by number of omitted operators: all operators, one left out, or two or more left out",
    "evaluation": "number of evaluations, from 1; one row per change of a quartile, and one at the budget",
    "median": "median over seeds of the best value so far, relative to the reference's median at the budget; empty "
    "until half of the runs have a valid mapping",
    "q1": "first quartile over seeds",
    "q3": "third quartile over seeds",
    "runs": "number of runs",
    "reference": "optimizer whose median at the budget is 1: MAGMA with all operators; empty: the best",
}

RATES = {
    "gen": "crossover_gen_rate",
    "rg": "crossover_rg_rate",
    "accel": "crossover_accel_rate",
    "mutation": "mutation_rate",
}
"""Parameters that disable operators when set to 0."""

GROUPS = ("all operators", "one left out", "two or more left out")

REACH = 30.0
"""Ratio of the budget to the start of the evaluations axis."""

_ROW = 1.75
"""Minimum height of a problem's panels, in inches."""

_LINE = 0.165
"""Height of an optimizer's line in the panel of final values, in inches."""


def numbers(tables: Tables) -> pd.DataFrame:
    """Return quartiles of the best value so far, with columns as in ``COLUMNS``.

    There is a row wherever a quartile changes, and one at the budget.
    """
    runs = tables.runs
    runs = runs[~runs["objective"].map(is_front).astype(bool)]
    operators = {run.id: _operators(run.spec.parameters) for run in tables.campaign.runs}
    runs = runs.assign(operators=runs["run_id"].map(operators), magma=tables.magma)
    improvements = improvements_by_run(tables.trajectories)
    parts = [part for _, own in runs.groupby("case", sort=False) for part in _case_numbers(own, improvements)]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)] if parts else pd.DataFrame(columns=list(COLUMNS))


def _operators(parameters: Mapping[str, object]) -> str:
    """Return the names of the enabled operators."""
    return ", ".join(name for name, rate in RATES.items() if parameters.get(rate, True))


def _case_numbers(runs: pd.DataFrame, improvements: Improvements) -> Iterator[pd.DataFrame]:
    """Yield the rows of one case, one table per optimizer."""
    budget = max(1, int(runs["budget"].max()))
    magma = runs["magma"].iloc[0]
    ends = runs["value"].groupby(runs["optimizer"]).agg(lambda own: float(quantile(own, 0.5)))
    reference = magma if np.isfinite(ends.get(magma, np.inf)) else ""
    level = ends[reference] if reference else ends.min()
    if not 0.0 < level < np.inf:
        return
    grid = np.unique(np.geomspace(max(1.0, budget / REACH), budget, 200).astype(np.int64))
    for optimizer, own in runs.groupby("optimizer", sort=False):
        values = best_so_far(improvements, list(own["run_id"]), grid) / level
        levels = {name: quantile(values, q) for name, q in (("q1", 0.25), ("median", 0.5), ("q3", 0.75))}
        rows = pd.DataFrame({"evaluation": grid, **levels}).replace(np.inf, np.nan)
        changes = (rows[["q1", "median", "q3"]].diff() != 0.0).any(axis=1) & rows["q1"].notna()
        changes.iloc[-1] = True
        on = str(own["operators"].iloc[0])
        yield rows[changes].assign(
            case=runs["case"].iloc[0],
            optimizer=optimizer,
            operators=on,
            group=_group(on),
            runs=len(own),
            reference=reference,
        )


def _group(operators: str) -> str:
    """Return the entry of ``GROUPS`` for the number of omitted operators."""
    return GROUPS[min(len(RATES) - len(operators.split(", ")), 2)]


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """Draw a row of panels per problem: lines over evaluations by group, then all labelled final values."""
    cases = list(numbers["case"].unique())
    shown = [name for name in looks if name in set(numbers["optimizer"])]
    groups = [group for group in GROUPS[1:] if group in set(numbers["group"])] or [GROUPS[0]]
    row = max(_ROW, 0.5 + _LINE * len(shown))
    figure = new_figure(FULL, 0.3 + row * len(cases))
    axes = figure.subplots(len(cases), len(groups) + 1, squeeze=False)
    titles = drawn(cases, 60)
    for own, (case, panel) in zip(axes, numbers.groupby("case", sort=False), strict=True):
        for axis, group in zip(own, groups, strict=False):
            _draw_lines(axis, panel[panel["group"].isin((GROUPS[0], group))], looks)
            axis.annotate(group, (1.0, 0.97), xycoords="axes fraction", ha="right", va="top", backgroundcolor="white")
        for axis in own[1:-1]:
            axis.sharey(own[0])
        _draw_ends(own[-1], panel, {name: looks[name] for name in shown})
        own[0].set_title(titles[case], loc="left")
        own[0].set_ylabel("relative value")
    for axis in axes[-1, :-1]:
        axis.set_xlabel("evaluations")
    legend_of(figure, looks, shown, line_handle)
    reference = numbers["reference"].iloc[0]
    axes[-1, -1].set_xlabel(
        f"at the budget, relative to {drawn([*shown, reference], 20)[reference] if reference else 'the best'}"
    )
    return figure


def _draw_lines(axis: Axes, panel: pd.DataFrame, looks: Looks) -> None:
    """Draw medians over evaluations, and the bands between the quartiles."""
    last = int(panel["evaluation"].max())
    first = int(panel["evaluation"].min())
    for name in [name for name in looks if name in set(panel["optimizer"])]:
        own = panel[panel["optimizer"] == name]
        x, *quartiles = (own[key].to_numpy(dtype=np.float64) for key in ("evaluation", "q1", "median", "q3"))
        draw_course(axis, x, quartiles, looks[name], (first, last))
    axis.set(xscale="log", yscale="log", xlim=(first, max(last, first + 1)))
    axis.xaxis.set_major_locator(FixedLocator(log_ticks(*axis.get_xlim())))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.xaxis.set_minor_locator(NullLocator())
    _set_ratios(axis, "y")


def _draw_ends(axis: Axes, panel: pd.DataFrame, looks: Looks) -> None:
    """Draw medians and quartiles at the budget, one line per optimizer; outliers are written at the edge."""
    ends = panel.groupby("optimizer", sort=False).tail(1).set_index("optimizer").reindex(list(looks))
    limit = _limit(ends["q3"])
    for place, (end, look) in enumerate(zip(ends.to_dict("records"), looks.values(), strict=True)):
        if end["median"] <= limit:
            axis.plot([end["q1"], min(end["q3"], limit)], [place, place], color=look.colour, linewidth=1.2)
            axis.plot(
                end["median"],
                place,
                linestyle="none",
                color=look.colour,
                marker=look.marker,
                markersize=3.8,
                markeredgewidth=0.0,
            )
        elif np.isfinite(end["median"]):
            text = f"{end['median']:,.3g} \N{RIGHTWARDS ARROW}"
            axis.annotate(text, (1.0, place), xycoords=("axes fraction", "data"), ha="right", va="center")
    axis.axvline(1.0, color="#444444", linewidth=0.6, zorder=0.9)
    axis.set_yticks(range(len(looks)), list(drawn(looks, 22).values()))
    axis.set_ylim(len(looks) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)
    axis.set_xscale("log")
    _set_ratios(axis, "x")


def _limit(ends: pd.Series) -> float:
    """Return the end of the axis, beyond most third quartiles, so that outliers do not squeeze the others."""
    known = ends.dropna().to_numpy(dtype=np.float64)
    return float(1.0 + max(0.02, 2.0 * (np.quantile(known, 0.75) - 1.0))) if known.size > 3 else np.inf


def _set_ratios(axis: Axes, which: Literal["x", "y"]) -> None:
    """Set up a logarithmic axis of ratios near 1, with ticks far enough apart."""
    one = axis.yaxis if which == "y" else axis.xaxis
    low, high = one.get_view_interval()
    low, high = (low, high) if 0.0 < low <= high < np.inf else (1.0, 1.0)  # if nothing is drawn
    middle = np.sqrt(low * high)
    factor = max(np.sqrt(high / low), 1.02)
    one.axes.set(**{f"{which}lim": (middle / factor, middle * factor)})
    one.set_major_locator(FixedLocator(_ratio_ticks(middle / factor, middle * factor)))
    one.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
    one.set_minor_locator(NullLocator())
    axis.grid(axis=which)


def _ratio_ticks(low: float, high: float) -> Sequence[float]:
    """Return round ratios: multiples of a step if the range is short, else 1, 2, 5 and powers of ten."""
    if high / low > 8.0:
        return log_ticks(low, high)
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 1e9) if (high - low) / s <= 5.0)
    return [float(tick) for tick in np.arange(np.ceil(low / step), np.floor(high / step) + 1.0) * step]


FIG16 = Drawing(
    "fig16",
    numbers,
    draw,
    COLUMNS,
    "Operator ablation",
    "MAGMA with all operators and with some disabled, relative to the final value of MAGMA with all operators (median "
    "at the budget); lower is better, and ratios have logarithmic axes. Left: best value so far over evaluations; "
    "lines are medians over seeds, bands span the first to third quartiles. Right: the same at the budget, with dots "
    "for medians and lines between the quartiles, in the colours and markers of the left panels; medians beyond the "
    "axis are written as numbers. Each child undergoes at least one crossover while any is enabled, so leaving one "
    "out makes the others more frequent.",
)
