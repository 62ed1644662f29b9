"""Heads and rows of tables, prepared for the page's template."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.wording.table import Column, Table

LONG = 24
"""Longest text in characters that is kept on one line."""


@dataclass(frozen=True)
class Head:
    """The head of a column.

    Attributes:
        text: Heading.
        hint: Tooltip.
        kind: ``number``, ``case``, ``long`` or ``text``.
    """

    text: str
    hint: str
    kind: str


@dataclass(frozen=True)
class Cell:
    """A value in a table.

    Attributes:
        text: Text shown.
        value: Number in full precision, for sorting; "" if missing or not a number.
        full: Full text if ``text`` is shortened, else "".
    """

    text: str
    value: str
    full: str


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        cells: Cells, one per column.
        best: Whether the row is marked as best.
        keys: Filter keys: ``case``, ``optimizer`` and, for pairs, ``other``, as far as the table has them.
        begins: Whether the row starts a new case.
    """

    cells: tuple[Cell, ...]
    best: bool
    keys: Mapping[str, str]
    begins: bool


def heads_of(table: Table) -> list[Head]:
    """Heads of the shown columns."""
    texts = table.texts()
    return [Head(c.head, c.hint or table.meaning[key], _kind(key, c, texts[key])) for key, c in table.view.items()]


def _kind(key: str, column: Column, texts: Sequence[str]) -> str:
    if column.number:
        return "number"
    if key == "case":
        return "case"
    return "long" if any(len(text) > LONG for text in texts) else "text"


def rows_of(table: Table) -> list[Row]:
    """Rows of the table, shown columns only."""
    frame, marks = table.frame, table.marks or (False,) * len(table.frame)
    columns = [
        [_cell(table.view[key], value, text) for value, text in zip(frame[key], texts, strict=True)]
        for key, texts in table.texts().items()
    ]
    names = {key: [str(name) for name in frame[key]] for key in ("case", "optimizer", "other") if key in frame}
    cases = names.get("case", [""] * len(frame))
    return [
        Row(
            cells=tuple(column[place] for column in columns),
            best=bool(marks[place]),
            keys={key: values[place] for key, values in names.items()},
            begins=place > 0 and cases[place] != cases[place - 1],
        )
        for place in range(len(frame))
    ]


def _cell(column: Column, value: object, text: str) -> Cell:
    full = value if isinstance(value, str) and not column.number and value != text else ""
    return Cell(text, _digits(value) if column.number else "", full)


def _digits(value: object) -> str:
    """A number as JavaScript reads it; "" if it is NaN or not a number."""
    if not isinstance(value, (int, float)) or math.isnan(value):
        return ""
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(float(value))


def breakable(name: str) -> Markup:
    """A problem's name with a line-break opportunity after each slash."""
    return Markup("/<wbr>").join(name.split("/"))
