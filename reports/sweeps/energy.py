"""Energy against bandwidth, of the same mappings."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures.style import Looks
from reports.sweeps.figure import SweepFigure, View, draw_line, line_figure, set_log, with_values
from reports.sweeps.frame import CHOICE


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose energy is known."""
    return with_values(frame, "energy_mj")


def draw(frame: pd.DataFrame) -> Figure:
    """Draw a line a design."""
    low, high = float(frame["energy_mj"].min()), float(frame["energy_mj"].max())

    def panel(axis: Axes, part: pd.DataFrame, looks: Looks) -> None:
        for design, own in part.groupby("design", sort=False):
            own = own.sort_values("bandwidth_gbps")
            draw_line(axis, own["bandwidth_gbps"], own["energy_mj"], looks[str(design)])
        set_log(axis, "y", low, high)

    return line_figure(frame, [View("energy of the best mapping, mJ", panel)])


ENERGY = SweepFigure(
    "energy",
    numbers,
    draw,
    "Energy over bandwidth",
    f"Energy of the best mapping found, over the shared bandwidth: {CHOICE}; both axes are logarithmic. Unless energy "
    "was the objective, it was not searched for: it changes where the fastest mapping moves jobs to other cores. "
    "Designs of which energies are unknown are left out.",
    "the cost model knows no energy of some job",
)
