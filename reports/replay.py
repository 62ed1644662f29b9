"""Stored results are believed after their mappings have been evaluated again."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

import problems
from bench.errors import M3EError
from bench.store import StoredCampaign, StoredRun

TOLERANCE = 1e-9
"""Relative difference that another processor's rounding may make."""


def replayed(campaign: StoredCampaign) -> StoredCampaign:
    """The campaign with every run failed whose stored mapping does not have the makespan that it claims.

    Runs of another version of the suite, or of problems unknown here, are taken at their word.
    """
    return replace(campaign, runs=tuple(_checked(run) for run in campaign.runs))


def _checked(run: StoredRun) -> StoredRun:
    if not np.isfinite(run.best_cycles) or run.spec.suite_version != problems.SUITE_VERSION or not run.cores.size:
        return run
    try:
        problem = known_problem(run.spec.problem)
    except M3EError:
        return run
    try:
        makespan = float(problem.evaluate(run.cores, run.priorities))
    except M3EError as error:
        return replace(run, status="failed", message=f"its stored mapping is none: {error}")
    if abs(makespan - run.best_cycles) <= TOLERANCE * makespan:
        return run
    message = f"its stored mapping takes {makespan:,.1f} cycles, not the {run.best_cycles:,.1f} that it claims"
    return replace(run, status="failed", message=message)


@lru_cache(maxsize=4096)
def known_problem(problem_id: str) -> problems.Problem:
    """The problem of that id; kept, for its lower bound is asked for again and again.

    Raises:
        M3EError: If it is not known here.
    """
    return problems.get(problem_id)
