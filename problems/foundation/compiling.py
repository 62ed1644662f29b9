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
    import numba

    njit: Any = numba.njit(nogil=True, error_model="numpy")
    cached: Any = numba.njit(cache=True, nogil=True, error_model="numpy")
    try:
        result: F = cached(function)
    except RuntimeError:  # no folder for the cache
        result = njit(function)
    return result
