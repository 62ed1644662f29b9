"""Published tables: their numbers, what these mean and assume, and how they are formatted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any  # for Column.show alone

import pandas as pd

from reports.wording.names import distinct
from reports.wording.numbers import LABEL, label

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

_FORMULA = re.compile(r"(\A|[;\t\n])(?=\s{0,9}[=+\-@\0\uff1d\uff0b\uff0d\uff20])|\A(?=[\t\n])")
"""Places where a spreadsheet would start to execute text: its start, and after what may pass for the end of a cell."""


@dataclass(frozen=True)
class Column:
    """How a column is shown on pages and in papers.

    Attributes:
        head: Heading, with the unit.
        show: Function from a value of the frame to its text; for optimizers, ``reports.wording.numbers.label``.
        number: Whether the column is aligned and sorted as numbers, else as text.
        hint: Tooltip of the heading; if "", the column's meaning.
    """

    head: str
    show: Callable[[Any], str] = str  # Any: each function takes the type of its own column, text or number
    number: bool = True
    hint: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """A published table.

    Attributes:
        name: Base name of the table's files.
        title: Title, shown above the table.
        note: How to read the table, what it assumes, and its sources.
        frame: All numbers, one row per observation; CSV files contain all columns.
        meaning: Meaning of each column of ``frame``.
        view: Columns that pages and papers show, in order, by column of ``frame``.
        marks: Whether each row is marked as best; empty if none is.
        warnings: Sentences on what makes the numbers unreliable, such as too few seeds.
    """

    name: str
    title: str
    note: str
    frame: pd.DataFrame
    meaning: Mapping[str, str]
    view: Mapping[str, Column]
    marks: tuple[bool, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert list(self.frame.columns) == list(self.meaning), "every column needs a meaning"
        assert set(self.view) <= set(self.meaning), "only columns of the frame can be shown"
        assert len(self.marks) in (0, len(self.frame)), "marks are given for all rows or none"

    def shown(self) -> pd.DataFrame:
        """The shown columns as text, under their headings."""
        texts = {self.view[key].head: own for key, own in self.texts().items()}
        return pd.DataFrame(texts, index=self.frame.index, dtype=object)

    def texts(self) -> dict[str, list[str]]:
        """The shown columns as text, by column of ``frame``; labels are shortened together and stay distinct."""
        labels = [str(name) for key, c in self.view.items() if c.show is label for name in self.frame[key]]
        short = distinct(labels, LABEL)
        return {
            key: [short[str(value)] if c.show is label else c.show(value) for value in self.frame[key]]
            for key, c in self.view.items()
        }


def to_csv(frame: pd.DataFrame) -> bytes:
    """The frame as CSV; an apostrophe keeps spreadsheets from executing text, numbers stay as they are."""
    harmless = frame.copy()
    for name in frame.select_dtypes(exclude=["number", "bool"]):
        harmless[name] = pd.Series(map(_harmless, frame[name]), index=frame.index, dtype=object)
    text: str = harmless.to_csv(index=False)
    return text.encode(errors="replace")


def _harmless(cell: object) -> object:
    """Text that no spreadsheet executes; carriage returns, which may pass for the end of a row, become line feeds."""
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    return _FORMULA.sub(r"\1'", cell.replace("\r\n", "\n").replace("\r", "\n"))
