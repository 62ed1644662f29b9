"""Tables as the page's template shows them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.table import Column, Table

LONG = 24
"""Texts with more characters than that may take several lines."""


@dataclass(frozen=True)
class Head:
    """The head of a column.

    Attributes:
        text: Above it.
        hint: What a reader sees who points at it.
        kind: ``number``, ``case``, ``long`` or ``text``.
    """

    text: str
    hint: str
    kind: str


@dataclass(frozen=True)
class Cell:
    """A value in a table.

    Attributes:
        text: Shown.
        value: Numbers with all digits, for sorting; "" if missing.
        full: What the text stands for if that is more.
    """

    text: str
    value: str
    full: str


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        cells: One a column.
        best: Whether it is marked.
        keys: What filters go by: ``case``, ``optimizer`` and in pairs ``other``, as far as the table has them.
        begins: Whether it is of another case than the one before.
    """

    cells: tuple[Cell, ...]
    best: bool
    keys: Mapping[str, str]
    begins: bool


def heads_of(table: Table) -> list[Head]:
    """Of the columns in view."""
    texts = table.texts()
    return [Head(c.head, c.hint or table.meaning[key], _kind(key, c, texts[key])) for key, c in table.view.items()]


def _kind(key: str, column: Column, texts: Sequence[str]) -> str:
    if column.number:
        return "number"
    if key == "case":
        return "case"
    return "long" if any(len(text) > LONG for text in texts) else "text"


def rows_of(table: Table) -> list[Row]:
    """All rows."""
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
    """A number as scripts read it; "" if it is none."""
    if not isinstance(value, (int, float)) or math.isnan(value):
        return ""
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(float(value))


def breakable(name: str) -> Markup:
    """A problem's name that may go on in a new line after each slash."""
    return Markup("/<wbr>").join(name.split("/"))
