r"""Tables for papers: LaTeX with booktabs (``\usepackage{booktabs}``), ready to paste, in UTF-8.

No engine stops at a character or drops one. Accented Latin letters are written as they are: pdfLaTeX prints them with
``\usepackage[T1]{fontenc}``, XeLaTeX and LuaLaTeX need nothing. Characters that pdfLaTeX lacks (Greek, Cyrillic,
Chinese, symbols) are wrapped in ``\othertext``, which the file defines: XeLaTeX and LuaLaTeX print them if the
document's font has them; otherwise, and with pdfLaTeX, Greek is set as mathematics and the rest as code points such as
U+4E2D. For Chinese text, use XeLaTeX or LuaLaTeX with a font that has it, for instance through ``xeCJK``.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from itertools import groupby

import pandas as pd

from problems.foundation.text import printable
from reports.wording.table import Table

_APART = "\ue000"
"""Private-use character, absent from printable text: separates characters that would join, as in ``--``."""

_ESCAPES = {
    **{c: f"\\{c}" for c in "&%$#_{}"},
    **{c: f"{{{c}}}" for c in "[*"},  # at the start of a row, these would be read as arguments of the row break before
    _APART: r"\/",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "\N{INFINITY}": r"$\infty$",
    "\N{EN DASH}": "--",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{PLUS-MINUS SIGN}": r"$\pm$",
    "\N{MICRO SIGN}": r"\textmu{}",
}

_LIGATURE = re.compile(r"-(?=-)|`(?=`)|'(?=')|,(?=,)|[?!](?=`)")

_LATIN = {chr(code) for code in range(0xA1, 0x180)} - set("ĦħĸĿŀŉŦŧſ")
"""Letters of Latin-1 and Latin Extended-A that pdfLaTeX has in the encoding T1."""

_GREEK_LETTERS = "αβγδεζηθικλμνξπρςστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho varsigma sigma tau upsilon phi "
    "chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_GREEK = dict(zip(_GREEK_LETTERS, _GREEK_NAMES.split(), strict=True))
"""Mathematical commands of Greek letters."""

_HEAD = "% needs \\usepackage{booktabs}\n"
_LATIN_HEAD = "% UTF-8; pdfLaTeX also needs \\usepackage[T1]{fontenc}\n"
_OTHER_HEAD = r"""% \othertext{code of the first}{letters that pdfLaTeX lacks}{what stands for them in other fonts}
\providecommand{\othertext}[3]{\ifdefined\Umathcode\iffontchar\font#1 #2\else#3\fi\else#3\fi}
"""

WIDE = 5
"""Most columns of a table in one column of a page; wider tables span two."""

LONG = 50
"""Most rows of a table; longer ones are split, because a two-column page cannot hold a table that continues."""


def to_latex(table: Table) -> str:
    """The shown columns as table environments, with marked rows in bold and the note as caption."""
    shown = table.shown().map(escape)
    shown.columns = pd.Index([escape(head) for head in shown.columns])
    if any(table.marks):
        shown[list(table.marks)] = shown[list(table.marks)].map(lambda text: rf"\textbf{{{text}}}")
    starts = range(0, max(1, len(shown)), LONG)
    parts = [_part(table, shown[start : start + LONG], start // LONG, len(starts)) for start in starts]
    text = "\n".join(parts)
    head = _HEAD
    if not text.isascii():
        head += _LATIN_HEAD
    if "\\othertext" in text:
        head += _OTHER_HEAD
    return head + text


def _part(table: Table, rows: pd.DataFrame, number: int, parts: int) -> str:
    caption = f"{table.title}. {table.note}" if number == 0 else table.title
    if parts > 1:
        caption += f" (part {number + 1} of {parts})"
    text = rows.to_latex(
        index=False,
        escape=False,
        caption=escape(caption),
        label=f"tab:{table.name}" if number == 0 else f"tab:{table.name}-{number + 1}",
        column_format="".join("r" if column.number else "l" for column in table.view.values()),
    ).replace("\\begin{table}\n", "\\begin{table}\n\\centering\n")
    return str(text.replace("{table}", "{table*}") if len(table.view) > WIDE else text)


def escape(text: str) -> str:
    """``text`` escaped so that LaTeX prints it literally."""
    known = unicodedata.normalize("NFC", printable(str(text), sys.maxsize))
    runs = groupby(_LIGATURE.sub(rf"\g<0>{_APART}", known), _script)
    return "".join(_printed(script, "".join(run)) for script, run in runs)


def _script(letter: str) -> str:
    """Script of a letter that pdfLaTeX lacks, else ""; a font supports a script as a whole or not at all."""
    if letter.isascii() or letter in _ESCAPES or letter in _LATIN:
        return ""
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]


def _printed(script: str, letters: str) -> str:
    if not script:
        return "".join(_ESCAPES.get(letter, letter) for letter in letters)
    return f"\\othertext{{{ord(letters[0])}}}{{{letters}}}{{{' '.join(map(_fallback, letters))}}}"


def _fallback(letter: str) -> str:
    return f"$\\{_GREEK[letter]}$" if letter in _GREEK else f"U+{ord(letter):04X}"
