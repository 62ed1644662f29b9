"""Writing a report: the page, the figures and the tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd  # type: ignore[import-untyped,unused-ignore]

from bench.files import make_folder, not_linked, write_bytes
from bench.store import StoredCampaign
from reports.figures import FIGURES, Drawing, draw_files
from reports.html import render_html
from reports.latex import to_latex
from reports.published import published
from reports.replay import replayed
from reports.summary import Tables, make_tables
from reports.table import Table, to_csv
from reports.tables import RUN_COLUMNS


def write_report(campaign: StoredCampaign, folder: Path, *, targets: str = "bound") -> Path:
    """Write ``report.html``, ``figures/*`` (PNG, PDF, numbers as CSV) and ``tables/*`` (CSV, LaTeX) into ``folder``.

    Each file is either whole or not there; the page, which holds all figures itself, comes last.

    Args:
        campaign: What to report on.
        folder: Made if need be.
        targets: What targets of the statistics are gaps to, a key of ``reports.summary.TARGETS``.

    Returns:
        The path of the page.

    Raises:
        StorageError: If the folder cannot be written.
    """
    campaign = replayed(campaign)
    tables = make_tables(campaign, targets=targets)
    for part in ("figures", "tables"):
        make_folder(not_linked(folder / part))
    shown = published(tables)
    _write_tables(tables, shown, folder / "tables")
    figures = _write_figures(tables, folder / "figures")
    page = folder / "report.html"
    write_bytes(page, render_html(campaign, tables, shown, figures).encode())
    return page


def _write_figures(tables: Tables, folder: Path) -> list[tuple[Drawing, bytes]]:
    """Write every figure; each with its SVG, for the page."""
    figures = []
    for drawing in FIGURES:
        pictures = draw_files(drawing, tables)
        for suffix in ("png", "pdf", "csv"):
            write_bytes(folder / f"{drawing.name}.{suffix}", pictures[suffix])
        figures.append((drawing, pictures["svg"]))
    return figures


def write_table(table: Table, folder: Path) -> list[Path]:
    """Write a table into ``folder`` as CSV (all of it) and as LaTeX (what is shown); the paths.

    Raises:
        StorageError: If the folder cannot be written.
    """
    make_folder(folder)
    paths = [folder / f"{table.name}.csv", folder / f"{table.name}.tex"]
    write_bytes(paths[0], to_csv(table.frame))
    write_bytes(paths[1], to_latex(table).encode())
    return paths


def _write_tables(tables: Tables, shown: Sequence[Table], folder: Path) -> None:
    """All runs, the published tables, and what the columns of all of them, and of the figures' numbers, mean."""
    write_bytes(folder / "runs.csv", to_csv(tables.runs))
    for table in shown:
        write_table(table, folder)
    documented = {"runs": RUN_COLUMNS, **{table.name: table.meaning for table in shown}}
    documented |= {f"figures/{drawing.name}": drawing.columns for drawing in FIGURES}
    columns = [(table, column, text) for table, known in documented.items() for column, text in known.items()]
    meaning = pd.DataFrame(columns, columns=["table", "column", "meaning"])
    write_bytes(folder / "columns.csv", to_csv(meaning))
