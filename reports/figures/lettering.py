"""Texts that Matplotlib draws literally: no math mode, no missing glyphs, and distinct names."""

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
"""Font that ships with Matplotlib, so that figures look the same everywhere."""

LETTER = 0.068
"""Maximum width of a usual letter at 7.5 points, in inches."""

LINES = 3
"""Maximum length of a title, in full lines."""

_PIECE = re.compile(r"(?<=/)|(?<=, )")


def safe(text: str, limit: int = 30) -> str:
    """Return ``text`` for Matplotlib to draw literally: shortened in the middle, no math mode, no missing glyphs."""
    return drawn([text], limit)[text]


def drawn(names: Iterable[str], limit: int = 30) -> dict[str, str]:
    """Return the text to draw for each name: made safe as by ``safe``, and all distinct."""
    return {name: _escaped(text) for name, text in distinct(names, limit, write=_with_glyphs, width=_letters).items()}


def wrapped(text: str, limit: int) -> str:
    """Return ``text`` made safe, in lines of at most ``limit`` characters, broken after slashes and commas."""
    return titles([text], limit, most=len(text))[text]


def titles(texts: Iterable[str], limit: int, *, most: int = 0) -> dict[str, str]:
    """Return the title to draw for each text: wrapped as by ``wrapped``, all distinct, and a few lines at most."""
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
        lines[-1] += f"{own} " if piece.endswith(" ") else own
    return [line.rstrip() for line in lines]


def lines_within(text: str, width: float, size: float) -> list[str]:
    """Return ``text``, made safe, in lines of at most ``width`` inches in letters of ``size`` points."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and inches(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache(maxsize=10_000)
def inches(text: str, size: float) -> float:
    """Return the width in inches of a text made safe, in letters of ``size`` points."""
    font = FontProperties(family=FONT, size=size)
    return float(text_to_path.get_text_width_height_descent(text.replace(r"\$", "$"), font, ismath=False)[0]) / 72.0


def _letters(text: str) -> int:
    """Return the length of a text in letters; wide letters count as the usual letters that fill the same space."""
    return max(len(text), ceil(inches(text, 7.5) / LETTER))


def _escaped(text: str) -> str:
    """Return ``text`` with math mode escaped."""
    return text.replace("$", r"\$")


def _with_glyphs(text: str) -> str:
    r"""Return ``text`` as printable characters; those missing in the font become escapes such as ``\u4e2d``."""
    return "".join(c if ord(c) in _glyphs() else c.encode("unicode_escape").decode() for c in printable(text))


@cache
def _glyphs() -> frozenset[int]:
    font: FT2Font = get_font(findfont(FONT))
    return frozenset(font.get_charmap()) - {ord("\n"), ord("\t"), ord("\r")}
