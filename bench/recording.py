"""Writing runs and campaigns into their folders; ``bench.store`` tells the format and reads it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

import problems
from bench.files import make_folder, not_linked, write_atomically, write_bytes, write_json
from bench.spec import RunSpec
from bench.store import CAMPAIGN_FILE, FILES_FOLDER, FORMAT, JOURNAL_FILE, TRACE_FILE, Absent, PlannedRun
from problems.ids import FILE, MOST_BYTES, checked_file, copy_name
from problems.importing.files import read_bytes

if TYPE_CHECKING:
    from optimizers import Result


def begin_run(folder: Path, spec: RunSpec, environment: Mapping[str, Any]) -> None:
    """Make the run's folder anew and say in it what will be run.

    Raises:
        StorageError: If the folder cannot be written.
    """
    remove_run(folder)
    make_folder(folder)
    write_spec(folder, spec, environment)


def remove_run(folder: Path) -> None:
    """Remove a run's folder, if there is one; of a link only the link, never what it points to."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def write_spec(folder: Path, spec: RunSpec, environment: Mapping[str, Any]) -> None:
    """Say in the run's folder what is run, and with what.

    Raises:
        StorageError: If the folder cannot be written.
    """
    content = {"format": FORMAT, "id": spec.id, "spec": spec.to_json(), "environment": environment}
    write_json(folder / "spec.json", content)


def end_run(folder: Path, problem: str, result: Result | None, status: str, message: str, started: datetime) -> None:
    """Store what was found, and the end record last.

    Raises:
        StorageError: If the folder cannot be written.
    """
    if result is not None:
        _write_result(folder, problem, result, started)
    end = {
        "status": status,
        "message": message,
        "num_evaluations": result.num_evaluations if result else 0,
        "best_value": _finite(result.best_value) if result else None,
    }
    write_json(folder / "end.json", end)
    (folder / JOURNAL_FILE).unlink(missing_ok=True)


def _write_result(folder: Path, problem: str, result: Result, started: datetime) -> None:
    values = [_finite(v) for v in result.trace_values.tolist()]
    write_json(folder / "trajectory.json", {"evaluations": result.trace_evaluations.tolist(), "values": values})
    write_json(folder / "mapping.json", {"problem": problem} | _mapping(result))
    timing = {
        "started": started.isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": vars(result.seconds),
        "trajectory_seconds": result.trace_seconds.tolist(),
        "checkpoints": result.checkpoints.tolist(),
    }
    write_json(folder / "timing.json", timing)
    if result.all_values.size:
        trace: dict[str, Any] = {"values": result.all_values}
        if result.all_cores.size:
            trace |= {"cores": result.all_cores, "priorities": result.all_priorities}
        write_atomically(folder / TRACE_FILE, lambda file: np.savez_compressed(file, **trace))


def _mapping(result: Result) -> dict[str, Any]:
    """The best mapping as JSON values, and with several objectives the front."""
    best = {
        "value": _finite(result.best_value),
        "cores": result.best_cores.tolist(),
        "priorities": result.best_priorities.tolist(),
    }
    if result.front_values.shape[1] == 1:
        return best
    parts = (result.front_cores.tolist(), result.front_priorities.tolist(), result.front_values.tolist())
    return best | {"front": [{"cores": c, "priorities": p, "values": v} for c, p, v in zip(*parts, strict=True)]}


def _finite(value: float) -> float | None:
    """JSON has no infinity: a mapping that cannot run is null."""
    return value if np.isfinite(value) else None


def write_campaign(
    folder: Path, name: str, planned: Sequence[PlannedRun], absent: Mapping[str, Absent] = MappingProxyType({})
) -> None:
    """Say in the campaign's folder which runs belong to it, and which optimizers are left out.

    Raises:
        StorageError: If the folder cannot be written.
    """
    content: dict[str, Any] = {"format": FORMAT, "name": name, "runs": [vars(run) for run in planned]}
    if absent:
        content["absent"] = {label: vars(gap) for label, gap in absent.items()}
    write_json(folder / CAMPAIGN_FILE, content)


def keep_files(folder: Path, problem_ids: Iterable[str]) -> None:
    """Copy the workloads and platforms that problem ids name into the campaign's folder: reports read no others.

    Raises:
        InvalidInput: If one has changed.
        StorageError: If the folder cannot be written.
    """
    parts = [problems.parse_id(problem_id) for problem_id in problem_ids]
    names = {(name, what) for p in parts for name, what in ((p.task, "workload"), (p.platform, "platform"))}
    for name, what in sorted(names):
        copy = folder / FILES_FOLDER / copy_name(name)
        if name.startswith(FILE) and not copy.exists():
            make_folder(not_linked(copy.parent))
            content = read_bytes(checked_file(name, what), MOST_BYTES)
            write_bytes(copy, content)
