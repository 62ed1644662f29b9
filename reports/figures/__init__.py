"""The figures: one file each, and one line here."""

from __future__ import annotations

from reports.figures.convergence import CONVERGENCE_COLUMNS, MANY, convergence_numbers, draw_convergence
from reports.figures.drawing import Drawing, draw_files, make_figure
from reports.figures.ecdf import ECDF
from reports.figures.profiles import PROFILES
from reports.figures.ranks import RANKS
from reports.figures.style import paper_style
from reports.figures.throughput import THROUGHPUT_COLUMNS, draw_throughput, throughput_numbers
from reports.figures.time import TIME_COLUMNS, draw_time, time_numbers
from reports.figures.winrates import WINRATES

FIGURES = (
    Drawing(
        "throughput",
        throughput_numbers,
        draw_throughput,
        THROUGHPUT_COLUMNS,
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
        convergence_numbers,
        draw_convergence,
        CONVERGENCE_COLUMNS,
        "Convergence",
        "Best value so far over evaluations, as its gap to the certified lower bound, or with two objectives the "
        "hypervolume shortfall of the front so far; lower is better, both axes are logarithmic. Lines are medians over "
        f"seeds, bands reach from the first to the third quartile (with more than {MANY} optimizers for MAGMA alone); "
        "a line starts where half of the runs have a valid mapping. Gaps and shortfalls below 0.01 % are drawn at "
        "0.01 %.",
    ),
    Drawing(
        "time",
        time_numbers,
        draw_time,
        TIME_COLUMNS,
        "Time",
        "Left: seconds per 1,000 evaluations, median over runs; the axis is logarithmic, so that fast and slow "
        "optimizers can be read together. Right: where this time goes, in percent, on a linear axis. Optimizers that "
        "own their loop have no ask and tell: theirs is in other.",
    ),
    ECDF,
    PROFILES,
    RANKS,
    WINRATES,
)


__all__ = ["FIGURES", "Drawing", "draw_files", "make_figure", "paper_style"]
