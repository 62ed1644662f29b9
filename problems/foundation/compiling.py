"""Compilation of inner loops, cached on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile ``function`` with Numba at its first call.

    The machine code is cached beside the source or in the user's cache folder; where neither can be written, every
    process compiles anew.
    """
    return _compiled(function)


def borrowing(function: F) -> F:
    """Compile ``function`` likewise, without counting references to arrays; it may make no array.

    It borrows its arguments: passing tuples of arrays from function to function would otherwise cost many times what
    the functions do, in atomic counts of references.
    """
    return _compiled(function, _nrt=False)


def _compiled(function: F, **more: bool) -> F:
    import numba

    options: Any = {"nogil": True, "error_model": "numpy", **more}
    try:
        result: F = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder for the cache
        result = numba.njit(**options)(function)
    return result
