"""Verify stored results by evaluating their mappings again."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

import problems
from problems.arrays import FloatArray
from problems.foundation.errors import M3EError
from problems.foundation.text import printable
from problems.ids import ProblemId, files_only_in
from reports.storage.campaign_folder import FILES_FOLDER, StoredCampaign
from reports.storage.readable import readable
from reports.storage.run_folder import StoredRun

LEAST, MOST = 1e-100, 1e100
"""Range of valid nonzero values, in which computations neither overflow nor underflow."""

TOLERANCE = 1e-9
"""Maximum difference due to rounding on other processors: relative, but absolute for shortfalls."""

_given: set[Path] = set()
"""Folders in which the campaigns checked so far keep the files that their problem ids name."""


@lru_cache(maxsize=2)
def replayed(campaign: StoredCampaign) -> StoredCampaign:
    """Return the campaign with printable texts; runs whose values do not match their stored mappings are failed."""
    campaign = readable(campaign)
    return replace(campaign, runs=tuple(_checked(run) for run in campaign.runs))


def _checked(run: StoredRun) -> StoredRun:
    message = refusal(run)
    if not message:
        return run
    told = run.message if run.status == "failed" and run.message else printable(message)
    if _oddity(run):  # its numbers are unusable
        return StoredRun(run.id, run.spec, run.label, run.environment, "failed", told, folder=run.folder)
    return replace(run, status="failed", message=told)


def refusal(run: StoredRun) -> str:
    """Return why the results of a run are rejected, or "".

    Runs of another suite version, or of problems unknown here, cannot be evaluated; their values are accepted.
    """
    return _unproven(run) or _oddity(run)


def _oddity(run: StoredRun) -> str:
    """Return which of a run's numbers is impossible, or ""."""
    values = np.append(run.trace_values, run.best_value)
    wrong = values[(values != 0.0) & ((values < LEAST) | (np.isfinite(values) & (values > MOST)))]
    if wrong.size:
        return f"it has a value of {wrong[0]:.6g}: expected 0, or from {LEAST:g} to {MOST:g}"
    if (run.trace_evaluations < 1).any():
        return f"it has an evaluation number {run.trace_evaluations.min()}: expected 1 or more"
    return ""


def _unproven(run: StoredRun) -> str:
    """Return how a run's values differ from its mappings, evaluated again; "" if they match or cannot be evaluated."""
    if run.folder:
        _given.add(run.folder.parent / FILES_FOLDER)
    if not len(run.front_values) or run.spec.suite_version != problems.SUITE_VERSION:
        return ""
    try:
        problem = known_problem(run.spec.problem)
    except M3EError:
        return ""
    return _contradiction(run, problem)


def _contradiction(run: StoredRun, problem: problems.Problem) -> str:
    """Return how a run's values differ from those of its mappings on ``problem``, or ""."""
    several = problem.num_objectives > 1
    try:
        values = np.asarray(problem.evaluate(run.front_cores, run.front_priorities)).reshape(len(run.front_cores), -1)
    except M3EError as error:
        return f"its stored mapping is invalid: {error}"
    claims = run.front_values
    if values.shape != claims.shape:
        return f"its stored mappings have {claims.shape[1]} value(s) each: expected {values.shape[1]}"
    with np.errstate(invalid="ignore"):  # stored values may be infinite
        differing = ~(np.abs(values - claims) <= TOLERANCE * np.abs(claims)).all(axis=1)
    if differing.any():
        first = int(differing.argmax())
        which = f"mapping {first + 1} of its stored front" if several else "its stored mapping"
        value, claim = _text(values[first], problem), _text(claims[first], problem)
        return f"the value of {which} does not match: stored {claim}, evaluated {value}"
    best, scale = (1.0 - problem.hypervolume(values), 1.0) if several else (float(values[0, 0]), float(values[0, 0]))
    if abs(best - run.best_value) <= TOLERANCE * scale:
        return ""
    return f"its best value does not match its mappings: stored {run.best_value:,.6g}, evaluated {best:,.6g}"


def _text(values: FloatArray, problem: problems.Problem) -> str:
    return " and ".join(f"{v:,.6g} {unit}" for v, unit in zip(values, problem.objective.units, strict=True))


def known_id(problem_id: str) -> ProblemId:
    """Parse a problem id without opening any file.

    Raises:
        M3EError: If the id is not known here.
    """
    with files_only_in(()):
        return problems.parse_id(problem_id)


@lru_cache(maxsize=4096)
def known_problem(problem_id: str) -> problems.Problem:
    """Return the problem with that id; cached, because its lower bound is needed repeatedly.

    A file that the id names is opened only if it is kept with the results.

    Raises:
        M3EError: If the id is not known here.
    """
    with files_only_in(_given):
        return problems.get(problem_id)
