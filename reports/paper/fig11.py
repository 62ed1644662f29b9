"""Figure 11: convergence of the throughput of the best mapping so far over evaluations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reports.figures.convergence import GAP_TO_BOUND, convergence_numbers
from reports.figures.drawing import Drawing
from reports.figures.lettering import safe, titles
from reports.figures.marks import line_handle
from reports.figures.style import COLUMN, FULL, Looks, legend_above, log_ticks, new_figure
from reports.frames.summary import Tables
from reports.paper.common import ABSENT, LIMIT, absent_note, draw_course, limit_handle, setting, with_absent

COLUMNS = {
    "case": "case, as in the runs table",
    "optimizer": "label in the campaign",
    "evaluation": "number of evaluations, from 1; one row per change of a quartile, and one at the budget",
    "median_gflops": "median over seeds of the throughput of the best mapping so far, GFLOP/s at 1 GHz; empty until "
    "half of the runs have a valid mapping",
    "q1_gflops": "first quartile over seeds",
    "q3_gflops": "third quartile over seeds",
    "runs": "number of runs",
    "limit_gflops": "certified limit, which no mapping exceeds, GFLOP/s at 1 GHz",
    "needs": "package to install for an optimizer that was left out; empty for all others",
    "setting": "numbers of jobs, evaluations and seeds; optimizers that make one mapping have one evaluation",
}

QUARTILES = ("q1_gflops", "median_gflops", "q3_gflops")


def numbers(tables: Tables) -> pd.DataFrame:
    """Return quartiles of the best throughput so far, with columns as in ``COLUMNS``."""
    runs = tables.runs[tables.runs["case"].isin(_chosen(tables))]
    work = (runs["throughput_gflops"] * runs["best_value"]).groupby(runs["case"]).max()
    limits = work / runs.groupby("case")["lower_bound"].first()
    gaps = convergence_numbers(replace(tables, runs=runs))
    gaps = gaps.assign(limit_gflops=gaps["case"].map(limits).astype(float))
    gaps = gaps[(gaps["measure"] == GAP_TO_BOUND) & gaps["limit_gflops"].notna()]
    sources = {"median_gflops": "median", "q1_gflops": "q3", "q3_gflops": "q1"}
    rows = gaps.assign(**{name: gaps["limit_gflops"] / (1.0 + gaps[source]) for name, source in sources.items()})
    rows = with_absent(rows, tables, ["case", "limit_gflops"])
    return rows.assign(setting=setting(replace(tables, runs=runs)))[list(COLUMNS)]


def _chosen(tables: Tables) -> list[str]:
    """Return the first case of each task on the campaign's last platform at its lowest bandwidth."""
    cases = tables.runs.drop_duplicates("case")
    cases = cases[cases["platform"] == cases["platform"].iloc[-1]] if len(cases) else cases
    cases = cases[cases["bandwidth_gbps"] == cases["bandwidth_gbps"].min()]
    return list(cases.drop_duplicates("task")["case"])


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """Draw one panel per task."""
    panels = list(numbers.groupby("case", sort=False))
    shown = [name for name in looks if name in set(numbers["optimizer"])]
    look = {name: looks[name] for name in sorted(shown, key=lambda name: looks[name].leads)}
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure = new_figure(FULL if columns > 1 else COLUMN, 0.8 + 1.75 * rows)
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    names = titles((case for case, _ in panels), 45)
    for axis, (case, panel) in zip(axes, panels, strict=False):
        _draw_panel(axis, panel, look)
        axis.set_title(names[case])
    for axis in axes[len(panels) :]:
        axis.remove()
    for axis in axes[: len(panels) : columns]:
        axis.set_ylabel("throughput, GFLOP/s")
    notes = ["evaluations (log axis)", absent_note(numbers), safe(numbers["setting"].iloc[0], 100)]
    figure.supxlabel("\n".join(filter(None, notes)), fontsize=7.5)
    absent = dict.fromkeys(numbers.loc[numbers["needs"] != "", "optimizer"], f" ({ABSENT})")
    legend_above(figure, [*map(line_handle, look.values()), limit_handle()], [*look, LIMIT], absent)
    return figure


def _draw_panel(axis: Axes, panel: pd.DataFrame, look: Looks) -> None:
    """Draw the lines of one problem and its certified limit."""
    found = panel.dropna(subset=["evaluation"])
    for name, own_look in look.items():
        own = found[found["optimizer"] == name]
        x, *quartiles = (own[key].to_numpy(dtype=np.float64) for key in ("evaluation", *QUARTILES))
        if len(own):
            draw_course(axis, x, quartiles, own_look, (x[0], x[-1]), clip_on=False)
    axis.axhline(panel["limit_gflops"].iloc[0], color="black", linestyle=(0, (4, 2)), linewidth=0.9)
    first, last = found["evaluation"].min(), found["evaluation"].max()
    axis.set(xscale="log", xlim=(first, max(last, first + 1)), ylim=(0.0, None))
    axis.xaxis.set_major_locator(FixedLocator(log_ticks(*axis.get_xlim())))
    for one in (axis.xaxis, axis.yaxis):
        one.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.grid()


FIG11 = Drawing(
    "fig11",
    numbers,
    draw,
    COLUMNS,
    "Convergence",
    "Throughput of the best mapping so far over evaluations, for each task on the large heterogeneous platform at a "
    "low bandwidth; higher is better. Lines are medians over seeds, bands span the first to third quartiles. "
    "Optimizers that make one mapping from the job table are horizontal lines. The dashed line is the certified limit, "
    f"which no mapping exceeds. An optimizer whose library is not installed is marked {ABSENT}.",
)
