"""Table 5: benefit of a warm start from mappings found for an earlier group of jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures.convergence import Improvements, best_so_far, improvements_by_run
from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn
from reports.figures.style import COLUMN, Looks, new_figure
from reports.figures.throughput import THROUGHPUTS
from reports.frames.averages import geometric_mean, quantile
from reports.frames.summary import Tables
from reports.wording.table import Column, Table

COLUMNS = {
    "task": "task of the problems",
    "optimizer": "label in the campaign",
    "generations": "number of generations of 100 evaluations each; 0: only the first mapping",
    "evaluations": "number of evaluations",
    "median": "final value of the cold start (median over seeds) over the best value so far: 1 equals the end of a "
    "cold start, higher is better; median over seeds, then geometric mean over instances",
    "q1": "the same for the first quartile",
    "q3": "the same for the third quartile",
    "instances": "number of instances",
    "runs": "number of runs on these instances",
    "reference": "label of the cold start, MAGMA",
}

GENERATIONS = (0, 1, 30, 100)
"""Numbers of generations, the columns of the table."""

GENERATION = 100
"""Evaluations per generation."""

_LINE = 0.15
"""Height of a line, in inches."""

_CELL = 0.195
"""Width of a cell as a fraction of the table's width."""


def numbers(tables: Tables) -> pd.DataFrame:
    """Return relative values by task, optimizer and number of generations, with columns as in ``COLUMNS``."""
    runs = tables.runs
    runs = runs[runs["objective"].isin(THROUGHPUTS)]
    if tables.magma:
        runs = runs[runs["case"].isin(runs.loc[runs["optimizer"] == tables.magma, "case"])]
    improvements = improvements_by_run(tables.trajectories)
    cells = [row for _, own in runs.groupby("case", sort=False) for row in _case_cells(own, tables.magma, improvements)]
    cells = pd.DataFrame(cells, columns=["task", "optimizer", "generations", "q1", "median", "q3", "runs"])
    rows = [_mean(key, own) for key, own in cells.groupby(["task", "optimizer", "generations"], sort=False)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).assign(reference=tables.magma)


def _case_cells(runs: pd.DataFrame, magma: str, improvements: Improvements) -> Iterator[tuple[object, ...]]:
    """Yield the cells of one case: task, optimizer, generations, quartiles, number of runs."""
    cold = runs[runs["optimizer"] == magma] if magma else runs
    level = float(quantile(cold["value"], 0.5))
    if not 0.0 < level < np.inf:
        return
    generations = [g for g in GENERATIONS if g * GENERATION <= runs["budget"].max()]
    grid = np.array([max(1, g * GENERATION) for g in generations])
    for optimizer, own in runs.groupby("optimizer", sort=False):
        best = best_so_far(improvements, list(own["run_id"]), grid)
        quartiles = level / np.stack([quantile(best, q) for q in (0.75, 0.5, 0.25)], axis=1)
        for generation, row in zip(generations, quartiles.tolist(), strict=True):
            yield runs["task"].iloc[0], optimizer, generation, *row, len(own)


def _mean(key: tuple[str, str, int], own: pd.DataFrame) -> dict[str, object]:
    """Return one row of the numbers; 0 if half of the runs on an instance have no valid mapping yet."""
    means = {q: geometric_mean(own[q]) for q in ("median", "q1", "q3")}
    counts = {"instances": len(own), "runs": int(own["runs"].sum())}
    names = dict(zip(("task", "optimizer", "generations"), key, strict=True))
    return {**names, "evaluations": max(1, key[2] * GENERATION), **means, **counts}


def draw(numbers: pd.DataFrame, _: Looks) -> Figure:
    """Draw a text table: one row per task and optimizer, one column per generation, quartiles below medians."""
    generations = sorted(numbers["generations"].unique())
    cells = numbers.set_index(["task", "optimizer", "generations"])
    pairs = numbers.drop_duplicates(["task", "optimizer"])[["task", "optimizer"]]
    height = 2.4 + 1.3 * pairs["task"].nunique() + 2.1 * len(pairs) + 0.4
    figure = new_figure(COLUMN, _LINE * height)
    axis = figure.add_subplot(xlim=(0.0, 1.0), ylim=(height, 0.0))
    axis.axis("off")
    _row(axis, 0.6, "throughput relative to the end of the cold start, after", [])
    _row(axis, 1.6, "generations", [f"{generation:g}" for generation in generations], weight="bold")
    y = 2.4
    tasks = drawn(pairs["task"], 30)
    names = drawn(pairs["optimizer"], 20)
    for task, own in pairs.groupby("task", sort=False):
        axis.axhline(y, color="#777777", linewidth=0.6)
        _row(axis, y + 0.7, tasks[task], [], weight="bold")
        y += 1.3
        for label in own["optimizer"]:
            known = [cells.loc[key] if (key := (task, label, g)) in cells.index else None for g in generations]
            _row(axis, y + 0.6, "  " + names[label], ["" if c is None else f"{c['median']:.2f}" for c in known])
            _row(axis, y + 1.5, "", ["" if c is None else _range(c) for c in known], fontsize=7.0, color="#555555")
            y += 2.1
    axis.axhline(y + 0.1, color="#777777", linewidth=0.6)
    return figure


def as_table(numbers: pd.DataFrame) -> Table:
    """Return the table for papers: one row per task and optimizer, one column per number of generations."""
    texts: dict[tuple[str, str], dict[str, str]] = {}
    for row in numbers.to_dict("records"):
        spread = f" ({_range(row)})" if _range(row) else ""
        own = texts.setdefault((row["task"], row["optimizer"]), {})
        own[str(row["generations"])] = f"{row['median']:.2f}{spread}"
    generations = [str(generation) for generation in sorted(numbers["generations"].unique())]
    rows = [{"task": task, "optimizer": optimizer, **own} for (task, optimizer), own in texts.items()]
    frame = pd.DataFrame(rows, columns=["task", "optimizer", *generations]).fillna("")
    heads = {"task": Column("Task", number=False), "optimizer": Column("Start", number=False)}
    cells = {name: Column(name) for name in generations}
    meaning = {name: COLUMNS[name] for name in heads} | dict.fromkeys(generations, COLUMNS["median"])
    return Table("table5", TITLE, CAPTION, frame, meaning, {**heads, **cells})


def _row(
    axis: Axes,
    y: float,
    head: str,
    cells: Sequence[str],
    *,
    weight: str = "normal",
    fontsize: float | None = None,
    color: str = "black",
) -> None:
    """Draw a line of the table: its head at the left, its cells aligned to the right."""
    axis.text(0.0, y, head, va="center", fontweight=weight, fontsize=fontsize, color=color)
    for place, cell in enumerate(reversed(cells)):
        x = 1.0 - place * _CELL
        axis.text(x, y, cell, ha="right", va="center", fontweight=weight, fontsize=fontsize, color=color)


def _range(cell: Mapping[Any, Any]) -> str:  # Any: a row of a data frame mixes numbers and texts
    """Return the first to third quartiles as text; "" for single runs."""
    return f"{cell['q1']:.2f}\N{EN DASH}{cell['q3']:.2f}" if cell["runs"] > cell["instances"] else ""


TITLE = "Warm start"
CAPTION = (
    "MAGMA started from random mappings (cold) and from the best mapping found for another group of the same task "
    "(warm), transferred job by job to the most similar jobs. Numbers are throughputs relative to the final median of "
    "the cold start: 1 equals a cold start with the whole budget; higher is better. Numbers are medians over seeds, "
    "with quartiles beside or below; with several instances of a task, both are geometric means over them. A "
    "generation is 100 evaluations; generation 0 is only the first mapping, either transferred or random."
)

TABLE5 = Drawing("table5", numbers, draw, COLUMNS, TITLE, CAPTION, table=as_table)
