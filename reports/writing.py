"""Writing a report: the page, the figures and the tables."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pandas as pd  # type: ignore[import-untyped,unused-ignore]

from bench.files import make_folder, write_atomically
from bench.store import StoredCampaign
from reports.figures import FIGURES, Drawing, make_figure, paper_style
from reports.html import render_html
from reports.instances import INSTANCE_COLUMNS
from reports.replay import replayed
from reports.statistics import OVERALL_COLUMNS, SUMMARY_COLUMNS, Tables, make_tables
from reports.tables import RUN_COLUMNS

FORMATS = ("png", "pdf", "svg")


def write_report(campaign: StoredCampaign, folder: Path) -> Path:
    """Write ``report.html``, ``figures/*.png`` and ``*.pdf``, and ``tables/*.csv`` into ``folder``.

    Each file is either whole or not there; the page, which holds all figures itself, comes last.

    Returns:
        The path of the page.

    Raises:
        StorageError: If the folder cannot be written.
    """
    campaign = replayed(campaign)
    tables = make_tables(campaign)
    for part in ("figures", "tables"):
        make_folder(folder / part)
    _write_tables(tables, folder / "tables")
    figures = []
    for drawing in FIGURES:
        pictures = draw_files(drawing, tables)
        for suffix in ("png", "pdf"):
            _write(folder / "figures" / f"{drawing.name}.{suffix}", pictures[suffix])
        figures.append((drawing, pictures["svg"]))
    page = folder / "report.html"
    _write(page, render_html(campaign, tables, figures).encode())
    return page


def draw_files(drawing: Drawing, tables: Tables) -> dict[str, bytes]:
    """The figure in each of ``FORMATS``."""
    figure = make_figure(drawing, tables)
    pictures = {}
    with paper_style():
        for suffix in FORMATS:
            buffer = BytesIO()
            figure.savefig(buffer, format=suffix)
            pictures[suffix] = buffer.getvalue()
    return pictures


def _write_tables(tables: Tables, folder: Path) -> None:
    documented = {
        "runs": RUN_COLUMNS,
        "summary": SUMMARY_COLUMNS,
        "overall": OVERALL_COLUMNS,
        "instances": INSTANCE_COLUMNS,
    }
    for name in documented:
        _write(folder / f"{name}.csv", getattr(tables, name).to_csv(index=False).encode())
    columns = [(table, column, text) for table, known in documented.items() for column, text in known.items()]
    meaning = pd.DataFrame(columns, columns=["table", "column", "meaning"])
    _write(folder / "columns.csv", meaning.to_csv(index=False).encode())


def _write(path: Path, content: bytes) -> None:
    write_atomically(path, lambda file: file.write(content) and None)
