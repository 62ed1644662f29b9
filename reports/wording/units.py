"""Names, units and formats of values, by objective."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context

from problems.objectives import OBJECTIVES

SHORTFALL = "hypervolume shortfall"
"""Value of runs with two objectives: the share of the box that their front does not dominate, 0 to 1."""

CYCLES_PER_MS = 1e6
"""Job tables count the cycles of a clock of 1 GHz, whatever the clocks of the cores."""

NJ_PER_MJ = 1e6

MISSING = "\N{EN DASH}"
INFINITE = "\N{INFINITY}"


def is_front(objective: str) -> bool:
    """Whether an objective comprises several, so that runs find a front."""
    return OBJECTIVES.get(objective).count > 1


def unit_of(objective: str) -> str:
    """Unit of the values of runs."""
    return SHORTFALL if is_front(objective) else OBJECTIVES.get(objective).units[0]


def name_of(objective: str) -> str:
    """Name of an objective in a sentence."""
    return OBJECTIVES.get(objective).title or objective


def title_of(objective: str, unit: str | None = None) -> str:
    """Name and unit of the values; ``unit`` replaces the objective's own."""
    if is_front(objective):
        return SHORTFALL
    return f"{name_of(objective)} in {unit or unit_of(objective)}"


def short_unit_of(objective: str) -> tuple[str, float]:
    """Unit of values in narrow tables, and its size in the objective's own unit."""
    unit, scale = OBJECTIVES.get(objective).short_unit
    return unit or unit_of(objective), scale


def amount(value: float, digits: int = 4) -> str:
    """A value in its unit: whole from 1,000 on, so many significant digits below and for huge values."""
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return INFINITE
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e12 else f"{value:.{digits}g}"


def exact(value: float) -> str:
    """The same with six digits below 1,000, for single values."""
    return amount(value, digits=6)


def told_apart(limit: float, least: float) -> tuple[str, str]:
    """A limit and a greater value, rounded up, as ``exact`` or with as many more digits as tell them apart."""
    for digits in range(6, 18):
        texts = _digits(limit, digits, ROUND_HALF_EVEN), _digits(least, digits, ROUND_CEILING)
        if texts[0] != texts[1]:
            break
    return texts


def _digits(value: float, digits: int, rounding: str) -> str:
    return f"{Context(prec=digits, rounding=rounding).create_decimal_from_float(value).normalize():,f}"
