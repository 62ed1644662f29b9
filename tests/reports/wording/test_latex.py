from __future__ import annotations

import re
import shutil
import subprocess

import pandas as pd
import pytest

from reports.frames.summary import make_tables
from reports.published import published
from reports.wording.latex import LONG, escape, to_latex
from reports.wording.numbers import label
from reports.wording.table import Column, Table


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
        ("a\n\x07\ud800", r"a \textbackslash{}x07\textbackslash{}ud800"),
        ("[x] *", "{[}x] {*}"),
        ("a--b ?` ''", r"a-\/-b ?\/` '\/'"),
        ("\u010de\u0161tina stra\u00dfe e\u0301", "\u010de\u0161tina stra\u00dfe \u00e9"),
        ("\u03b1\u03b2", "\\othertext{945}{\u03b1\u03b2}{$\\alpha$ $\\beta$}"),
        ("\u4e2d\u6587", "\\othertext{20013}{\u4e2d\u6587}{U+4E2D U+6587}"),
    ],
)
def test_texts_are_printed_to_the_letter(text, printed):
    assert escape(text) == printed


def test_every_published_table_becomes_latex(any_tables):
    for own in published(any_tables):
        text = to_latex(own)
        assert text.count(r"\toprule") == text.count(r"\bottomrule") >= 1
        body = [line for line in text.splitlines() if line.endswith(r"\\") and "multicolumn" not in line]
        assert {len(re.findall(r"(?<!\\)&", line)) for line in body} == {len(own.view) - 1}


def test_the_head_tells_what_letters_need():
    def head(name):
        frame = pd.DataFrame({"optimizer": [name]})
        view = {"optimizer": Column("Optimizer", number=False)}
        return to_latex(Table("t", "T", "N", frame, {"optimizer": ""}, view)).partition("\\begin{table}")[0]

    assert "fontenc" not in head("magma")
    assert "\\usepackage[T1]{fontenc}" in head("\u010d")
    assert "\\othertext" not in head("\u010d")
    assert "\\providecommand{\\othertext}[3]" in head("\u4e2d")


def test_labels_that_are_alike_when_shortened_stay_distinct():
    labels = [f"{'long ' * 8}{number}{' name' * 8}" for number in range(3)]
    frame = pd.DataFrame({"optimizer": labels, "other": labels[::-1]})
    view = {key: Column(key, label, number=False) for key in frame}
    rows = [
        line.split(" & ") for line in to_latex(Table("t", "T", "N", frame, dict.fromkeys(frame, ""), view)).split("\n")
    ]
    shown = [row for row in rows if len(row) == 2][1:]
    assert len({own for own, _ in shown}) == 3
    assert [own for own, _ in shown] == [other.removesuffix(r" \\") for _, other in shown[::-1]]


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex", "lualatex"])
def test_engines_take_any_label(engine, hostile_labels, make_run, make_campaign, tmp_path):
    if shutil.which(engine) is None or subprocess.run(["kpsewhich", "booktabs.sty"], capture_output=True).returncode:
        pytest.skip(f"no {engine} with booktabs here")
    letters = (
        "\u010de\u0161tina \u0142\u0105 \u00ab\u00bb",
        "\u03b1\u0391 \u0416 \u4e2d\u6587 x\u0304",
        "-- `` [*]",
        bytes(range(32, 127)).decode(),
    )
    labels = (*hostile_labels, *letters)
    runs = [make_run(name, optimizer="random", parameters={"number": i}) for i, name in enumerate(labels)]
    (tmp_path / "table.tex").write_text(to_latex(published(make_tables(make_campaign(runs)))[1]), encoding="utf-8")
    encoding = "\\usepackage[T1]{fontenc}" if engine == "pdflatex" else ""
    document = (
        rf"\documentclass{{article}}\usepackage{{booktabs}}{encoding}\begin{{document}}\input{{table}}\end{{document}}"
    )
    (tmp_path / "all.tex").write_text(document, encoding="utf-8")
    done = subprocess.run([engine, "-interaction=nonstopmode", "all.tex"], cwd=tmp_path, capture_output=True)
    log = (tmp_path / "all.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log
    assert "Missing character" not in log
