r"""Tables for papers: LaTeX with booktabs, ready to paste (``\usepackage{booktabs}``)."""

from __future__ import annotations

import re

import pandas as pd  # type: ignore[import-untyped,unused-ignore]

from reports.table import Table

_ESCAPES = {
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "\N{INFINITY}": r"$\infty$",
    "\N{EN DASH}": "--",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{PLUS-MINUS SIGN}": r"$\pm$",
    "\N{MICRO SIGN}": r"\textmu{}",
}


WIDE = 5
"""Tables of more columns span both columns of a page."""

LONG = 50
"""Tables of more rows are cut into parts, as none can go on over pages in two columns."""


def to_latex(table: Table) -> str:
    """The shown columns as table environments; marked rows are bold, the note is the caption.

    Texts are ASCII, so that any engine takes them; letters that are not are written as ``?``.
    """
    shown = table.shown().map(escape)
    shown.columns = pd.Index([escape(head) for head in shown.columns])
    if any(table.marks):
        shown[list(table.marks)] = shown[list(table.marks)].map(lambda text: rf"\textbf{{{text}}}")
    starts = range(0, max(1, len(shown)), LONG)
    parts = [_part(table, shown[start : start + LONG], start // LONG, len(starts)) for start in starts]
    return "% needs \\usepackage{booktabs}\n" + "\n".join(parts)


def _part(table: Table, rows: pd.DataFrame, number: int, parts: int) -> str:
    caption = f"{table.title}. {table.note}" if number == 0 else table.title
    text = rows.to_latex(
        index=False,
        escape=False,
        caption=escape(caption + f" (part {number + 1} of {parts})" * (parts > 1)),
        label=f"tab:{table.name}{f'-{number + 1}' * (number > 0)}",
        column_format="".join("r" if column.number else "l" for column in table.view.values()),
    ).replace("\\begin{table}\n", "\\begin{table}\n\\centering\n")
    return str(text.replace("{table}", "{table*}") if len(table.view) > WIDE else text)


def escape(text: str) -> str:
    """``text`` as LaTeX prints it to the letter."""
    known = "".join(_ESCAPES.get(c, c if c.isprintable() or c == " " else " ") for c in str(text))
    return re.sub(r"[^\x00-\x7f]", "?", known)
