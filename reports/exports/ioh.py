"""Folders as the loggers of IOHexperimenter write them, for IOHanalyzer and iohinspector.

An optimizer is an algorithm with a folder of its own, in which each function has a JSON file that describes its runs,
and a DAT file per dimension with their improvements. A function is a problem id without its instance; the instance is
that of the id. The dimension is the number of variables: a core and a priority of each job. Runs of one instance stand
by seed. Only runs that found a mapping that can run are written: the format has no word for others.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from problems.foundation.errors import InvalidInput, M3EError, StorageError
from problems.foundation.files import make_folder, write_bytes
from reports.frames.runs import USED, optimizer_names
from reports.storage.readable import readable_id
from reports.storage.replay import CheckedCampaign, CheckedRun, known_id
from reports.storage.spec import folder_name

VERSION = "0.4.2"
"""Version of ``ioh`` whose files these are like."""

LARGEST = 2**16 - 1
"""Largest function, dimension or instance number that readers take."""

LONGEST = 60
"""Length of the readable part of a file's name."""


def write_ioh(campaign: CheckedCampaign, folder: Path) -> list[Path]:
    """Write a folder per optimizer.

    Returns:
        Paths of the JSON files.

    Raises:
        InvalidInput: If a dimension or instance is larger than the format takes.
        StorageError: If there is something in the folder, or it cannot be written.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise StorageError(f"there is something in {folder}: expected a new folder, as readers take all that is in it")
    names = optimizer_names(campaign)
    runs = [run for run in campaign.runs if run.status in USED and np.isfinite(run.best_value)]
    functions = _functions(runs)
    numbers = {name: number for number, name in enumerate(sorted(set(functions.values())), 1)}
    _check("number of functions", len(numbers))
    grouped: dict[str, dict[str, list[CheckedRun]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        grouped[names[run.id]][functions[run.id]].append(run)
    paths = []
    for place, (algorithm, by_function) in enumerate(grouped.items(), 1):
        own = folder / f"{place:03}-{folder_name(algorithm)[:LONGEST]}"
        for function, done in by_function.items():
            paths.append(_write_function(own, algorithm, function, numbers[function], done))
    return paths


def left_out(campaign: CheckedCampaign) -> int:
    """Return how many runs the format cannot hold."""
    return sum(run.status not in USED or not np.isfinite(run.best_value) for run in campaign.runs)


def _functions(runs: list[CheckedRun]) -> Mapping[str, str]:
    """Return the function of each run, by run id; budgets and versions are named where one problem has several."""
    several = {(r.spec.budget, r.spec.suite_version) for r in runs}
    budgets, versions = ({pair[i] for pair in several} for i in (0, 1))

    def name(run: CheckedRun) -> str:
        budget = f", budget {run.spec.budget}" if len(budgets) > 1 else ""
        version = f", suite {run.spec.suite_version}" if len(versions) > 1 else ""
        return f"{_without_instance(run.spec.problem)}{budget}{version}"

    return {run.id: name(run) for run in runs}


def _without_instance(problem_id: str) -> str:
    parts = problem_id.split("/")
    instance = f"i{_instance(problem_id)}"
    return readable_id("/".join(part for part in parts if part != instance))


def _instance(problem_id: str) -> int:
    """Return the number of an id's instance; 0 if it is not known here."""
    try:
        return int(known_id(problem_id).instance)
    except (M3EError, TypeError):
        return 0


def _write_function(folder: Path, algorithm: str, function: str, number: int, runs: list[CheckedRun]) -> Path:
    """Write the files of an optimizer on a function; return the path of the JSON file."""
    stem = f"f{number}_{folder_name(function)[:LONGEST]}"
    scenarios = []
    by_dimension: dict[int, list[CheckedRun]] = defaultdict(list)
    for run in runs:
        by_dimension[_check("dimension", 2 * run.cores.size)].append(run)
    for dimension, own in sorted(by_dimension.items()):
        own.sort(key=lambda run: (_instance(run.spec.problem), run.spec.seed))
        data = f"data_{stem}/IOHprofiler_f{number}_DIM{dimension}.dat"
        make_folder((folder / data).parent)
        lines = (line for run in own for line in _improvements(run))
        write_bytes(folder / data, "".join(f"{line}\n" for line in lines).encode())
        scenarios.append({"dimension": dimension, "path": data, "runs": [_run(run) for run in own]})
    first = runs[0]
    content = {
        "version": VERSION,
        "suite": f"m3e {first.spec.suite_version}",
        "function_id": number,
        "function_name": function,
        "maximization": False,
        "algorithm": {"name": algorithm, "info": first.spec.optimizer},
        "experiment_attributes": [{"budget": str(first.spec.budget)}],
        "attributes": ["evaluations", "raw_y"],
        "scenarios": scenarios,
    }
    path = folder / f"IOHprofiler_{stem}.json"
    write_bytes(path, (json.dumps(content, indent=1, allow_nan=False) + "\n").encode())
    return path


def _run(run: CheckedRun) -> dict[str, object]:
    return {
        "instance": _check("instance", _instance(run.spec.problem)),
        "evals": run.num_evaluations,
        "best": {
            "evals": int(run.trace_evaluations[-1]),
            "y": run.best_value,
            "x": [*run.cores.tolist(), *run.priorities.tolist()],
        },
    }


def _improvements(run: CheckedRun) -> Iterator[str]:
    """Yield the lines of a run: a header, a first line for evaluation 1, improvements, and the last evaluation."""
    yield "evaluations raw_y"
    values = np.where(np.isfinite(run.trace_values), run.trace_values, np.inf).tolist()
    points = dict(zip(run.trace_evaluations.tolist(), values, strict=True))
    points = {1: np.inf} | points | ({} if run.num_evaluations in points else {run.num_evaluations: values[-1]})
    for evaluation, value in points.items():
        yield f"{evaluation} {value!r}"


def _check(what: str, number: int) -> int:
    if number > LARGEST:
        raise InvalidInput(f"IOH format: {what}", expected=f"at most {LARGEST:,}", actual=f"{number:,}")
    return number
