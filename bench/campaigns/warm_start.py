"""Warm starts: searches that begin with mappings found for an earlier group (Kao & Krishna 2022, "warm start").

In a campaign the earlier group is a problem: the same optimizer, seed and parameters search its mappings before the
run's own clock and evaluation count begin, so that a run needs no other run's results.
"""

from __future__ import annotations

from collections.abc import Mapping

import optimizers
import problems
from optimizers.limits import LARGEST_BUDGET
from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import check_integer
from problems.foundation.errors import InvalidInput, UnknownName
from problems.transfer import transfer
from reports.storage.mapping_file import MappingFile

PARAMETER = "warm_start"
"""Name of the parameter of optimizers that support it."""

KEYS = {"instance": "number of the earlier group, drawn like the problem's own", "budget": "evaluations spent on it"}


def check_request(value: object) -> None:
    """Check that a campaign's ``warm_start`` is a table with an instance and a budget.

    Raises:
        InvalidInput, UnknownName: If it is not.
    """
    if not isinstance(value, Mapping):
        raise InvalidInput(PARAMETER, expected=f"a table with {' and '.join(KEYS)}", actual=value)
    for key in value:
        if key not in KEYS:
            raise UnknownName(f"key in {PARAMETER}:", key, KEYS)
    for key, least in (("instance", 0), ("budget", 1)):
        check_integer(f"{PARAMETER}: {key}", value.get(key), least, LARGEST_BUDGET)


def for_problem(parameters: Mapping[str, object], problem: str) -> dict[str, object]:
    """Return ``parameters`` whose ``warm_start`` names the earlier problem, by ``problem`` and ``budget``.

    Raises:
        InvalidInput: If ``problem`` is drawn as that instance itself, or is not drawn at all.
    """
    wanted = parameters.get(PARAMETER)
    if not isinstance(wanted, Mapping):
        return dict(parameters)
    instance, budget = (wanted[key] for key in KEYS)
    parsed = problems.parse_id(problem)
    if parsed.num_jobs is None or parsed.instance == instance:
        expected = f"a {PARAMETER} from another instance of {problem}, a drawn group"
        raise InvalidInput(PARAMETER, expected=expected, actual=f"instance {instance}")
    former = str(parsed._replace(instance=instance))
    return {**parameters, PARAMETER: {"problem": former, "budget": budget}}


def search_former(
    optimizer: str,
    parameters: Mapping[str, object],
    problem: problems.Problem,
    *,
    seed: int,
    wall_limit_seconds: float | None = None,
) -> dict[str, object]:
    """Return ``parameters`` with the mappings themselves, found on the earlier problem that they name, if any.

    This search has a wall limit of its own, as long as the run's.
    """
    wanted = parameters.get(PARAMETER)
    if not isinstance(wanted, Mapping):
        return dict(parameters)
    former = problems.get(wanted["problem"])
    cold = {name: value for name, value in parameters.items() if name != PARAMETER}
    found = optimizers.minimize(
        former, optimizer, budget=wanted["budget"], seed=seed, wall_limit_seconds=wall_limit_seconds, **cold
    )
    mappings = transfer(found.front_cores, found.front_priorities, former, problem)
    return {**parameters, PARAMETER: _as_tables(*mappings)}


def from_file(mapping: MappingFile, problem: problems.Problem) -> dict[str, object]:
    """Return parameters that start from the mappings in a file, of any group.

    Raises:
        InvalidInput: If they are for another number of cores.
    """
    return {PARAMETER: _as_tables(*transfer(mapping.cores, mapping.priorities, mapping.problem, problem))}


def _as_tables(cores: IntArray, priorities: FloatArray) -> list[dict[str, object]]:
    return [{"cores": c.tolist(), "priorities": p.tolist()} for c, p in zip(cores, priorities, strict=True)]
