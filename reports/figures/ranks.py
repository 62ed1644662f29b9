"""Critical-difference diagram: mean ranks, with bars over optimizers that do not differ significantly."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn, inches
from reports.figures.style import COLUMN, FULL, Looks, new_figure
from reports.frames.summary import Tables
from reports.statistics.ranks import RANK_COLUMNS, rank_numbers
from reports.wording.numbers import mean_rank

NARROW = 20
"""Maximum number of optimizers in a one-column figure."""

SIDE = 1.05
"""Maximum width of a name in a one-column figure, in inches."""

ROW = 0.15
"""Distance between labels, and between bars, in inches."""


def testable_ranks(tables: Tables) -> pd.DataFrame:
    """Return the ranks, without those that have no critical difference."""
    numbers = rank_numbers(tables)
    numbers = numbers[numbers["critical_difference"].notna()]
    numbers.attrs["why"] = "needs at least two optimizers with results on at least two common problems"
    return numbers


def draw_ranks(numbers: pd.DataFrame, look: Looks) -> Figure:
    """Draw the optimizers along an axis of mean ranks, best at the left (Demsar 2006, figure 1)."""
    from scikit_posthocs import critical_difference_diagram  # takes seconds to import

    ranks = numbers["mean_rank"]
    difference = float(numbers["critical_difference"].iloc[0])
    names = drawn(numbers["optimizer"], 20)
    narrow = len(numbers) <= NARROW and max(inches(name, 7.0) for name in names.values()) <= SIDE
    names = names if narrow else drawn(numbers["optimizer"], 30)
    figure = new_figure(COLUMN if narrow else FULL, 1.0)
    axis = figure.add_subplot()
    span = max(float(ranks.max() - ranks.min()), difference)
    leads = {place: look[name].leads for place, name in numbers["optimizer"].items()}
    diagram = critical_difference_diagram(
        ranks,
        _p_values(ranks, difference),
        ax=axis,
        label_fmt_left="{label}",
        label_fmt_right="{label}",
        text_h_margin=0.06 * span,
        color_palette={
            place: look[numbers["optimizer"][place]].colour if leads[place] else "#444444" for place in leads
        },
        marker_props={"s": 9},
        elbow_props={"linewidth": 0.7},
        crossbar_props={"linewidth": 2.2, "solid_capstyle": "butt"},
    )
    for text in diagram["labels"]:
        row = numbers.loc[int(text.get_text())]
        _name(text, names[row["optimizer"]], mean_rank(row["mean_rank"]), 0.02 * span)
    _draw_difference(axis, float(ranks.min()), difference)
    axis.spines["top"].set_visible(True)
    axis.set_ylim(bottom=axis.dataLim.y0 - 0.5, top=2.9)
    figure.set_figheight(ROW * (3.4 - axis.dataLim.y0) + 0.1)
    return figure


def _p_values(ranks: pd.Series, difference: float) -> pd.DataFrame:
    """Return the matrix that determines the bars: 0 where ranks differ by at least ``difference``, else 1."""
    values = ranks.to_numpy(dtype=np.float64)
    apart = np.abs(np.subtract.outer(values, values)) >= difference
    return pd.DataFrame(np.where(apart, 0.0, 1.0), index=ranks.index, columns=ranks.index)


def _name(text: Text, name: str, mean: str, gap: float) -> None:
    """Replace a drawn label by name and mean rank, ``gap`` away from its line."""
    left = text.get_horizontalalignment() == "right"
    text.set_text(f"{name}  {mean}" if left else f"{mean}  {name}")
    text.set_x(text.get_position()[0] + (-gap if left else gap))
    text.set(color="black", fontsize=7)


def _draw_difference(axis: Axes, start: float, difference: float) -> None:
    """Draw the critical difference to scale above the axis, and ticks over the range of ranks and difference."""
    low, high = axis.dataLim.x0, max(axis.dataLim.x1, start + difference)
    ticks = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high)
    axis.set_xticks([tick for tick in ticks if low <= tick <= high])
    axis.errorbar(start + difference / 2.0, 1.7, xerr=difference / 2.0, color="black", linewidth=0.9, capsize=2.0)
    text = f"critical difference of mean ranks: {difference:.2f}"
    axis.text(start + difference / 2.0, 2.0, text, ha="center", va="bottom", fontsize=7)


RANKS = Drawing(
    "ranks",
    testable_ranks,
    draw_ranks,
    RANK_COLUMNS,
    "Mean ranks",
    "Critical-difference diagram (Demsar 2006): ranks of the medians over seeds, averaged over problems; best at the "
    "left. Optimizers under a common bar do not differ at the {alpha} level in Nemenyi's test, which treats problems "
    "as independent samples. The critical difference shown above is the smallest significant one. With few problems it "
    "is large, and it grows with the number of optimizers: a bar does not prove that these are equal. The verdicts of "
    "the pairwise comparison use the size of differences too, and may tell apart what a bar joins.",
)
