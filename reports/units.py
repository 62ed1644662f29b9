"""What values are called and how they are written, by objective."""

from __future__ import annotations

import math

from problems.objectives import DEFAULT_OBJECTIVE, OBJECTIVES

SHORTFALL = "hypervolume shortfall"
"""The value of runs with two objectives: the share of the box that their front leaves open, 0 to 1."""

MISSING, INFINITE = "\N{EN DASH}", "\N{INFINITY}"


def objective_named_in(problem_id: str) -> str:
    """The objective that an id names at its end, also one that cannot be read here."""
    last = problem_id.rpartition("/")[2]
    return last if last in OBJECTIVES.names() else DEFAULT_OBJECTIVE


def is_front(objective: str) -> bool:
    """Whether an objective is several at once."""
    return OBJECTIVES.get(objective).count > 1


def unit_of(objective: str) -> str:
    """The unit of the values of runs."""
    return SHORTFALL if is_front(objective) else OBJECTIVES.get(objective).units[0]


def name_of(objective: str) -> str:
    """What an objective is called in a sentence."""
    return "makespan" if objective == DEFAULT_OBJECTIVE else objective


def title_of(objective: str, unit: str | None = None) -> str:
    """What the values are, and their unit, or another ``unit`` in which they are written."""
    if is_front(objective):
        return SHORTFALL
    return f"{name_of(objective)} in {unit or unit_of(objective)}"


def amount(value: float) -> str:
    """A value in its unit: whole from 1,000 on, four significant digits below and for huge ones."""
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return INFINITE
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e12 else f"{value:.4g}"
