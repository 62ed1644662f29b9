"""Win-rates figure: probability that a run of one optimizer beats a run of another."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn, inches
from reports.figures.style import COLUMN, FULL, Looks, new_figure
from reports.statistics.pairwise import WIN_COLUMNS, win_numbers

NARROW = 9
"""Maximum number of optimizers in a one-column figure."""

NUMBERED = 24
"""Maximum number of optimizers with numbers in the cells."""


def draw_winrates(numbers: pd.DataFrame, look: Looks) -> Figure:
    """Draw a matrix of the rates at which the row's optimizer beats the column's; darker is better."""
    names = list(numbers["optimizer"].unique())
    rates = numbers.pivot(index="optimizer", columns="other", values="win_rate").reindex(index=names, columns=names)
    narrow = len(names) <= NARROW
    texts = list(drawn(names, 20 if narrow else 30).values())
    rows = (0.19 if len(names) <= NUMBERED else 0.107) * len(names)
    heads = max(inches(text, 7.0) for text in texts)
    figure = new_figure(COLUMN if narrow else FULL, rows + max(1.6, heads + 0.5))
    axis = figure.add_subplot()
    edges = np.arange(len(names) + 1) - 0.5
    axis.pcolormesh(edges, edges, rates, cmap="Greys", vmin=-0.15, vmax=1.15, edgecolors="face", linewidth=0.2)
    axis.invert_yaxis()
    axis.set_xticks(range(len(names)), texts, rotation=90)
    axis.set_yticks(range(len(names)), texts)
    axis.tick_params(length=0)
    axis.spines[:].set(visible=True)
    numbered = len(names) <= NUMBERED
    axis.set(
        ylabel="win rate of",
        xlabel="against, in %" if numbered else "against; 0 % as light or dark as the page, 100 % as its text",
    )
    axis.xaxis.set_label_position("top")
    if numbered:
        _write_numbers(axis, rates)
    return figure


def _write_numbers(axis: Axes, rates: pd.DataFrame) -> None:
    """Write the rates in percent into the centres of their cells, white on dark cells."""
    for row, line in enumerate(rates.to_numpy()):
        for column, rate in enumerate(line):
            if rate == rate:
                colour = "white" if rate > 0.54 else "black"
                axis.text(column, row, f"{100.0 * rate:.0f}", ha="center", va="center", fontsize=7, color=colour)


WINRATES = Drawing(
    "winrates",
    win_numbers,
    draw_winrates,
    WIN_COLUMNS,
    "Win rates",
    "Probability in percent that a run of the row's optimizer beats a run of the column's: the share of pairs of runs "
    "on the same problem in which its value is lower, with ties counting half, averaged over problems (A of Vargha & "
    "Delaney 2000). Darker is better (on a dark page lighter), 50 is a draw; with more than "
    f"{NUMBERED} optimizers, numbers are omitted. The best mean rank comes first. A run that failed or found no valid "
    "mapping loses.",
)
