"""Checks of parameters that only learners have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.errors import InvalidInput
from optimizers.contract import check_integer


def check_above_zero(name: str, value: float) -> None:
    """Refuse a parameter that is no finite number above 0.

    Raises:
        InvalidInput: Naming the parameter.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < np.inf:
        raise InvalidInput(name, expected="a finite number above 0", actual=value)


def check_widths(name: str, value: Sequence[int]) -> None:
    """Refuse what is no list of layer widths.

    Raises:
        InvalidInput: Naming the parameter.
    """
    if not isinstance(value, list):
        raise InvalidInput(name, expected="a list of layer widths", actual=value)
    for number, width in enumerate(value):
        check_integer(f"{name}[{number}]", width, 1)
