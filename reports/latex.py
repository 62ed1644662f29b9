r"""Tables for papers: LaTeX with booktabs, ready to paste (``\usepackage{booktabs}``), in UTF-8.

No engine stops at a letter, and none drops one. Latin letters with accents stand as they are; pdfLaTeX has all of them
with ``\usepackage[T1]{fontenc}``, XeLaTeX and LuaLaTeX need nothing. Whatever pdfLaTeX does not know (Greek, Cyrillic,
Chinese, symbols) stands in ``\othertext``, which the file defines: XeLaTeX and LuaLaTeX print it where the document's
font has it; otherwise, and with pdfLaTeX, Greek becomes mathematics, and the rest its code points, such as U+4E2D. For
Chinese in full use XeLaTeX or LuaLaTeX and a font that has it, for instance by ``xeCJK``.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from itertools import groupby

import pandas as pd  # type: ignore[import-untyped,unused-ignore]

from bench.text import printable
from reports.table import Table

_APART = "\ue000"
"""Private use, which no printable text has: keeps two characters from becoming one, as ``--`` would."""

_ESCAPES = {
    **{c: f"\\{c}" for c in "&%$#_{}"},
    **{c: f"{{{c}}}" for c in "[*"},  # at the start of a row these would belong to the end of the one before
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
"""Latin-1 and Latin Extended-A, as far as pdfLaTeX has them with the encoding T1."""

_GREEK_LETTERS = "αβγδεζηθικλμνξπρςστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
_GREEK_NAMES = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"),
    *("xi", "pi", "rho", "varsigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
    *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
)
_GREEK = dict(zip(_GREEK_LETTERS, _GREEK_NAMES, strict=True))
"""Commands of mathematics."""

_HEAD = "% needs \\usepackage{booktabs}\n"
_LATIN_HEAD = "% UTF-8; pdfLaTeX also needs \\usepackage[T1]{fontenc}\n"
_OTHER_HEAD = r"""% \othertext{code of the first}{letters that pdfLaTeX lacks}{what stands for them in other fonts}
\providecommand{\othertext}[3]{\ifdefined\Umathcode\iffontchar\font#1 #2\else#3\fi\else#3\fi}
"""

WIDE = 5
"""Tables of more columns span both columns of a page."""

LONG = 50
"""Tables of more rows are cut into parts, as none can go on over pages in two columns."""


def to_latex(table: Table) -> str:
    """The shown columns as table environments; marked rows are bold, the note is the caption."""
    shown = table.shown().map(escape)
    shown.columns = pd.Index([escape(head) for head in shown.columns])
    if any(table.marks):
        shown[list(table.marks)] = shown[list(table.marks)].map(lambda text: rf"\textbf{{{text}}}")
    starts = range(0, max(1, len(shown)), LONG)
    parts = [_part(table, shown[start : start + LONG], start // LONG, len(starts)) for start in starts]
    text = "\n".join(parts)
    return _HEAD + _LATIN_HEAD * (not text.isascii()) + _OTHER_HEAD * ("\\othertext" in text) + text


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
    known = unicodedata.normalize("NFC", printable(str(text), sys.maxsize))
    runs = groupby(_LIGATURE.sub(rf"\g<0>{_APART}", known), _script)
    return "".join(_printed(script, "".join(run)) for script, run in runs)


def _script(letter: str) -> str:
    """The script of a letter that pdfLaTeX lacks, else ""; fonts have a script as a whole, or not at all."""
    if letter.isascii() or letter in _ESCAPES or letter in _LATIN:
        return ""
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]


def _printed(script: str, letters: str) -> str:
    if not script:
        return "".join(_ESCAPES.get(letter, letter) for letter in letters)
    return f"\\othertext{{{ord(letters[0])}}}{{{letters}}}{{{' '.join(map(_fallback, letters))}}}"


def _fallback(letter: str) -> str:
    return f"$\\{_GREEK[letter]}$" if letter in _GREEK else f"U+{ord(letter):04X}"
