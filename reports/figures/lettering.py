"""Texts as Matplotlib draws them to the letter: no mathematics, no missing glyphs, no two names alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from math import ceil

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import text_to_path

from problems.foundation.text import printable
from reports.wording.names import distinct

FONT = "DejaVu Sans"
"""Comes with Matplotlib: figures are the same everywhere."""

LETTER = 0.068
"""Inches that a usual letter takes at most, at 7.5 points."""

LINES = 3
"""Times the characters of a line that a title has at most."""

_PIECE = re.compile(r"(?<=/)|(?<=, )")


def safe(text: str, limit: int = 30) -> str:
    """``text`` as Matplotlib draws it to the letter: shortened in the middle, no mathematics, no missing glyphs."""
    return drawn([text], limit)[text]


def drawn(names: Iterable[str], limit: int = 30) -> dict[str, str]:
    """Names that stand together, each as by ``safe``, no two alike."""
    return {name: _escaped(text) for name, text in distinct(names, limit, write=_with_glyphs, width=_letters).items()}


def wrapped(text: str, limit: int) -> str:
    """``text`` as by ``safe``, in lines of at most ``limit`` characters, broken after slashes and commas."""
    return titles([text], limit, most=len(text))[text]


def titles(texts: Iterable[str], limit: int, *, most: int = 0) -> dict[str, str]:
    """Titles that stand together, each as by ``wrapped``, no two alike, and none of more than a few lines."""
    whole = distinct(texts, most or LINES * limit, write=_with_glyphs)
    pieces = {text: _PIECE.split(short) for text, short in whole.items()}
    short = distinct((piece.rstrip() for own in pieces.values() for piece in own), limit)
    return {text: _escaped("\n".join(_lines(own, short, limit))) for text, own in pieces.items()}


def _lines(pieces: Sequence[str], short: Mapping[str, str], limit: int) -> list[str]:
    lines = [""]
    for piece in pieces:
        own = short[piece.rstrip()]
        if lines[-1] and len(lines[-1]) + len(own) > limit:
            lines.append("")
        lines[-1] += own + " " * piece.endswith(" ")
    return [line.rstrip() for line in lines]


@lru_cache(maxsize=10_000)
def inches(text: str, size: float) -> float:
    """Width of a text as by ``safe``, in letters of ``size`` points."""
    font = FontProperties(family=FONT, size=size)
    return float(text_to_path.get_text_width_height_descent(text.replace(r"\$", "$"), font, ismath=False)[0]) / 72.0


def _letters(text: str) -> int:
    """Letters of a text; of wide ones as many usual ones as take the same room."""
    return max(len(text), ceil(inches(text, 7.5) / LETTER))


def _escaped(text: str) -> str:
    """Without mathematics."""
    return text.replace("$", r"\$")


def _with_glyphs(text: str) -> str:
    r"""Printable, and letters that the font lacks as escapes such as ``\u4e2d``."""
    return "".join(c if ord(c) in _glyphs() else c.encode("unicode_escape").decode() for c in printable(text))


@cache
def _glyphs() -> frozenset[int]:
    font: FT2Font = get_font(findfont(FONT))
    return frozenset(font.get_charmap()) - {ord("\n"), ord("\t"), ord("\r")}
