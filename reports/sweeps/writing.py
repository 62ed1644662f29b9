"""Write the numbers and figures of a sweep; what is there already is not written again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from problems.foundation.files import make_folder, not_linked, write_bytes
from reports.figures.drawing import images_of
from reports.figures.style import paper_style
from reports.sweeps.catalogue import FIGURES
from reports.sweeps.figure import SweepFigure
from reports.sweeps.frame import costs_of
from reports.sweeps.tables import designs_table, points_table
from reports.wording.latex import to_latex
from reports.wording.table import to_csv

FORMATS = ("png", "pdf")


def write_sweep(frame: pd.DataFrame, folder: Path) -> list[Path]:
    """Write tables (``sweep.csv``, ``designs.csv``, LaTeX), figures (PNG, PDF) and ``sweep.txt``, what they mean.

    Returns:
        Paths of the files written: none of them if nothing has changed since.

    Raises:
        StorageError: If the folder cannot be written.
    """
    make_folder(folder)
    figures = {figure: rows for figure in FIGURES if len(rows := figure.numbers(frame))}
    texts = dict(_texts(frame, list(figures)))
    pictures = [folder / f"{figure.name}.{suffix}" for figure in figures for suffix in FORMATS]
    changed = [name for name, content in texts.items() if not _holds(folder / name, content)]
    written: list[Path] = []
    if changed or not all(picture.is_file() for picture in pictures):
        for figure, rows in figures.items():
            written += _draw(figure, rows, folder)
    for name in changed:
        write_bytes(not_linked(folder / name), texts[name])
        written.append(folder / name)
    return written


def lacking(frame: pd.DataFrame) -> list[str]:
    """Return a sentence for each figure that there is not."""
    return [f"no figure {figure.name}: {figure.lacking}" for figure in FIGURES if figure.numbers(frame).empty]


def _texts(frame: pd.DataFrame, figures: list[SweepFigure]) -> Iterator[tuple[str, bytes]]:
    tables = (points_table(frame), designs_table(frame))
    parts = [f"{figure.name}: {figure.title}\n\n{figure.caption} {costs_of(frame)}\n\n\n" for figure in figures]
    for table in tables:
        columns = "".join(f"  {name}: {meaning}\n" for name, meaning in table.meaning.items())
        parts.append(f"{table.name}.csv: {table.title}\n\n{table.note}\n\nColumns:\n{columns}\n\n")
        yield f"{table.name}.csv", to_csv(table.frame)
        yield f"{table.name}.tex", to_latex(table).encode()
    yield "sweep.txt", "".join(parts).encode()


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _draw(figure: SweepFigure, rows: pd.DataFrame, folder: Path) -> Iterator[Path]:
    with paper_style():
        images = images_of(figure.draw(rows))
    for suffix in FORMATS:
        path = not_linked(folder / f"{figure.name}.{suffix}")
        write_bytes(path, images[suffix])
        yield path
