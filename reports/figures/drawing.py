"""Figures: the numbers behind them, how they are drawn, and their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from problems.foundation.files import make_folder, write_bytes
from reports.figures.style import Looks, empty_figure, looks, paper_style
from reports.frames.summary import Tables
from reports.wording.latex import to_latex
from reports.wording.table import Table, to_csv

FORMATS = ("png", "pdf", "svg")
"""Image formats of a figure."""

POINTS = 72.0
"""Points per inch."""


@dataclass(frozen=True)
class Drawing:
    """A kind of figure.

    Attributes:
        name: Base name of the figure's files.
        numbers: Function from tables to the tidy table that the figure shows. If the result is empty,
            ``attrs["why"]`` may give the reason.
        draw: Function from a non-empty tidy table and the looks of the optimizers to the figure.
        columns: Meaning of each column of the numbers.
        title: Title, shown above the figure.
        caption: What the figure shows and how to read it; shown below. As in the meanings of columns, ``Tables.worded``
            fills in ``{level}``, ``{alpha}`` and ``{gaps}``.
        table: Function from the numbers to a table for papers, if the figure is a table.
        variant_of: Name of the figure that shows the same over evaluations, if this one is over CPU seconds; the page
            folds it under that one.
    """

    name: str
    numbers: Callable[[Tables], pd.DataFrame]
    draw: Callable[[pd.DataFrame, Looks], Figure]
    columns: Mapping[str, str]
    title: str
    caption: str
    table: Callable[[pd.DataFrame], Table] | None = None
    variant_of: str = ""

    def worded(self, tables: Tables) -> Drawing:
        """Return the figure with caption and meanings of columns as they are for ``tables``."""
        return replace(self, caption=tables.worded(self.caption), columns=tables.meaning(self.columns))


@dataclass(frozen=True)
class DrawnFigure:
    """A drawn figure.

    Attributes:
        files: Contents by suffix: each of ``FORMATS``, the numbers as ``csv`` and, if the figure is a table, ``tex``.
        width_pt: Width in points.
        height_pt: Height in points.
    """

    files: Mapping[str, bytes]
    width_pt: float
    height_pt: float


def make_figure(drawing: Drawing, tables: Tables) -> tuple[Figure, pd.DataFrame]:
    """Draw a figure in the common style; saving it needs ``paper_style`` as well.

    Returns:
        The figure and its numbers.
    """
    numbers = drawing.numbers(tables)
    assert list(numbers.columns) == list(drawing.columns), "the columns must match the documented ones"
    with paper_style():
        if numbers.empty:
            why = numbers.attrs.get("why", "no run has found a valid mapping yet")
            return empty_figure(f"{drawing.title}: {why}"), numbers
        return drawing.draw(numbers, looks(tables)), numbers


def draw_files(drawing: Drawing, tables: Tables) -> DrawnFigure:
    """Draw a figure and make its files."""
    figure, numbers = make_figure(drawing, tables)
    files = {"csv": to_csv(numbers)}
    if drawing.table:
        files["tex"] = to_latex(drawing.table(numbers)).encode()
    files |= images_of(figure)
    return DrawnFigure(files, POINTS * figure.get_figwidth(), POINTS * figure.get_figheight())


def write_figure(draw: Callable[[pd.DataFrame], Figure], numbers: pd.DataFrame, folder: Path, stem: str) -> list[Path]:
    """Draw a figure that stands alone into ``folder``, in each of ``FORMATS`` and its numbers as CSV; return the paths.

    Raises:
        StorageError: If the folder cannot be written.
    """
    with paper_style():
        figure = draw(numbers)
    make_folder(folder)
    paths = []
    for suffix, content in (images_of(figure) | {"csv": to_csv(numbers)}).items():
        paths.append(folder / f"{stem}.{suffix}")
        write_bytes(paths[-1], content)
    return paths


def images_of(figure: Figure) -> dict[str, bytes]:
    """Save a figure in each of ``FORMATS``; return the contents by suffix."""
    images = {}
    with paper_style():
        figure.draw_without_rendering()
        figure.set_layout_engine(None)  # laid out once, for all formats
        for suffix in FORMATS:
            buffer = BytesIO()
            figure.savefig(buffer, format=suffix)
            images[suffix] = buffer.getvalue()
    return images
