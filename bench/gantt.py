"""The schedule of a stored mapping: of a campaign's run, or of ``m3e map``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

import problems
from bench.errors import StorageError
from bench.mapping import read_mapping
from bench.store import CAMPAIGN_FILE, StoredRun, read_campaign, read_run

MAPPING = "mapping.json"
FOLDER = "schedule"
"""Of a run, where its views go unless told."""

Stored = tuple[problems.Problem, npt.NDArray[np.int64], npt.NDArray[np.float64]]
"""A problem, and the cores ``(G,)`` and priorities ``(G,)`` of a mapping."""


def stored_mapping(path: Path) -> Stored:
    """The mapping at ``path``: a run's folder, or the mapping file of ``m3e map`` or its folder.

    With two objectives it is the front's first.

    Raises:
        StorageError: If there is none, or it has not the value that it claims.
        UnknownName, InvalidInput: If a run's problem is not known here.
    """
    if (path / "spec.json").is_file():
        return _of_run(path, read_run(path))
    if (path / CAMPAIGN_FILE).is_file():
        raise StorageError(f"{path} is a campaign: expected one of its runs, {_example(path)}")
    file = path / MAPPING if path.is_dir() else path
    if not file.is_file():
        raise StorageError(f"no mapping in {path}: expected a run's folder, or what 'm3e map' has written")
    mapping = read_mapping(file)
    return mapping.problem, mapping.cores[0], mapping.priorities[0]


def _of_run(path: Path, run: StoredRun) -> Stored:
    if not len(run.front_values):
        reason = f" ({run.message})" if run.message else ""
        raise StorageError(f"{path} has no mapping to draw: the run is {run.status}{reason} and has found none")
    if run.spec.suite_version != problems.SUITE_VERSION:
        expected = f"expected one of suite version {problems.SUITE_VERSION}, got {run.spec.suite_version}"
        raise StorageError(f"{path} cannot be drawn: {expected}, where {run.spec.problem} may mean other numbers")
    problem = problems.get(run.spec.problem)
    if run.front_cores.shape[1] != problem.num_jobs:
        jobs = f"expected {problem.num_jobs} jobs, got {run.front_cores.shape[1]}"
        raise StorageError(f"{path} is damaged: its mapping is none of {problem.id}: {jobs}")
    return problem, run.front_cores[0], run.front_priorities[0]


def _example(path: Path) -> str:
    """One of a campaign's runs, the best on its first problem."""
    runs = [run for run in read_campaign([path]).runs if len(run.front_values)]
    if not runs:
        return "but none has found a mapping yet"
    own = [run for run in runs if run.spec.problem == runs[0].spec.problem]
    return f"for instance the best on {runs[0].spec.problem}: {path / min(own, key=lambda r: r.best_value).id}"
