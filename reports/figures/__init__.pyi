from .drawing import Drawing, DrawnFigure, draw_files, make_figure
from .style import paper_style
from .table import FIGURES

__all__ = ["FIGURES", "Drawing", "DrawnFigure", "draw_files", "make_figure", "paper_style"]
