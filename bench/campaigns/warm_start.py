"""Warm starts: searches that begin with mappings found for an earlier group (Kao & Krishna 2022, "warm start").

In a campaign the earlier group is a problem: the same optimizer, seed and parameters search its mappings before the
run's own clock and evaluation count begin, so that a run needs no other run's results.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import optimizers
import problems
from optimizers.limits import LARGEST_BUDGET
from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import check_integer
from problems.foundation.errors import InvalidInput, UnknownName
from problems.transfer import transfer
from reports.storage.design import WARM_START
from reports.storage.mapping_file import StoredMapping

KEYS = {"instance": "number of the earlier group, drawn like the problem's own", "budget": "evaluations spent on it"}


def check_request(value: object) -> None:
    """Check that a campaign's ``warm_start`` is a table with an instance and a budget.

    Raises:
        InvalidInput, UnknownName: If it is not.
    """
    if not isinstance(value, Mapping):
        raise InvalidInput(WARM_START, expected=f"a table with {' and '.join(KEYS)}", actual=value)
    for key in value:
        if key not in KEYS:
            raise UnknownName(f"key in {WARM_START}:", key, KEYS)
    for key, least in (("instance", 0), ("budget", 1)):
        check_integer(f"{WARM_START}: {key}", value.get(key), least, LARGEST_BUDGET)


def search_former(
    optimizer: str,
    parameters: Mapping[str, object],
    problem: problems.Problem,
    *,
    seed: int,
    wall_limit_seconds: float | None = None,
    cpu_limit_seconds: float | None = None,
) -> dict[str, object]:
    """Return ``parameters`` with the mappings themselves, found on the earlier problem that they name, if any.

    This search has limits of its own, as long as the run's.
    """
    wanted = parameters.get(WARM_START)
    if not isinstance(wanted, Mapping):
        return dict(parameters)
    former = problems.get(wanted["problem"])
    cold: dict[str, Any] = {name: value for name, value in parameters.items() if name != WARM_START}
    found = optimizers.minimize(
        former,
        optimizer,
        budget=wanted["budget"],
        seed=seed,
        wall_limit_seconds=wall_limit_seconds,
        cpu_limit_seconds=cpu_limit_seconds,
        **cold,
    )
    mappings = transfer(found.front_cores, found.front_priorities, former, problem)
    return {**parameters, WARM_START: _as_tables(*mappings)}


def from_file(mapping: StoredMapping, problem: problems.Problem) -> dict[str, object]:
    """Return parameters that start from the mappings in a file, of any group.

    Raises:
        InvalidInput: If they are for another number of cores.
    """
    return {WARM_START: _as_tables(*transfer(mapping.cores, mapping.priorities, mapping.problem, problem))}


def _as_tables(cores: IntArray, priorities: FloatArray) -> list[dict[str, object]]:
    return [{"cores": c.tolist(), "priorities": p.tolist()} for c, p in zip(cores, priorities, strict=True)]
