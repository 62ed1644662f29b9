"""Write runs into their folders; ``reports.storage.run_folder`` documents and reads the format."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from optimizers.result import Result
from problems.foundation.files import make_folder, write_atomically, write_json
from problems.foundation.json_values import finite_or_none
from reports.storage.run_folder import FORMAT, JOURNAL_FILE, TRACE_FILE
from reports.storage.spec import RunSpec


def begin_run(folder: Path, spec: RunSpec, environment: Mapping[str, object]) -> None:
    """Create the run's folder, replacing any old one, and write the specification into it.

    Raises:
        StorageError: If the folder cannot be written.
    """
    remove_run(folder)
    make_folder(folder)
    write_spec(folder, spec, environment)


def remove_run(folder: Path) -> None:
    """Remove a run's folder if it exists; if it is a link, remove only the link, never its target."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def write_spec(folder: Path, spec: RunSpec, environment: Mapping[str, object]) -> None:
    """Write the run's specification and environment into its folder.

    Raises:
        StorageError: If the folder cannot be written.
    """
    content = {"format": FORMAT, "id": spec.id, "spec": spec.to_json(), "environment": environment}
    write_json(folder / "spec.json", content)


def end_run(folder: Path, problem: str, result: Result | None, status: str, message: str, started: datetime) -> None:
    """Write the run's results, then its end record.

    Raises:
        StorageError: If the folder cannot be written.
    """
    if result is not None:
        _write_result(folder, problem, result, started)
    end = {
        "status": status,
        "message": message,
        "num_evaluations": result.num_evaluations if result else 0,
        "best_value": finite_or_none(result.best_value) if result else None,
    }
    write_json(folder / "end.json", end)
    (folder / JOURNAL_FILE).unlink(missing_ok=True)


def _write_result(folder: Path, problem: str, result: Result, started: datetime) -> None:
    values = [finite_or_none(v) for v in result.trace_values.tolist()]
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
        write_atomically(folder / TRACE_FILE, partial(_write_trace, result))


def _write_trace(result: Result, file: IO[bytes]) -> None:
    """Write all evaluated values and, if they were kept, all mappings."""
    if result.all_cores.size:
        cores, priorities = result.all_cores, result.all_priorities
        np.savez_compressed(file, values=result.all_values, cores=cores, priorities=priorities)
    else:
        np.savez_compressed(file, values=result.all_values)


def _mapping(result: Result) -> dict[str, object]:
    """Return the best mapping as JSON values, with several objectives also the front."""
    best = {
        "value": finite_or_none(result.best_value),
        "cores": result.best_cores.tolist(),
        "priorities": result.best_priorities.tolist(),
    }
    if result.front_values.shape[1] == 1:
        return best
    parts = (result.front_cores.tolist(), result.front_priorities.tolist(), result.front_values.tolist())
    return best | {"front": [{"cores": c, "priorities": p, "values": v} for c, p, v in zip(*parts, strict=True)]}
