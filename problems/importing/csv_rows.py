"""CSV files from users, row by row with line numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from problems.foundation.errors import InvalidInput
from problems.foundation.files import MOST_TEXT_BYTES, decoded, read_bytes


class Row(NamedTuple):
    """A row: the number of its (last) line, and its cells without surrounding blanks."""

    line: int
    cells: list[str]


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a CSV file that are not blank; at least one.

    Raises:
        InvalidInput: If the file cannot be read, is not UTF-8, has no row, or a quote is not closed.
    """
    content = read_bytes(path, MOST_TEXT_BYTES)
    decoded(path, content)  # checks all of it, for the line of an error; below it is decoded in pieces, to save memory
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
    """Return the ``width`` cells of ``row``; empty cells after them (a trailing comma) are dropped.

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
