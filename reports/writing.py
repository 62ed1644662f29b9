"""Write a report: page, figures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import pandas as pd

from problems.foundation.files import make_folder, not_linked, write_bytes
from reports.figures import FIGURES, Drawing, DrawnFigure, draw_files
from reports.frames.runs import RUN_COLUMNS, TRAJECTORY_COLUMNS
from reports.frames.summary import GAPS, LEVEL, Tables, make_tables
from reports.page.report_page import render_html
from reports.published import published
from reports.storage.replay import CheckedCampaign
from reports.wording.latex import to_latex
from reports.wording.table import Table, to_csv

IMPROVEMENTS = {
    name: TRAJECTORY_COLUMNS[name]
    for name in ("case", "optimizer", "seed", "evaluation", "seconds", "cpu_seconds", "best_value")
}
"""Columns of ``tables/trajectories.csv``, a row an improvement; times are rounded to microseconds."""


def write_report(
    campaign: CheckedCampaign,
    folder: str | PathLike[str],
    *,
    targets: str = "bound",
    gaps: Sequence[float] = GAPS,
    level: float = LEVEL,
) -> Path:
    """Write ``report.html``, ``figures/*`` (PNG, PDF, numbers as CSV) and ``tables/*`` (CSV, LaTeX) into ``folder``.

    Each file is written whole or not at all. The page comes last and embeds all figures.

    Args:
        campaign: Campaign to report on.
        folder: Output folder; created if missing.
        targets: Reference of the targets, a key of ``reports.frames.summary.TARGETS``.
        gaps: The targets, as gaps to the reference: 0.1 for 10 %.
        level: Level of confidence intervals; tests are significant below 1 - ``level``.

    Returns:
        Path of the page.

    Raises:
        InvalidInput: If ``gaps`` or ``level`` does not fit.
        StorageError: If the folder cannot be written.
    """
    folder = Path(folder)
    tables = make_tables(campaign, targets=targets, gaps=gaps, level=level)
    for part in ("figures", "tables"):
        make_folder(not_linked(folder / part))
    shown = published(tables)
    _write_tables(tables, shown, folder / "tables")
    figures = _write_figures(tables, folder / "figures")
    page = folder / "report.html"
    write_bytes(page, render_html(tables, shown, figures).encode())
    return page


def _write_figures(tables: Tables, folder: Path) -> list[tuple[Drawing, DrawnFigure]]:
    """Write the files of every figure; return the figures for the page."""
    figures = []
    for drawing in FIGURES:
        figure = draw_files(drawing, tables)
        for suffix in ("png", "pdf", "csv"):
            write_bytes(folder / f"{drawing.name}.{suffix}", figure.files[suffix])
        figures.append((drawing.worded(tables), figure))
    return figures


def write_table(table: Table, folder: Path) -> list[Path]:
    """Write a table into ``folder`` as CSV (all columns) and LaTeX (the shown columns).

    Returns:
        Paths of the two files.

    Raises:
        StorageError: If the folder cannot be written.
    """
    make_folder(folder)
    paths = [folder / f"{table.name}.csv", folder / f"{table.name}.tex"]
    write_bytes(paths[0], to_csv(table.frame))
    write_bytes(paths[1], to_latex(table).encode())
    return paths


def _write_tables(tables: Tables, shown: Sequence[Table], folder: Path) -> None:
    """Write all runs, all improvements, the published tables, and what each column of tables and figures means."""
    write_bytes(folder / "runs.csv", to_csv(tables.runs))
    improvements = tables.trajectories[list(IMPROVEMENTS)].round({"seconds": 6, "cpu_seconds": 6})
    write_bytes(folder / "trajectories.csv", to_csv(improvements))
    for table in shown:
        write_table(table, folder)
    documented = {"runs": RUN_COLUMNS, "trajectories": IMPROVEMENTS, **{table.name: table.meaning for table in shown}}
    documented |= {f"figures/{drawing.name}": drawing.worded(tables).columns for drawing in FIGURES}
    columns = [(table, column, text) for table, known in documented.items() for column, text in known.items()]
    meaning = pd.DataFrame(columns, columns=["table", "column", "meaning"])
    write_bytes(folder / "columns.csv", to_csv(meaning))
