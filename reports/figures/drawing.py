"""What a figure is: the numbers behind it, and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from matplotlib.figure import Figure

from reports.figures.style import Looks, empty_figure, looks, paper_style
from reports.latex import to_latex
from reports.summary import Tables
from reports.table import Table, to_csv

FORMATS = ("png", "pdf", "svg")


@dataclass(frozen=True)
class Drawing:
    """A kind of figure.

    Attributes:
        name: Of its files.
        numbers: From tables to the tidy table that it shows. If that is empty, ``attrs["why"]`` may say why.
        draw: From such a table, with rows, and the optimizers' looks to the figure.
        columns: What each column of the numbers is.
        title: Above it.
        caption: What it shows and how to read it; below it.
        table: From the numbers to a table for papers, of a figure that is one.
    """

    name: str
    numbers: Callable[[Tables], pd.DataFrame]
    draw: Callable[[pd.DataFrame, Looks], Figure]
    columns: Mapping[str, str]
    title: str
    caption: str
    table: Callable[[pd.DataFrame], Table] | None = None


def make_figure(drawing: Drawing, tables: Tables) -> tuple[Figure, pd.DataFrame]:
    """The figure, drawn in the style of all figures, and its numbers; save it within ``paper_style`` too."""
    numbers = drawing.numbers(tables)
    assert list(numbers.columns) == list(drawing.columns), "every column has its meaning"
    with paper_style():
        if numbers.empty:
            why = numbers.attrs.get("why", "no run has found a valid mapping yet")
            return empty_figure(f"{drawing.title}: {why}"), numbers
        return drawing.draw(numbers, looks(tables)), numbers


def draw_files(drawing: Drawing, tables: Tables) -> dict[str, bytes]:
    """The figure in each of ``FORMATS``, its numbers as ``csv``, and of one that is a table that as ``tex``."""
    figure, numbers = make_figure(drawing, tables)
    pictures = {"csv": to_csv(numbers)}
    if drawing.table:
        pictures["tex"] = to_latex(drawing.table(numbers)).encode()
    with paper_style():
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # once is enough for all formats
        for suffix in FORMATS:
            buffer = BytesIO()
            figure.savefig(buffer, format=suffix)
            pictures[suffix] = buffer.getvalue()
    return pictures
