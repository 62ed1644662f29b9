"""CSV files from users, row by row with line numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.errors import InvalidInput
from problems.importing.files import MOST_TEXT_BYTES, decoded, read_bytes


class Row(NamedTuple):
    """A row: the number of its (last) line, and its cells without outer blanks."""

    line: int
    cells: list[str]


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a CSV file that are not blank; at least one.

    Raises:
        InvalidInput: If it cannot be read, is no UTF-8, has no row, or a quote is not closed.
    """
    content = read_bytes(path, MOST_TEXT_BYTES)
    decoded(path, content)  # whole, for the line of what cannot be; below piece by piece, which takes less memory
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    reader = csv.reader(text, strict=True, skipinitialspace=True)
    found = False
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                found = True
                yield Row(reader.line_num, stripped)
    except csv.Error as error:
        raise InvalidInput(f"{path}, line {reader.line_num}", expected="CSV", actual=str(error)) from error
    if not found:
        raise InvalidInput(str(path), expected="at least one row", actual="none")


def to_width(path: Path, row: Row, width: int, what: str) -> list[str]:
    """The ``width`` cells of ``row``; empty ones behind them (a comma at the end) are dropped.

    Raises:
        InvalidInput: If there are fewer or more.
    """
    if len(row.cells) == width:
        return row.cells
    cells = row.cells[:width] if not any(row.cells[width:]) else row.cells
    if len(cells) != width:
        actual = f"{len(row.cells)}: {','.join(row.cells)}"
        raise InvalidInput(f"{path}, line {row.line}", expected=f"{width} columns: {what}", actual=actual)
    return cells
