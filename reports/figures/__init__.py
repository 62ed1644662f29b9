"""The figures of a report: one module and one line here for each."""

from __future__ import annotations

from reports.figures.convergence import CONVERGENCE
from reports.figures.drawing import Drawing, DrawnFigure, draw_files, make_figure
from reports.figures.ecdf import ECDF
from reports.figures.profiles import PROFILES
from reports.figures.ranks import RANKS
from reports.figures.style import paper_style
from reports.figures.throughput import THROUGHPUT
from reports.figures.time import TIME
from reports.figures.winrates import WINRATES

FIGURES = (
    THROUGHPUT,
    CONVERGENCE,
    TIME,
    ECDF,
    PROFILES,
    RANKS,
    WINRATES,
)


__all__ = ["FIGURES", "Drawing", "DrawnFigure", "draw_files", "make_figure", "paper_style"]
