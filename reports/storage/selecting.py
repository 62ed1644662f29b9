"""Choose some of a campaign's runs, by patterns for problem, optimizer, seed and budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TypeVar

from problems.foundation.errors import InvalidInput
from reports.storage.campaign_folder import PlannedRun, StoredCampaign

MOST_NAMED = 6
"""How many values an error lists."""

_TEXTS: Mapping[str, Callable[[PlannedRun], str]] = {
    "problem": lambda run: run.problem,
    "optimizer": lambda run: run.label,
    "seed": lambda run: str(run.seed),
    "budget": lambda run: str(run.budget),
}

KEYS = tuple(_TEXTS)
"""What runs are chosen by: the problem's id, the optimizer's label, the seed and the budget."""

C = TypeVar("C", bound=StoredCampaign)


def select(campaign: C, only: Sequence[str]) -> C:
    """Return the campaign with some of its runs; what was planned beside them counts no longer.

    Args:
        campaign: Campaign to choose from; it is not changed.
        only: Terms ``key=pattern``, with a key of ``KEYS`` and a pattern of the shell, such as ``problem=mix/*``. A
            star stands for any text, slashes too. A run is taken if, for each key that is named, it fits one of the
            key's patterns.

    Raises:
        InvalidInput: If a term is none, or no run is left.
    """
    if not only:
        return campaign
    patterns = _patterns(only)
    left = campaign.planned
    for key, own in patterns.items():
        found = tuple(run for run in left if _fits(_TEXTS[key](run), own))
        if not found:
            raise _nothing(key, own, left)
        left = found
    ids = {run.id for run in left}
    runs = tuple(run for run in campaign.runs if run.id in ids)
    if campaign.runs and not runs:
        expected, actual = "runs with results", f"{len(left):,} runs that are planned and not done"
        raise InvalidInput(f"only {', '.join(only)}", expected=expected, actual=actual)
    absent = {label: gap for label, gap in campaign.absent.items() if _fits(label, patterns.get("optimizer", ["*"]))}
    name = f"{campaign.name}, only {', '.join(only)}"
    return replace(campaign, name=name, runs=runs, planned=left, absent=absent)


def _fits(text: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def _patterns(only: Sequence[str]) -> dict[str, list[str]]:
    """The patterns of each key that is named."""
    found: dict[str, list[str]] = {}
    for term in only:
        key, equals, pattern = term.partition("=")
        if not equals or key not in _TEXTS:
            hint = "For instance problem=mix/* or optimizer=magma."
            raise InvalidInput("only", expected=f"KEY=PATTERN, with the key {_or(KEYS)}", actual=term, hint=hint)
        found.setdefault(key, []).append(pattern)
    return found


def _or(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _nothing(key: str, patterns: Sequence[str], runs: Sequence[PlannedRun]) -> InvalidInput:
    """The error that no run fits, with what there would be."""
    there = list(dict.fromkeys(_TEXTS[key](run) for run in runs))
    more = f" and {len(there) - MOST_NAMED} more" if len(there) > MOST_NAMED else ""
    return InvalidInput(
        f"only {key}={' or '.join(patterns)}",
        expected=f"a pattern that some {key} fits",
        actual=f"none of {len(there)}",
        hint=f"There are: {', '.join(there[:MOST_NAMED])}{more}." if there else "There are no runs.",
    )
