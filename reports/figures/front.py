"""The front of two objectives that a run has found: time against energy, a point for each mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from problems import Problem
from reports.figures.drawing import write_figure
from reports.figures.lettering import safe
from reports.figures.style import COLUMN, new_figure
from reports.storage.mapping_file import StoredMapping
from reports.wording.units import CYCLES_PER_MS, NJ_PER_MJ

STEM = "front"
"""Base name of the files."""

COLUMNS = {
    "point": "number of the point, from 1, by rising time; its mapping is in points/",
    "time_ms": "makespan in milliseconds, with cycles of 1 ns",
    "energy_mj": "energy of all jobs, mJ",
    "edp_mj_ms": "their product",
}

_CHOSEN = {"time_ms": "fastest", "energy_mj": "least energy", "edp_mj_ms": "least energy x delay"}


def write_front(found: StoredMapping, folder: Path) -> list[Path]:
    """Draw the front into ``folder``, as PNG, PDF and SVG, with the numbers as CSV; return the paths.

    Raises:
        StorageError: If the folder cannot be written.
    """
    return write_figure(lambda numbers: draw_front(numbers, found.problem), front_numbers(found), folder, STEM)


def front_numbers(found: StoredMapping) -> pd.DataFrame:
    """Return a row for each point, with columns as in ``COLUMNS``."""
    time, energy = (found.values / (CYCLES_PER_MS, NJ_PER_MJ)).T
    columns = (np.arange(1, len(time) + 1), time, energy, time * energy)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def draw_front(numbers: pd.DataFrame, problem: Problem) -> Figure:
    """Draw the front as steps, beside what no mapping can beat; the points that a design may want are named."""
    figure = new_figure(COLUMN, 2.9)
    axis = figure.add_subplot()
    dashed: dict[str, Any] = {"color": "#8a8a8a", "linestyle": "--", "linewidth": 0.9}  # Any: of Matplotlib's types
    axis.axvline(problem.certificate().makespan / CYCLES_PER_MS, label="certified bounds", **dashed)
    axis.axhline(problem.ideal_point()[1] / NJ_PER_MJ, **dashed)
    axis.step(numbers["time_ms"], numbers["energy_mj"], where="post", color="#0072B2", linewidth=0.9)
    axis.plot(numbers["time_ms"], numbers["energy_mj"], "o", color="#0072B2", markersize=3, label="mappings found")
    _name_points(axis, numbers)
    axis.margins(0.08, 0.12)
    axis.set(xlabel="time, ms", ylabel="energy, mJ")
    axis.grid()
    axis.legend(loc="upper right")
    axis.set_title(f"{safe(problem.id, 60)}\n{len(numbers)} mappings, none better in both", loc="left", fontsize=7)
    return figure


def _name_points(axis: Axes, numbers: pd.DataFrame) -> None:
    """Mark the points that are best in something; one that is best in several has all their names."""
    names: dict[int, list[str]] = {}
    for column, text in _CHOSEN.items():
        names.setdefault(int(numbers[column].idxmin()), []).append(text)
    for (row, texts), colour in zip(names.items(), ("#D55E00", "#009E73", "#882255"), strict=False):
        x, y = numbers.loc[row, ["time_ms", "energy_mj"]]
        label = f"{numbers.loc[row, 'point']}: {', '.join(texts)}"
        axis.plot([x], [y], "o", color=colour, markersize=6, label=label)
