"""Adapters: the optimizers of other libraries under the suite's contract, one file a library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.errors import M3EError


class FallbackToRandom(M3EError):
    """A library says that it samples at random what it cannot model."""

    exit_code = 1


def as_json(settings: Mapping[str, Any]) -> dict[str, Any]:
    """A library's settings as JSON values, what is none by its text."""
    return {n: v if isinstance(v, bool | int | float | str | None) else repr(v) for n, v in settings.items()}
