"""Limits of the budget, the seed, the time limits and the threads of a run."""

from __future__ import annotations

from problems.foundation.checks import check_integer, is_above_zero
from problems.foundation.errors import InvalidInput

LARGEST_BUDGET = 10**12

LARGEST_SEED = 2**32 - 1  # accepted by all libraries

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""Environment of runs, for libraries of linear algebra: rounding, and so a run, may depend on the number of threads."""

LONGEST_SECONDS = 10**9
"""The longest time limit: about thirty years; timers do not accept much more."""


def check_budget(what: str, budget: object) -> int:
    """Return the number of evaluations ``budget``.

    Raises:
        InvalidInput: If it is not an integer from 1 to ``LARGEST_BUDGET``.
    """
    return check_integer(what, budget, 1, LARGEST_BUDGET)


def check_seed(what: str, seed: object) -> int:
    """Return the ``seed``.

    Raises:
        InvalidInput: If it is not an unsigned 32-bit integer.
    """
    return check_integer(what, seed, 0, LARGEST_SEED)


def check_wall_limit(seconds: object) -> float | None:
    """Return the wall limit ``seconds``; None is no limit.

    Raises:
        InvalidInput: If it is not a number above 0 and at most ``LONGEST_SECONDS``.
    """
    return _check_time_limit("wall limit", seconds)


def check_cpu_limit(seconds: object) -> float | None:
    """Return the CPU limit ``seconds``; None is no limit.

    Raises:
        InvalidInput: If it is not a number above 0 and at most ``LONGEST_SECONDS``.
    """
    return _check_time_limit("CPU limit", seconds)


def _check_time_limit(what: str, seconds: object) -> float | None:
    if seconds is None or is_above_zero(seconds, LONGEST_SECONDS):
        return seconds
    expected = f"a finite number of seconds above 0, at most {LONGEST_SECONDS:,}"
    raise InvalidInput(what, expected=expected, actual=seconds, hint="Leave it out for no limit.")
