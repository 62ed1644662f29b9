from __future__ import annotations

import re

import pandas as pd
import pytest

from reports.latex import LONG, escape, to_latex
from reports.published import published
from reports.summary import make_tables
from reports.table import Column, Table


def table(rows, columns=2, marks=()):
    frame = pd.DataFrame([[f"row {i}", *range(columns - 1)] for i in range(rows)], columns=list("abcdefgh")[:columns])
    view = {name: Column(f"{name} in %", number=name != "a") for name in frame}
    return Table("tab", "Title", "A note.", frame, dict.fromkeys(frame, "meaning"), view, marks=marks)


def test_a_table_is_booktabs_ready_to_paste():
    assert to_latex(table(2, marks=(False, True))).splitlines() == [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        r"\caption{Title. A note.}",
        r"\label{tab:tab}",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"a in \% & b in \% \\",
        r"\midrule",
        r"row 0 & 0 \\",
        r"\textbf{row 1} & \textbf{0} \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


def test_wide_tables_span_both_columns_and_long_ones_come_in_parts():
    assert r"\begin{table*}" in to_latex(table(2, columns=7))
    text = to_latex(table(2 * LONG + 1))
    assert text.count(r"\begin{table}") == text.count(r"\toprule") == 3
    assert re.findall(r"part \d of \d", text) == ["part 1 of 3", "part 2 of 3", "part 3 of 3"]
    assert len(set(re.findall(r"\\label{.*}", text))) == 3
    assert text.count("row ") == 2 * LONG + 1


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a_b & 5 %", r"a\_b \& 5 \%"),
        (r"\x{$^~#", r"\textbackslash{}x\{\$\textasciicircum{}\textasciitilde{}\#"),
        ("\u221e \u2013 <1", r"$\infty$ -- \textless{}1"),
        ("\u4e2d\n\x07", "?  "),
    ],
)
def test_texts_are_printed_to_the_letter(text, printed):
    assert escape(text) == printed


def test_every_published_table_becomes_latex(any_campaign):
    for own in published(make_tables(any_campaign)):
        text = to_latex(own)
        assert text.isascii()
        assert text.count(r"\toprule") == text.count(r"\bottomrule") >= 1
        body = [line for line in text.splitlines() if line.endswith(r"\\") and "multicolumn" not in line]
        assert {len(re.findall(r"(?<!\\)&", line)) for line in body} == {len(own.view) - 1}
