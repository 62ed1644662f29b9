"""Format numbers for readers; for values in their unit, see ``reports.wording.units.amount``."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reports.wording.names import shorten
from reports.wording.units import INFINITE, MISSING

LABEL = 40
"""Most characters of an optimizer's label in tables."""

ROUNDING = 1e-9
"""Relative difference of values that counts as none."""

HUGE = 1e15
"""Smallest number written with an exponent."""


def counted(number: int, word: str) -> str:
    """A number of things, as in "1 run", "2 runs"; "no" for zero."""
    return f"{f'{number:,}' if number else 'no'} {word if number == 1 else f'{word}s'}"


def first_of(names: Sequence[str], most: int) -> str:
    """The first names, and how many others there are, as in "a, b and 3 others"."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {counted(more, 'other')}" if more > 0 else "")


def ratio(value: float) -> str:
    """A ratio: three decimal places below 10, two from there on."""
    return _shown(value, f"{value:.3f}" if abs(value) < 10.0 else _long(value, 2))


def percent(value: float) -> str:
    """A fraction in percent."""
    shown = 100.0 * value
    return _shown(value, f"{shown:.2f} %" if abs(shown) < 100.0 else f"{_long(shown)} %")


def percentage(share: float) -> str:
    """A share that was given, in percent with no more digits than it has."""
    return f"{100.0 * share:g} %"


def correlation(value: float) -> str:
    """A correlation, -1 to 1: three decimal places."""
    return _shown(value, f"{value:.3f}")


def rank(value: float) -> str:
    """A rank: whole, or with at most two decimal places if it is a mean."""
    return _shown(value, f"{value:.2f}".removesuffix("0").removesuffix(".0"))


def mean_rank(value: float) -> str:
    """A mean rank: two decimal places."""
    return _shown(value, f"{value:.2f}")


def seconds(value: float) -> str:
    """Seconds: three significant digits."""
    return _shown(value, _long(value) if value >= 100.0 else f"{value:.3g}")


def count(value: float) -> str:
    """A whole number, with thousands separators."""
    return _shown(value, _long(value))


def p_value(value: float) -> str:
    """A p-value: three decimal places, or ``<0.001``."""
    return _shown(value, "<0.001" if value < 0.001 else f"{value:.3f}")


def label(name: object) -> str:
    """An optimizer's label, shortened; tables shorten all labels together instead, so that they stay distinct."""
    return shorten(str(name), LABEL)


def file_size(size: int) -> str:
    """A number of bytes: three significant digits, in the unit that suits."""
    if size < 1_000:
        return counted(size, "byte") if size else "0 bytes"
    unit = min(int(math.log10(size)) // 3, 4)
    return f"{size / 1_000**unit:.3g} {('kB', 'MB', 'GB', 'TB')[unit - 1]}"


def duration(value: float) -> str:
    """Seconds in the largest unit of which there are two."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if value >= 2 * length:
            return f"{value / length:,.0f} {unit}"
    return f"{max(value, 1.0):.0f} s"


def _long(value: float, places: int = 0) -> str:
    return f"{value:,.{places}f}" if abs(value) < HUGE else f"{value:.3e}"


def _shown(value: float, text: str) -> str:
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return INFINITE if value > 0 else f"-{INFINITE}"
    return text
