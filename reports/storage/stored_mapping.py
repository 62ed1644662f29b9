"""Read stored mappings, from a run of a campaign or from ``m3e map``."""

from __future__ import annotations

from pathlib import Path

import problems
from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import StorageError
from problems.foundation.files import is_there
from problems.ids import files_only_in
from reports.storage.campaign_folder import CAMPAIGN_FILE, FILES_FOLDER, read_campaign
from reports.storage.mapping_file import MAPPING, MappingFile, read_mapping
from reports.storage.run_folder import StoredRun, read_run

FOLDER = "schedule"
"""Default sub-folder of a run for schedule views."""

Stored = tuple[problems.Problem, IntArray, FloatArray]
"""Problem, and cores ``(G,)`` and priorities ``(G,)`` of a mapping."""


def stored_mapping(path: Path) -> Stored:
    """Return the mapping at ``path``; with two objectives, the first of the front.

    Raises:
        StorageError, UnknownName, InvalidInput: As ``mappings_at``.
    """
    found = mappings_at(path)
    return found.problem, found.cores[0], found.priorities[0]


def mappings_at(path: Path) -> MappingFile:
    """Return the mappings at ``path``: a run's folder, a mapping file of ``m3e map``, or the folder of one.

    Raises:
        StorageError: If there is none, or its value does not match.
        UnknownName, InvalidInput: If a run's problem is not known here.
    """
    if is_there(path / "spec.json"):
        return _of_run(path, read_run(path))
    if is_there(path / CAMPAIGN_FILE):
        raise StorageError(f"{path} is a campaign: expected one of its runs, {_example(path)}")
    if not is_there(path) or (path.is_dir() and not is_there(path / MAPPING)):
        raise StorageError(f"no mapping in {path}: expected a run's folder, or a mapping file of 'm3e map'")
    return read_mapping(path)


def _of_run(path: Path, run: StoredRun) -> MappingFile:
    if not len(run.front_values):
        reason = f" ({run.message})" if run.message else ""
        raise StorageError(f"{path} has no mapping: the run is {run.status}{reason} and has found none")
    if run.spec.suite_version != problems.SUITE_VERSION:
        expected = f"expected one of suite version {problems.SUITE_VERSION}, got {run.spec.suite_version}"
        raise StorageError(f"{path} cannot be read: {expected}, in which {run.spec.problem} may be a different problem")
    with files_only_in([path.absolute().parent / FILES_FOLDER]):
        problem = problems.get(run.spec.problem)
    if run.front_cores.shape[1] != problem.num_jobs:
        jobs = f"expected {problem.num_jobs} jobs, got {run.front_cores.shape[1]}"
        raise StorageError(f"{path} is damaged: its mapping does not fit {problem.id}: {jobs}")
    found_by = {"optimizer": run.label, "seed": run.spec.seed, "evaluations": run.num_evaluations}
    return MappingFile(
        problem=problem,
        cores=run.front_cores,
        priorities=run.front_priorities,
        values=run.front_values,
        suite_version=run.spec.suite_version,
        found_by=found_by,
    )


def _example(path: Path) -> str:
    """Return text that names the best run on a campaign's first problem, for an error message."""
    runs = [run for run in read_campaign([path]).runs if len(run.front_values)]
    if not runs:
        return "but none has found a mapping yet"
    own = [run for run in runs if run.spec.problem == runs[0].spec.problem]
    return f"for instance the best on {runs[0].spec.problem}: {path / min(own, key=lambda r: r.best_value).id}"
