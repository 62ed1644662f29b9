"""The figures: one file each, and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from reports.figures.convergence import MANY, draw_convergence
from reports.figures.style import paper_style
from reports.figures.throughput import draw_throughput
from reports.figures.time import draw_time
from reports.statistics import Tables


@dataclass(frozen=True)
class Drawing:
    """A kind of figure.

    Attributes:
        name: Of its files.
        draw: From tables to the figure.
        title: Above it.
        caption: What it shows and how to read it; below it.
    """

    name: str
    draw: Callable[[Tables], Figure]
    title: str
    caption: str


FIGURES = (
    Drawing(
        "throughput",
        draw_throughput,
        "Throughput",
        "Throughput of the best mapping within the budget, relative to MAGMA (to the best optimizer of each problem "
        "if MAGMA has no result there); higher is better. Bars are medians over seeds, whiskers reach from the "
        "first to the third quartile; over several instances of a task, geometric means of these. The last group is "
        "the geometric mean over the tasks of the panel in which all have a value. A cross stands "
        "for runs that found no valid mapping. Problems with other objectives than latency and throughput are left "
        "out.",
    ),
    Drawing(
        "convergence",
        draw_convergence,
        "Convergence",
        "Best value so far over evaluations, as its gap to the certified lower bound, or with two objectives the "
        "hypervolume shortfall of the front so far; lower is better, both axes are logarithmic. Lines are medians over "
        f"seeds, bands reach from the first to the third quartile (with more than {MANY} optimizers for MAGMA alone); "
        "a line starts where half of the runs have a valid mapping. Gaps and shortfalls below 0.01 % are drawn at "
        "0.01 %.",
    ),
    Drawing(
        "time",
        draw_time,
        "Time",
        "Left: seconds per 1,000 evaluations, median over runs; the axis is logarithmic, so that fast and slow "
        "optimizers can be read together. Right: where this time goes, in percent, on a linear axis. Optimizers that "
        "own their loop have no ask and tell: theirs is in other.",
    ),
)


def make_figure(drawing: Drawing, tables: Tables) -> Figure:
    """Draw it in the style of all figures; save it within ``paper_style`` too."""
    with paper_style():
        return drawing.draw(tables)


__all__ = ["FIGURES", "Drawing", "make_figure", "paper_style"]
