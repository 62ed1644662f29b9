"""Compilation without counting references to arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def borrowing(function: F) -> F:
    """Compile ``function`` with Numba at its first call, as ``compiled`` does; it may make no array.

    It borrows its arguments: passing tuples of arrays from function to function would otherwise cost many times what
    the functions do, in atomic counts of references.
    """
    import numba

    options: Any = {"nogil": True, "error_model": "numpy", "_nrt": False}
    try:
        result: F = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder for the cache
        result = numba.njit(**options)(function)
    return result
