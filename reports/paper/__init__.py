"""Figures of the paper (Kao & Krishna 2022) under their numbers there: one module each, listed in ``PAPER``.

All numbers are measured by this suite; none is taken from the paper.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.figures.drawing import Drawing
from reports.paper.fig07 import FIG07
from reports.paper.fig08 import FIG08, FIG08_GAP, FIG09, FIG09_GAP
from reports.paper.fig10 import FIG10
from reports.paper.fig11 import FIG11
from reports.paper.fig12 import FIG12
from reports.paper.fig13 import FIG13, FIG13_GAP
from reports.paper.fig14 import FIG14
from reports.paper.fig15 import FIG15
from reports.paper.fig16 import FIG16
from reports.paper.fig17 import FIG17
from reports.paper.table5 import TABLE5


@dataclass(frozen=True)
class PaperFigure:
    """A figure and the campaign whose results it shows.

    Attributes:
        drawing: Figure, named as in the paper, ``fig07`` to ``table5``.
        campaign: Name of a built-in campaign, or "" if the figure needs no runs.
        gap: The same results as distances from the best, where bars of the paper's form hardly differ; or None.
    """

    drawing: Drawing
    campaign: str
    gap: Drawing | None = None

    @property
    def name(self) -> str:
        """Name of the figure."""
        return self.drawing.name


PAPER: tuple[PaperFigure, ...] = (
    PaperFigure(FIG07, ""),
    PaperFigure(FIG08, "fig08", FIG08_GAP),
    PaperFigure(FIG09, "fig09", FIG09_GAP),
    PaperFigure(FIG10, "fig10"),
    PaperFigure(FIG11, "fig09"),
    PaperFigure(FIG12, "fig12"),
    PaperFigure(FIG13, "fig13", FIG13_GAP),
    PaperFigure(FIG14, "fig14"),
    PaperFigure(FIG15, "fig15"),
    PaperFigure(FIG16, "fig16"),
    PaperFigure(FIG17, "fig17"),
    PaperFigure(TABLE5, "table5"),
)

__all__ = ["PAPER", "PaperFigure"]
