"""Stored results are believed after their mappings have been evaluated again."""

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
"""Between these are the values of any problem: computing with them neither ends in infinity nor in nothing."""

TOLERANCE = 1e-9
"""Relative difference that another processor's rounding may make; of shortfalls the absolute one."""


_given: set[Path] = set()
"""Where campaigns that are reported on keep the files that their ids name."""


@lru_cache(maxsize=2)
def replayed(campaign: StoredCampaign) -> StoredCampaign:
    """The campaign, readable, with every run failed whose stored mappings do not have the values that it claims."""
    campaign = readable(campaign)
    return replace(campaign, runs=tuple(_checked(run) for run in campaign.runs))


def _checked(run: StoredRun) -> StoredRun:
    message = refusal(run)
    if not message:
        return run
    told = run.message if run.status == "failed" and run.message else printable(message)
    if _oddity(run):  # nothing can be made of its numbers
        return StoredRun(run.id, run.spec, run.label, run.environment, "failed", told, folder=run.folder)
    return replace(run, status="failed", message=told)


def refusal(run: StoredRun) -> str:
    """Why the results of a run are not believed, or "".

    The mappings of runs of another version of the suite, or of problems unknown here, are taken at their word.
    """
    return _unproven(run) or _oddity(run)


def _oddity(run: StoredRun) -> str:
    """What in a run's numbers cannot be right, or ""."""
    values = np.append(run.trace_values, run.best_value)
    wrong = values[(values != 0.0) & ((values < LEAST) | (np.isfinite(values) & (values > MOST)))]
    if wrong.size:
        return f"it claims a value of {wrong[0]:.6g}, where all are 0 or from {LEAST:g} to {MOST:g}"
    if (run.trace_evaluations < 1).any():
        return f"it claims an evaluation number {run.trace_evaluations.min()}, where they begin with 1"
    return ""


def _unproven(run: StoredRun) -> str:
    """What of a run's claims its stored mappings do not prove, or ""."""
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
    """What of the run's claims its mappings do not bear out, or ""."""
    several = problem.num_objectives > 1
    try:
        values = np.asarray(problem.evaluate(run.front_cores, run.front_priorities)).reshape(len(run.front_cores), -1)
    except M3EError as error:
        return f"its stored mapping is none: {error}"
    claims = run.front_values
    if values.shape != claims.shape:
        return f"its stored mappings claim {claims.shape[1]} value(s) each, the problem gives them {values.shape[1]}"
    with np.errstate(invalid="ignore"):  # claims may be infinite
        differing = ~(np.abs(values - claims) <= TOLERANCE * np.abs(claims)).all(axis=1)
    if differing.any():
        first = int(differing.argmax())
        which = f"mapping {first + 1} of its stored front" if several else "its stored mapping"
        value, claim = _text(values[first], problem), _text(claims[first], problem)
        return f"{which} is worth {value}, not the {claim} that it claims"
    best, scale = (1.0 - problem.hypervolume(values), 1.0) if several else (float(values[0, 0]), float(values[0, 0]))
    if abs(best - run.best_value) <= TOLERANCE * scale:
        return ""
    return f"its stored mappings make a value of {best:,.6g}, not the {run.best_value:,.6g} that it claims"


def _text(values: FloatArray, problem: problems.Problem) -> str:
    return " and ".join(f"{v:,.6g} {unit}" for v, unit in zip(values, problem.objective.units, strict=True))


def known_id(problem_id: str) -> ProblemId:
    """The parts of an id, for which no file is opened.

    Raises:
        M3EError: If it is not known here.
    """
    with files_only_in(()):
        return problems.parse_id(problem_id)


@lru_cache(maxsize=4096)
def known_problem(problem_id: str) -> problems.Problem:
    """The problem of that id; kept, for its lower bound is asked for again and again.

    A file that it names must be kept with the results: no other is opened.

    Raises:
        M3EError: If it is not known here.
    """
    with files_only_in(_given):
        return problems.get(problem_id)
