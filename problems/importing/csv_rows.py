"""CSV files from users, row by row with line numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import NamedTuple

from bench.errors import InvalidInput
from problems.importing.files import read_text


class Row(NamedTuple):
    """A row: the number of its (last) line, and its cells without outer blanks."""

    line: int
    cells: list[str]


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV file that are not blank.

    Raises:
        InvalidInput: If it cannot be read, is no UTF-8, has no row, or a quote is not closed.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True, skipinitialspace=True)
    rows = []
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                rows.append(Row(reader.line_num, stripped))
    except csv.Error as error:
        raise InvalidInput(f"{path}, line {reader.line_num}", expected="CSV", actual=str(error)) from error
    if not rows:
        raise InvalidInput(str(path), expected="at least one row", actual="none")
    return rows


def to_width(path: Path, row: Row, width: int, what: str) -> list[str]:
    """The ``width`` cells of ``row``; empty ones behind them (a comma at the end) are dropped.

    Raises:
        InvalidInput: If there are fewer or more.
    """
    cells = row.cells[:width] if not any(row.cells[width:]) else row.cells
    if len(cells) != width:
        actual = f"{len(row.cells)}: {','.join(row.cells)}"
        raise InvalidInput(f"{path}, line {row.line}", expected=f"{width} columns: {what}", actual=actual)
    return cells
