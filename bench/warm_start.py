"""Starting a search from the mappings that were found for a former group (Kao & Krishna 2022, "warm start").

In a campaign the former group is a problem: its mappings are searched with the same optimizer, seed and other
parameters before the run's own clock and count begin, so that a run needs no other run's results.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import optimizers
import problems
from bench.errors import InvalidInput, UnknownName
from bench.mapping import MappingFile
from optimizers.search import LARGEST_BUDGET
from problems.transfer import transfer

PARAMETER = "warm_start"
"""What an optimizer that can be started so calls its parameter."""

KEYS = {"instance": "number of the former group, drawn like the problem's own", "budget": "evaluations spent on it"}


def check_request(value: object) -> None:
    """See that a campaign's ``warm_start`` is a table with an instance and a budget.

    Raises:
        InvalidInput, UnknownName: If it is not.
    """
    if not isinstance(value, Mapping):
        raise InvalidInput(PARAMETER, expected=f"a table with {' and '.join(KEYS)}", actual=value)
    for key in value:
        if key not in KEYS:
            raise UnknownName(f"key in {PARAMETER}:", key, KEYS)
    for key, least in (("instance", 0), ("budget", 1)):
        number = value.get(key)
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= LARGEST_BUDGET:
            expected = f"an integer from {least} to {LARGEST_BUDGET:,}"
            raise InvalidInput(f"{PARAMETER}: {key}", expected=expected, actual=number)


def for_problem(parameters: Mapping[str, Any], problem: str) -> dict[str, Any]:
    """``parameters`` in which a requested ``warm_start`` names the former problem: ``problem``, ``budget``.

    Raises:
        InvalidInput: If ``problem`` is drawn as that instance itself, or is not drawn at all.
    """
    if not isinstance(parameters.get(PARAMETER), Mapping):
        return dict(parameters)
    instance, budget = (parameters[PARAMETER][key] for key in KEYS)
    parsed = problems.parse_id(problem)
    if parsed.num_jobs is None or parsed.instance == instance:
        raise InvalidInput(f"{PARAMETER} of {problem}", expected="another instance of a drawn group", actual=instance)
    former = str(parsed._replace(instance=instance))
    return {**parameters, PARAMETER: {"problem": former, "budget": budget}}


def search_former(
    optimizer: str,
    parameters: Mapping[str, Any],
    problem: problems.Problem,
    *,
    seed: int,
    wall_limit_seconds: float | None = None,
) -> dict[str, Any]:
    """``parameters`` with the mappings themselves, where they name a former problem to search them on.

    The search has the run's wall limit for itself.
    """
    wanted = parameters.get(PARAMETER)
    if not isinstance(wanted, Mapping):
        return dict(parameters)
    former = problems.get(wanted["problem"])
    cold = {name: value for name, value in parameters.items() if name != PARAMETER}
    limits = {"budget": wanted["budget"], "wall_limit_seconds": wall_limit_seconds}
    found = optimizers.minimize(former, optimizer, seed=seed, **limits, **cold)
    mappings = transfer(found.front_cores, found.front_priorities, former, problem)
    return {**parameters, PARAMETER: _as_tables(*mappings)}


def from_file(mapping: MappingFile, problem: problems.Problem) -> dict[str, Any]:
    """Parameters that start from the mappings in a file, of whatever group.

    Raises:
        InvalidInput: If they are to another number of cores.
    """
    return {PARAMETER: _as_tables(*transfer(mapping.cores, mapping.priorities, mapping.problem, problem))}


def _as_tables(cores: Any, priorities: Any) -> list[dict[str, Any]]:
    return [{"cores": c.tolist(), "priorities": p.tolist()} for c, p in zip(cores, priorities, strict=True)]
