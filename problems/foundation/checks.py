"""Checks of single values from outside: each returns the value or raises one clear error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import TypeGuard

from problems.foundation.errors import InvalidInput


def is_integer(value: object, least: float = -math.inf, most: float = math.inf) -> TypeGuard[int]:
    """Whether ``value`` is an integer from ``least`` to ``most``; booleans do not count."""
    return isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= most


def is_number(value: object, least: float = -math.inf, most: float = math.inf) -> TypeGuard[float]:
    """Whether ``value`` is a real number from ``least`` to ``most``; booleans and NaN do not count."""
    return isinstance(value, Real) and not isinstance(value, bool) and least <= float(value) <= most


def is_above_zero(value: object, most: float = math.inf) -> TypeGuard[float]:
    """Whether ``value`` is a finite number above 0 and at most ``most``."""
    return is_number(value, most=most) and 0.0 < value < math.inf


def check_integer(what: str, value: object, least: int, most: int | None = None) -> int:
    """Return ``value``, an integer from ``least`` to ``most``.

    Raises:
        InvalidInput: If it is anything else; ``what`` names it.
    """
    if is_integer(value, least, math.inf if most is None else most):
        return int(value)
    expected = f"an integer of at least {least:,}" if most is None else f"an integer from {least:,} to {most:,}"
    raise InvalidInput(what, expected=expected, actual=_shown(value))


def check_choice(what: str, value: object, choices: Sequence[str]) -> str:
    """Return ``value``, one of the words ``choices``.

    Raises:
        InvalidInput: If it is anything else; ``what`` names it.
    """
    if isinstance(value, str) and value in choices:
        return value
    raise InvalidInput(what, expected=" or ".join(choices), actual=_shown(value))


def check_at_least(what: str, value: object, least: float) -> float:
    """Return ``value``, a number of at least ``least``; it may be infinite.

    Raises:
        InvalidInput: If it is anything else; ``what`` names it.
    """
    if is_number(value, least):
        return float(value)
    raise InvalidInput(what, expected=f"a number of at least {least:g}", actual=_shown(value))


def check_fraction(what: str, value: object) -> float:
    """Return ``value``, a number in [0, 1].

    Raises:
        InvalidInput: If it is anything else; ``what`` names it.
    """
    if is_number(value, 0.0, 1.0):
        return float(value)
    raise InvalidInput(what, expected="a number from 0 to 1", actual=_shown(value))


def check_above_zero(what: str, value: object) -> float:
    """Return ``value``, a finite number above 0.

    Raises:
        InvalidInput: If it is anything else; ``what`` names it.
    """
    if is_above_zero(value):
        return float(value)
    raise InvalidInput(what, expected="a finite number above 0", actual=_shown(value))


def check_widths(what: str, value: object) -> Sequence[int]:
    """Return ``value``, a list of layer widths of at least 1.

    Raises:
        InvalidInput: If it is anything else; ``what`` names it.
    """
    if not isinstance(value, list):
        raise InvalidInput(what, expected="a list of layer widths", actual=_shown(value))
    return [check_integer(f"{what}[{number}]", width, 1) for number, width in enumerate(value)]


def _shown(value: object) -> object:
    """Put texts in quotes, so that ``"3"`` does not look like the expected number."""
    return repr(value) if isinstance(value, str) else value
