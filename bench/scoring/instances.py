"""The instances that files are scored on, each with its best known value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import problems
from bench.campaigns.reading import problems_of
from problems.best_known.registry import best_value
from problems.foundation.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Instance:
    """A problem and its best known value."""

    problem: problems.Problem
    best_known: float


def instances_of(campaign: str, only: Sequence[str] = ()) -> list[Instance]:
    """Return the instances of a campaign that fit one of the patterns, if there are any.

    Raises:
        UnknownName, InvalidInput: If there is no such campaign or it is wrong, no instance fits, or one has no best
            known value.
    """
    ids = [name for name in problems_of(campaign) if not only or any(fnmatchcase(name, each) for each in only)]
    if not ids:
        expected = f"patterns that fit an instance of {campaign}"
        raise InvalidInput("--only", expected=expected, actual=", ".join(only))
    return [_instance(name) for name in ids]


def _instance(name: str) -> Instance:
    problem = problems.get(name)
    best = best_value(problem)
    if best is None:
        hint = "m3e best update RUNS --new stores those of results."
        raise InvalidInput(f"instance {name}", expected="a best known value", actual="none", hint=hint)
    return Instance(problem, best)
