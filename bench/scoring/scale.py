"""The scale of scores."""

from __future__ import annotations

from collections.abc import Sequence

from reports.frames.averages import geometric_mean

DIGITS = 12
"""Of a score: logarithms differ in the last ones from processor to processor."""


def score_of(ratios: Sequence[float]) -> float:
    """Return the geometric mean of ratios to 12 digits, so that it is the same everywhere."""
    return float(f"{geometric_mean(ratios):.{DIGITS}g}")
