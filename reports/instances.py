"""What each instance is good for: whether it tells optimizers apart."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]

import problems
from bench.errors import M3EError
from reports.replay import known_problem

INSTANCE_COLUMNS = {
    "case": "as in runs",
    "jobs": "jobs in the group",
    "cores": "cores of the platform",
    "objective": "what is minimised; with two objectives the following are about the first",
    "unit": "of the bound",
    "lower_bound": "certified: no mapping has a lower value",
    "random_level": "best of 1,000 random mappings / lower_bound",
    "longest_job_share": "cycles that one job alone, or with dependencies one chain, forces / bound on the makespan",
    "separates": "whether the instance tells optimizers apart: random_level is above 1.02; empty if not known",
    "verdict": "the same in words",
}

MOST_JOBS = 10_000
"""Larger instances are not looked at: a thousand random mappings of one take too long."""

NAMED = 3
"""How many instances the warning names."""


def instances_table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a case of a runs table; columns as in ``INSTANCE_COLUMNS``."""
    first = runs.drop_duplicates("case")
    rows = [_row(run["case"], run["problem"], run["suite_version"]) for run in first.to_dict("records")]
    return pd.DataFrame(rows, columns=list(INSTANCE_COLUMNS))


def degenerate(instances: pd.DataFrame) -> list[str]:
    """The cases that separate no optimizers."""
    return list(instances.loc[instances["separates"].eq(False), "case"])


def degeneracy_warning(instances: pd.DataFrame) -> str:
    """One sentence that names degenerate instances, or ""."""
    cases = degenerate(instances)
    if not cases:
        return ""
    more = f" and {len(cases) - NAMED} more" if len(cases) > NAMED else ""
    found = f"{len(cases)} of {len(instances)} instances tell no optimizers apart"
    return f"{found}: 1,000 random mappings come within 2 % of the bound: {', '.join(cases[:NAMED])}{more}."


def _row(case: str, problem_id: str, suite_version: int) -> dict[str, Any]:
    unknown: dict[str, Any] = {"case": case, "separates": None, "verdict": "not known here"}
    if suite_version != problems.SUITE_VERSION:
        return unknown
    try:
        problem = known_problem(problem_id)
    except M3EError:
        return unknown
    row = {
        "case": case,
        "jobs": problem.num_jobs,
        "cores": problem.num_cores,
        "objective": problem.objective.name,
        "unit": problem.objective.units[0],
        "lower_bound": problem.lower_bound(),
        "separates": None,
    }
    if problem.num_jobs > MOST_JOBS:
        return row | {"verdict": f"not looked at: more than {MOST_JOBS:,} jobs"}
    facts = _facts(problem_id)
    return row | {
        "random_level": facts.random_level,
        "longest_job_share": facts.longest_job_share,
        "separates": None if np.isnan(facts.random_level) else facts.separates,
        "verdict": facts.verdict,
    }


@lru_cache(maxsize=4096)
def _facts(problem_id: str) -> problems.Facts:
    return problems.facts_of(known_problem(problem_id))
