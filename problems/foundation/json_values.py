"""Conversion to values that JSON can hold."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def text_without_address(value: object) -> str:
    """Return the name of a class; of anything else its ``repr`` without addresses, which differ between runs."""
    return value.__name__ if isinstance(value, type) else _ADDRESS.sub("", repr(value))


def to_json(value: object, otherwise: Callable[[object], object] = text_without_address) -> object:
    """Convert ``value`` to a JSON value: containers item by item, other types by ``otherwise``."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [to_json(item, otherwise) for item in value]
    if isinstance(value, Mapping):
        return {_name(key): to_json(item, otherwise) for key, item in value.items()}
    return otherwise(value)


def _name(key: object) -> str:
    return key.__name__ if isinstance(key, type) else str(key)


def finite_or_none(value: float) -> float | None:
    """Return ``value``, or None, which stands for infinity and NaN in JSON."""
    return value if math.isfinite(value) else None
