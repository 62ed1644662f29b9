"""What good mappings look like: the best value that a run has found of every kind of mapping.

A kind is a cell of a grid over two measures, the balance of the cores and the energy, as in the archive of MAP-Elites
(Mouret & Clune 2015). It is drawn from a run's full trace, whatever the optimizer was.
"""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from problems import Problem
from problems.doors.measures import Measures, cells_of
from problems.foundation.checks import check_integer
from problems.foundation.errors import StorageError
from problems.space import jobs_of
from reports.figures.drawing import write_figure
from reports.figures.lettering import safe
from reports.figures.ratios import COLOURS, ratio_scale, set_ratio_ticks
from reports.figures.style import COLUMN, new_figure
from reports.storage.mapping_file import StoredMapping

CELLS = 20
"""Cells along each measure, unless the run has a number of its own."""

MOST = 2.0
"""The colours end at this multiple of the run's best value, so that good cells can be told apart."""

STEM = "elites"
"""Base name of the files."""

COLUMNS = {
    "problem": "problem id",
    "optimizer": "label of the run",
    "seed": "seed of the run",
    "cells": "cells along each measure",
    "balance": "lower edge of the cell: mean over largest no-stall load of the cores, 1 if all have the same",
    "second": "second measure: energy or, where that is not known, the no-stall latency of all jobs",
    "share": "lower edge of the cell: second measure, 0 for the least that the jobs can take, 1 for the most",
    "mappings": "evaluations in the cell",
    "evaluation": "number of the first evaluation with the cell's best value, from 1",
    "value": "best value in the cell, in the unit of the objective",
    "over": "what the values are compared with: best known, lower bound, or best of the run",
    "ratio": "best value in the cell over that",
}

SECOND = {
    "energy": "energy, from the least to the most\nthat the jobs can take",
    "latency": "no-stall latency of all jobs, from\nthe least to the most they can take",
}
"""Axis label of each second measure."""


def write_elites(found: StoredMapping, folder: Path, cells: int | None = None) -> list[Path]:
    """Draw the best value of every kind of mapping into ``folder``, as PNG, PDF and SVG, with the numbers as CSV.

    Args:
        found: A run that stores every mapping, and its problem.
        folder: Output folder; created if missing.
        cells: Cells along each measure; None for the run's own, if it has any, or 20.

    Returns:
        Paths of the files.

    Raises:
        InvalidInput: If ``cells`` is below 1.
        StorageError: If the run stores no mappings, none can run, or it has several objectives, or the folder cannot
            be written.
    """
    return write_figure(draw_elites, elite_numbers(found, cells), folder, STEM)


def elite_numbers(found: StoredMapping, cells: int | None = None) -> pd.DataFrame:
    """Return a row for each cell with a mapping that can run, with columns as in ``COLUMNS``.

    Raises:
        InvalidInput, StorageError: As ``write_elites``.
    """
    run, problem = found.run, found.problem
    own = run.spec.parameters.get("cells", CELLS)
    number = check_integer("cells", own if cells is None else cells, 1)
    jobs, trace = jobs_of(problem), run.full_trace()
    assert jobs is not None, "problems have a job table"
    _check(found, trace)
    measures = Measures(jobs)
    places = cells_of(measures.of(trace["cores"].astype(np.int64)), number)
    table = pd.DataFrame(places, columns=["balance", "share"])
    table = table.assign(value=trace["values"], evaluation=np.arange(1, len(table) + 1))
    groups = table[np.isfinite(table["value"])].sort_values(["value", "evaluation"]).groupby(["balance", "share"])
    best = groups.first().assign(mappings=groups.size()).reset_index()
    over, level = _level(problem, float(best["value"].min()))
    best = best.assign(
        problem=problem.id,
        optimizer=run.label,
        seed=run.spec.seed,
        cells=number,
        second=measures.second,
        over=over,
        ratio=best["value"] / level,
        balance=(best["balance"] / number).round(6),
        share=(best["share"] / number).round(6),
    )
    return best[list(COLUMNS)]


def _check(found: StoredMapping, trace: Container[str]) -> None:
    run = found.run
    if "cores" not in trace:
        needs = 'the campaign needs full_trace = "mappings"'
        raise StorageError(f"{run.place} holds only the best of its mappings: {needs}")
    if found.problem.num_objectives > 1:
        raise StorageError(f"{run.place} has two objectives: no mapping is the best of its kind")
    if not len(found.values):
        raise StorageError(f"{run.place} has no mapping that can run")


def _level(problem: Problem, best: float) -> tuple[str, float]:
    """Return what values are compared with, and its value: the best known, or else the certified bound."""
    known = problem.best_known()
    levels = {"best known": 0.0 if known is None else known.value, "lower bound": problem.lower_bound()}
    return next(((name, value) for name, value in levels.items() if value > 0.0), ("best of the run", best or 1.0))


def draw_elites(numbers: pd.DataFrame) -> Figure:
    """Draw the grid, a square for each cell with a mapping; dark is good, and a cross marks the best."""
    first = numbers.iloc[0]
    figure = new_figure(COLUMN, 3.2)
    axis = figure.add_subplot()
    least = max(float(numbers["ratio"].min()), float(np.finfo(np.float64).tiny))
    norm = ratio_scale(numbers["ratio"].clip(least, MOST * least))
    width = 1.0 / first["cells"]
    x, y = (np.append(np.arange(first["cells"]), first["cells"]) * width for _ in range(2))
    drawn = axis.pcolormesh(x, y, _grid(numbers), cmap=COLOURS, norm=norm, rasterized=True)
    best = numbers.loc[numbers["ratio"].idxmin()]
    axis.plot(best["balance"] + width / 2, best["share"] + width / 2, marker="+", color="white", markersize=7)
    _set_axes(axis, numbers, width)
    bar = figure.colorbar(drawn, ax=axis, label=f"best value in the cell / {first['over']}", extend="max", pad=0.02)
    set_ratio_ticks(bar.ax, norm)
    found = f"{len(numbers)} of {first['cells'] ** 2} kinds found in {numbers['mappings'].sum():,} mappings"
    run = f"{safe(first['optimizer'], 40)}, seed {first['seed']}"
    axis.set_title(f"{safe(first['problem'], 50)}\n{run}\n{found}", loc="left", fontsize=7)
    return figure


def _grid(numbers: pd.DataFrame) -> np.ma.MaskedArray[tuple[int, int], np.dtype[np.float64]]:
    """Return the ratios by share and balance, masked where there is no mapping."""
    cells = int(numbers["cells"].iloc[0])
    grid = np.full((cells, cells), np.nan)
    rows, columns = ((numbers[name] * cells).round().astype(int) for name in ("share", "balance"))
    grid[rows, columns] = numbers["ratio"]
    return np.ma.masked_invalid(grid)


def _set_axes(axis: Axes, numbers: pd.DataFrame, width: float) -> None:
    """Show the cells that have a mapping, and one more on each side."""
    for name, limits in (("balance", axis.set_xlim), ("share", axis.set_ylim)):
        low, high = float(numbers[name].min()) - width, float(numbers[name].max()) + 2.0 * width
        limits(max(low, 0.0), min(high, 1.0))
    axis.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axis.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axis.set_facecolor("#f2f2f2")
    axis.set(xlabel="balance of the cores: mean / largest no-stall load", ylabel=SECOND[numbers["second"].iloc[0]])
