"""A table as it is published: its numbers, what they mean and assume, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd  # type: ignore[import-untyped,unused-ignore]

from reports.formats import LABEL, label
from reports.names import distinct

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

_FORMULA = re.compile(r"(\A|[;\t\n])(?=\s{0,9}[=+\-@\0\uff1d\uff0b\uff0d\uff20])|\A(?=[\t\n])")
"""Where a spreadsheet would begin to execute a text: at its start, and behind what it may take for the cell's end."""


@dataclass(frozen=True)
class Column:
    """How a column is shown on pages and in papers.

    Attributes:
        head: Above it, with the unit.
        show: From a value of the frame to its text; ``reports.formats.label`` of optimizers.
        number: Whether it is aligned and sorted as a number; else as a text.
        hint: What a reader sees who points at the head; the column's meaning if it is "".
    """

    head: str
    show: Callable[[Any], str] = str
    number: bool = True
    hint: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """A published table.

    Attributes:
        name: Of its files.
        title: Above it.
        note: How to read it, what it assumes, and where it is from.
        frame: All numbers, one row an observation; CSV files hold all columns.
        meaning: What each column of ``frame`` is.
        view: The columns that pages and papers show, in their order; names of columns of ``frame``.
        marks: Which rows are marked as best; none if it is empty.
        warnings: Sentences on what makes the numbers weak, for instance too few seeds.
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
        assert list(self.frame.columns) == list(self.meaning), "every column has its meaning"
        assert set(self.view) <= set(self.meaning), "only columns of the frame are shown"
        assert len(self.marks) in (0, len(self.frame)), "a mark for each row, or none"

    def shown(self) -> pd.DataFrame:
        """The texts of the view, with its heads as columns."""
        texts = {self.view[key].head: own for key, own in self.texts().items()}
        return pd.DataFrame(texts, index=self.frame.index, dtype=object)

    def texts(self) -> dict[str, list[str]]:
        """The texts of the view, by column of ``frame``; labels are shortened together, so that none are alike."""
        labels = [str(name) for key, c in self.view.items() if c.show is label for name in self.frame[key]]
        short = distinct(labels, LABEL)
        return {
            key: [short[str(value)] if c.show is label else c.show(value) for value in self.frame[key]]
            for key, c in self.view.items()
        }


def to_csv(frame: pd.DataFrame) -> bytes:
    """The frame as CSV, in which an apostrophe keeps spreadsheets from executing texts; numbers are as they are."""
    harmless = frame.copy()
    for name in frame.select_dtypes(exclude=["number", "bool"]):
        harmless[name] = pd.Series(map(_harmless, frame[name]), index=frame.index, dtype=object)
    text: str = harmless.to_csv(index=False)
    return text.encode(errors="replace")


def _harmless(cell: object) -> object:
    """A text that no spreadsheet executes; carriage returns, which readers may take for a row's end, are line feeds."""
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    return _FORMULA.sub(r"\1'", cell.replace("\r\n", "\n").replace("\r", "\n"))
