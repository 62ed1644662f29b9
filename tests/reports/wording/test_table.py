from __future__ import annotations

import csv
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import write_report
from reports.wording.table import to_csv

EXECUTED = tuple("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")


def cells(content, delimiter=","):
    """The rows of a CSV file, as a spreadsheet would split it."""
    return list(csv.reader(StringIO(content.decode(), newline=""), delimiter=delimiter))


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\r\n=1", "\n=1", "\0=1", "  =1", "\uff1d1", "=", "--x"],
)
def test_no_text_starts_with_what_a_spreadsheet_executes(text):
    (_, (cell, number)) = cells(to_csv(pd.DataFrame({"label": [text], "value": [-1.5]})))
    assert cell.startswith("'")
    assert number == "-1.5"


@pytest.mark.parametrize("text", ["magma", "a-b", "x = 1", "1+1", "", "'", "-1.5", "+3e-7", "-.5", "a; b", "C:\\x"])
def test_other_texts_and_numbers_stay_as_they_are(text):
    assert cells(to_csv(pd.DataFrame({"a": [text], "b": [1]})))[1] == [text, "1"]


@given(st.lists(st.text(st.sampled_from("=+-@\t\r\n;,\"' a1\0"), max_size=8), min_size=1, max_size=4))
def test_whatever_separates_cells_none_of_a_text_is_executed(texts):
    content = to_csv(pd.DataFrame({"a": texts, "b": -1}))
    table = cells(content)
    assert [len(row) for row in table] == [2] * (len(texts) + 1)  # no text ends its cell or row
    for row in table:
        for line in row[0].split("\n"):
            for part in line.replace("\t", ";").split(";"):
                assert not part.lstrip().startswith(EXECUTED) or row[0].lstrip("+-").replace(".", "").isdigit()


def test_columns_of_numbers_are_written_as_before():
    frame = pd.DataFrame(
        {
            "float": [-1.5, np.nan, np.inf],
            "whole": [-1, 2, 3],
            "mixed": pd.Series([-1, None, 2.5], dtype=object),
            "truth": [True, False, True],
            "none": pd.Series([None] * 3, dtype=object),
            "text": ["a", None, "b,c"],
        }
    )
    assert to_csv(frame) == frame.to_csv(index=False).encode()
    assert to_csv(frame[:0]) == frame[:0].to_csv(index=False).encode()


def test_a_text_that_is_no_unicode_is_written_with_replacements():
    assert cells(to_csv(pd.DataFrame({"a": ["x\ud800y"]}, dtype=object)))[1] == ["x?y"]


def test_no_file_of_a_report_holds_a_cell_that_a_spreadsheet_executes(make_run, make_campaign, tmp_path):
    labels = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", "x\r=1", "a;=1"]
    runs = [make_run(label, s, 1.1 + s, optimizer="random") for label in labels for s in range(2)]
    failed = make_run("-3-3", status="failed", message="=1+1\n=2", optimizer="random")
    write_report(make_campaign([*runs, failed]), tmp_path)
    files = [*(tmp_path / "tables").glob("*.csv"), *(tmp_path / "figures").glob("*.csv")]
    texts = [pd.read_csv(path, keep_default_na=False).select_dtypes(exclude="number") for path in files]
    starts = {str(cell)[:1] for frame in texts for cell in frame.to_numpy().ravel() if not _is_number(cell)}
    assert len(files) > 10
    assert "'" in starts
    assert not starts & set(EXECUTED)


def _is_number(cell):
    try:
        return float(cell) == float(cell)
    except ValueError:
        return False
