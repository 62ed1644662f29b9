"""The table of instances: their sizes, bounds, and whether they separate optimizers."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

import problems
from problems.foundation.errors import M3EError
from reports.storage.replay import Folders, known_problem

INSTANCE_COLUMNS = {
    "case": "as in runs",
    "jobs": "jobs in the group",
    "cores": "cores of the platform",
    "objective": "minimised objective; with two objectives the following columns refer to the first",
    "unit": "unit of lower_bound",
    "lower_bound": "certified lower bound: no mapping has a lower value",
    "best_known": "value of the best mapping known (m3e best); empty if none is stored",
    "best_known_gap": "best_known / the best certified bound known - 1",
    "status": "closed (that gap is below 0.01 %), narrow (below 1 %) or open; empty if none is stored",
    "random_level": "best of 1,000 random mappings / lower_bound",
    "longest_job_share": "cycles that the longest job (with dependencies, the longest chain) needs at least / lower "
    "bound on the makespan",
    "separates": "whether the instance separates optimizers: random_level is above 1.02; empty if unknown",
    "verdict": "separates in words",
}

MOST_JOBS = 10_000
"""Most jobs of an instance that is analysed: a thousand random mappings of a larger one take too long."""

NAMED = 3
"""Number of instances that the warning names."""


def instances_table(runs: pd.DataFrame, files: Folders = ()) -> pd.DataFrame:
    """Table with one row per case of a runs table; columns as in ``INSTANCE_COLUMNS``.

    Args:
        runs: Result of ``runs_table``.
        files: The campaign's folders of files that problem ids name.
    """
    first = runs.drop_duplicates("case")
    rows = [_row(run["case"], run["problem"], run["suite_version"], files) for run in first.to_dict("records")]
    return pd.DataFrame(rows, columns=list(INSTANCE_COLUMNS))


def degenerate(instances: pd.DataFrame) -> list[str]:
    """The cases known not to separate optimizers."""
    return list(instances.loc[instances["separates"].eq(False), "case"])


def degeneracy_warning(instances: pd.DataFrame) -> str:
    """A sentence that names degenerate instances, or ""."""
    cases = degenerate(instances)
    if not cases:
        return ""
    more = f" and {len(cases) - NAMED} more" if len(cases) > NAMED else ""
    found = f"{len(cases)} of {len(instances)} instances do not separate optimizers"
    reason = "the best of 1,000 random mappings is within 2 % of the lower bound"
    return f"{found}, as {reason}: {', '.join(cases[:NAMED])}{more}."


def _row(case: str, problem_id: str, suite_version: int, files: Folders) -> dict[str, object]:
    unknown: dict[str, object] = {"case": case, "separates": None, "verdict": "unknown problem"}
    if suite_version != problems.SUITE_VERSION:
        return unknown
    try:
        problem = known_problem(problem_id, files)
    except M3EError:
        return unknown
    row: dict[str, object] = {
        "case": case,
        "jobs": problem.num_jobs,
        "cores": problem.num_cores,
        "objective": problem.objective.name,
        "unit": problem.objective.units[0],
        "lower_bound": problem.lower_bound(),
        "separates": None,
    }
    known = problem.best_known()
    if known is not None:
        row |= {"best_known": known.value, "best_known_gap": known.gap, "status": known.status}
    if problem.num_jobs > MOST_JOBS:
        return row | {"verdict": f"not analysed: more than {MOST_JOBS:,} jobs"}
    facts = _facts(problem_id, files)
    return row | {
        "random_level": facts.random_level,
        "longest_job_share": facts.longest_job_share,
        "separates": None if np.isnan(facts.random_level) else facts.separates,
        "verdict": facts.verdict,
    }


@lru_cache(maxsize=4096)
def _facts(problem_id: str, files: Folders) -> problems.Facts:
    return problems.facts_of(known_problem(problem_id, files))
