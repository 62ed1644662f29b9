"""Verify stored results by evaluating their mappings again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import NewType

import numpy as np

import problems
from problems.arrays import FloatArray
from problems.foundation.errors import M3EError, StorageError
from problems.foundation.text import printable
from problems.ids import ProblemId, files_only_in
from reports.storage.campaign_folder import StoredCampaign
from reports.storage.mapping_file import StoredMapping
from reports.storage.readable import readable
from reports.storage.record import StoredRun

LEAST, MOST = 1e-100, 1e100
"""Range of valid nonzero values, in which computations neither overflow nor underflow."""

TOLERANCE = 1e-9
"""Maximum difference due to rounding on other processors: relative, but absolute for shortfalls."""

Folders = tuple[Path, ...]
"""Folders with copies of the files that problem ids name."""

CheckedRun = NewType("CheckedRun", StoredRun)
"""A run whose values are those of its mappings, or that counts as failed."""


@dataclass(frozen=True, eq=False)
class CheckedCampaign(StoredCampaign):
    """A campaign whose texts are printable and whose runs were checked: what may be drawn and judged."""

    runs: tuple[CheckedRun, ...]


def replayed(campaign: StoredCampaign) -> CheckedCampaign:
    """Return the campaign with printable texts; runs whose values do not match their stored mappings are failed."""
    if isinstance(campaign, CheckedCampaign):
        return campaign
    campaign = readable(campaign)
    content = {f.name: getattr(campaign, f.name) for f in fields(campaign)}
    return CheckedCampaign(**content | {"runs": tuple(_checked(run, campaign.files) for run in campaign.runs)})


def _checked(run: StoredRun, files: Folders) -> CheckedRun:
    message = refusal(run, files)
    if not message:
        return CheckedRun(run)
    told = run.message if run.status == "failed" and run.message else printable(message)
    if _oddity(run):  # its numbers are unusable
        return CheckedRun(StoredRun(run.id, run.spec, run.label, run.environment, "failed", told, place=run.place))
    return CheckedRun(replace(run, status="failed", message=told))


def believed(mapping: StoredMapping) -> StoredMapping:
    """Return mappings whose values are as stored.

    Raises:
        StorageError: If they are not.
    """
    found = objection_of(mapping.run, mapping.problem)
    if found:
        raise StorageError(f"{mapping.run.place} is not to be believed: {found.message}")
    return mapping


@dataclass(frozen=True)
class Objection:
    """Why the results of a run are rejected.

    Attributes:
        message: As a clause.
        what: What does not fit.
        expected: What would.
        actual: What is stored.
    """

    message: str
    what: str
    expected: str
    actual: str


def refusal(run: StoredRun, files: Folders = ()) -> str:
    """Return why the results of a run are rejected, or "".

    Runs of another suite version, or of problems unknown here, cannot be evaluated; their values are accepted.
    """
    found = objection_of(run, evaluable(run, files))
    return found.message if found else ""


def evaluable(run: StoredRun, files: Folders = ()) -> problems.Problem | None:
    """Return the problem of a run, if it can be evaluated here; ``files`` as in ``known_problem``."""
    if run.spec.suite_version != problems.SUITE_VERSION:
        return None
    try:
        return known_problem(run.spec.problem, files)
    except M3EError:
        return None


def objection_of(run: StoredRun, problem: problems.Problem | None) -> Objection | None:
    """Return why the results of a run on ``problem`` are rejected; unevaluated if that is None."""
    odd = _oddity(run)
    if problem is not None and len(run.front_values):
        return _contradiction(run, problem) or odd
    return odd


def _oddity(run: StoredRun) -> Objection | None:
    """Return which of a run's numbers is impossible."""
    values = np.append(run.trace_values, run.best_value)
    wrong = values[(values != 0.0) & ((values < LEAST) | (np.isfinite(values) & (values > MOST)))]
    if wrong.size:
        return _odd("value", f"0, or from {LEAST:g} to {MOST:g}", f"{wrong[0]:.6g}", " of")
    if (run.trace_evaluations < 1).any():
        return _odd("evaluation number", "1 or more", str(run.trace_evaluations.min()), "")
    return None


def _odd(what: str, expected: str, actual: str, of: str) -> Objection:
    article = "an" if what[0] in "aeiou" else "a"
    return Objection(f"it has {article} {what}{of} {actual}: expected {expected}", what, expected, actual)


def _contradiction(run: StoredRun, problem: problems.Problem) -> Objection | None:
    """Return how a run's values differ from those of its mappings on ``problem``."""
    several = problem.num_objectives > 1
    try:
        values = np.asarray(problem.evaluate(run.front_cores, run.front_priorities)).reshape(len(run.front_cores), -1)
    except M3EError as error:
        return Objection(f"its stored mapping is invalid: {error}", "stored mapping", "a valid one", str(error))
    claims = run.front_values
    if values.shape != claims.shape:
        message = f"its stored mappings have {claims.shape[1]} value(s) each: expected {values.shape[1]}"
        return Objection(message, "values of a stored mapping", str(values.shape[1]), str(claims.shape[1]))
    with np.errstate(invalid="ignore"):  # stored values may be infinite
        differing = ~(np.abs(values - claims) <= TOLERANCE * np.abs(claims)).all(axis=1)
    if differing.any():
        first = int(differing.argmax())
        which = f"mapping {first + 1} of its stored front" if several else "its stored mapping"
        value, claim = _text(values[first], problem), _text(claims[first], problem)
        message = f"the value of {which} does not match: stored {claim}, evaluated {value}"
        return Objection(message, f"value of {which}", value, claim)
    best, scale = (1.0 - problem.hypervolume(values), 1.0) if several else (float(values[0, 0]), float(values[0, 0]))
    if abs(best - run.best_value) <= TOLERANCE * scale:
        return None
    claim, value = f"{run.best_value:,.6g}", f"{best:,.6g}"
    message = f"its best value does not match its mappings: stored {claim}, evaluated {value}"
    return Objection(message, "best value", value, claim)


def _text(values: FloatArray, problem: problems.Problem) -> str:
    return " and ".join(f"{v:,.6g} {unit}" for v, unit in zip(values, problem.objective.units, strict=True))


def known_id(problem_id: str) -> ProblemId:
    """Parse a problem id without opening any file.

    Raises:
        M3EError: If the id is not known here.
    """
    with files_only_in(()):
        return problems.parse_id(problem_id)


def is_for_tuning(problem_id: str) -> bool:
    """Whether a problem is known, and one for tuning."""
    with suppress(M3EError):
        return known_id(problem_id).for_tuning
    return False


@lru_cache(maxsize=4096)
def known_problem(problem_id: str, files: Folders = ()) -> problems.Problem:
    """Return the problem with that id; cached, because its lower bound is needed repeatedly.

    A file that the id names is opened only if it is kept with the results.

    Args:
        problem_id: The id.
        files: Folders with copies of files, as a campaign has them.

    Raises:
        M3EError: If the id is not known here.
    """
    with files_only_in(files):
        return problems.get(problem_id)
