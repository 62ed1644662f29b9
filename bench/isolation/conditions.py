"""The conditions of every search, which make times and results comparable."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import problems
from optimizers import catalogue


@contextmanager
def quiet() -> Iterator[None]:
    """Silence warnings, which would garble the progress bar; those that matter are errors in the adapters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def warm_up(problem: problems.Problem, optimizer: str | None = None) -> None:
    """Load and compile what a search will need, so that neither its clocks nor the last resort's count it.

    Raises:
        UnknownName: If there is no such optimizer.
        MissingExtra: If its library is not installed.
    """
    problem.warm_up()
    if optimizer is not None:
        catalogue.warm_up(optimizer)
