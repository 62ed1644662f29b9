"""Mappings that a search starts from (Kao & Krishna 2022, "warm start")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from problems.arrays import FloatArray
from problems.foundation.errors import InvalidInput
from problems.space import Mappings, SearchSpace

MappingTables = Sequence[Mapping[str, Sequence[float]]]
"""Mappings as JSON values: tables with ``cores`` and ``priorities`` of all jobs."""


def mappings_of(tables: MappingTables, space: SearchSpace) -> Mappings:
    """Convert ``tables``, each with ``cores`` and ``priorities``, to mappings ``(P, G)``.

    Raises:
        InvalidInput: If there are no tables, or one is not a mapping of ``space``.
    """
    expected = f"mappings, each with cores (0 to {space.num_cores - 1}) and priorities of {space.num_jobs} jobs"
    try:
        cores = _numbers([table["cores"] for table in tables])
        priorities = _numbers([table["priorities"] for table in tables])
    except (TypeError, ValueError, KeyError) as error:
        hint = "Such as [{'cores': [0, 1, ...], 'priorities': [0.5, 0.25, ...]}, ...]."
        raise InvalidInput("warm_start", expected=expected, actual=tables, hint=hint) from error
    shape = (len(tables), space.num_jobs)
    if not len(tables) or cores.shape != shape or priorities.shape != shape:
        raise InvalidInput("warm_start", expected=expected, actual=f"shapes {cores.shape} and {priorities.shape}")
    is_core = np.isin(cores, np.arange(space.num_cores))
    if not is_core.all() or not ((priorities >= 0.0) & (priorities < 1.0)).all():
        raise InvalidInput("warm_start", expected=expected, actual="cores or priorities outside their range")
    return cores.astype(np.int64), priorities


def _numbers(rows: Sequence[Sequence[float]]) -> FloatArray:
    """The rows as an array; raise ``ValueError`` for anything but numbers of floats' range, in rows of one length."""
    array = np.array(rows)
    if array.dtype.kind not in "iuf":
        raise ValueError("not all are numbers")
    return array.astype(np.float64)


def placed_first(given: Mappings | None, drawn: Mappings) -> Mappings:
    """Return ``drawn`` ``(P, G)`` with those ``given``, as many as fit, in place of the first."""
    if given is None:
        return drawn
    cores, priorities = drawn[0].copy(), drawn[1].copy()
    count = min(len(cores), len(given[0]))
    cores[:count], priorities[:count] = given[0][:count], given[1][:count]
    return cores, priorities


def best_of(mappings: Mappings, values: FloatArray) -> Mappings | None:
    """Return the best of ``mappings`` ``(P, G)`` with ``values`` ``(P,)``, as ``(1, G)``; None if none can run."""
    best = int(np.argmin(values))
    if not np.isfinite(values[best]):
        return None
    return mappings[0][best : best + 1], mappings[1][best : best + 1]


def check_learns(method: str, first_population: int | None) -> None:
    """Check that a warm start is of use to ``method``.

    Raises:
        InvalidInput: If its proposals do not depend on values, so that ``first_population`` is None.
    """
    if first_population is None:
        hint = "Its proposals do not depend on what was evaluated before."
        raise InvalidInput("warm_start", expected="a method that can start from mappings", actual=method, hint=hint)
