"""Run folders: how a run is stored, and read back at any stage.

A folder holds ``spec.json`` (what was run, with which versions), then ``trajectory.json`` (improvements),
``mapping.json`` (the best mapping), ``timing.json`` (everything that differs between two equal runs), if asked for
``trace.npz`` (every makespan), and, written last, ``end.json``. A run is complete only by that end record. Every
file is written atomically; all that does not depend on the clock is the same, to the byte, whenever and
wherever the run is done. Merging campaigns is copying run folders together.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bench.errors import InvalidInput, StorageError
from bench.files import make_folder, read_json, write_atomically, write_json
from bench.spec import RunSpec

if TYPE_CHECKING:
    from optimizers import Result

FORMAT = 1
CAMPAIGN_FILE = "campaign.json"
STATUSES = ("complete", "cut", "failed")

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A run as its folder tells it, finished or not.

    Attributes:
        id: The folder's name.
        spec: What was to be run.
        label: How the campaign calls the optimizer.
        environment: ``versions`` of the libraries, ``settings`` of the optimizer, ``python``.
        status: ``complete``, ``cut`` (wall limit), ``failed``, or ``unfinished`` (no end record).
        message: Why it was cut or failed.
        num_evaluations: Mappings scored.
        best_cycles: Lowest makespan, NaN if there is none.
        trace_evaluations: ``(n,)`` evaluations, from 1, at which the best improved.
        trace_cycles: ``(n,)`` the best then.
        trace_seconds: ``(n,)`` when.
        checkpoints: ``(m, 2)`` evaluations and seconds.
        seconds: ``ask``, ``tell``, ``evaluate`` and ``total``.
        cores: ``(G,)`` of the best mapping, or empty.
        priorities: ``(G,)``, likewise.
    """

    id: str
    spec: RunSpec
    label: str
    environment: Mapping[str, Any]
    status: str = "unfinished"
    message: str = ""
    num_evaluations: int = 0
    best_cycles: float = np.nan
    trace_evaluations: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    trace_cycles: FloatArray = field(default_factory=lambda: np.zeros(0))
    trace_seconds: FloatArray = field(default_factory=lambda: np.zeros(0))
    checkpoints: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    seconds: Mapping[str, float] = field(default_factory=dict)
    cores: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    priorities: FloatArray = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class PlannedRun:
    """What a campaign says of one of its runs before it is begun.

    Attributes:
        id: The folder's name.
        label: How the campaign calls the optimizer.
        problem: Problem id.
        budget: Evaluations.
    """

    id: str
    label: str
    problem: str
    budget: int

    @classmethod
    def of(cls, spec: RunSpec, label: str) -> PlannedRun:
        """The plan of a run."""
        return cls(spec.id, label, spec.problem, spec.budget)


@dataclass(frozen=True)
class StoredCampaign:
    """What one or more result folders hold.

    Attributes:
        name: Of the campaign, or campaigns.
        runs: Those that can be read, in the campaign's order; runs of other specifications left out.
        planned: All runs of the campaign; those found if no campaign file is there.
        unreadable: Folder name and what is wrong with it.
        foreign: Ids of runs in the folders that the campaign does not name.
    """

    name: str
    runs: tuple[StoredRun, ...]
    planned: tuple[PlannedRun, ...]
    unreadable: Mapping[str, str]
    foreign: tuple[str, ...]


def begin_run(folder: Path, spec: RunSpec, label: str, environment: Mapping[str, Any]) -> None:
    """Make the run's folder anew and say in it what will be run.

    Raises:
        StorageError: If the folder cannot be written.
    """
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
    make_folder(folder)
    write_spec(folder, spec, label, environment)


def write_spec(folder: Path, spec: RunSpec, label: str, environment: Mapping[str, Any]) -> None:
    """Say in the run's folder what is run, and with what.

    Raises:
        StorageError: If the folder cannot be written.
    """
    content = {"format": FORMAT, "id": spec.id, "label": label, "spec": spec.to_json(), "environment": environment}
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
        "stopped": result.stopped if result else "error",
        "num_evaluations": result.num_evaluations if result else 0,
        "best_cycles": _finite(result.best_value) if result else None,
    }
    write_json(folder / "end.json", end)


def _write_result(folder: Path, problem: str, result: Result, started: datetime) -> None:
    values = [_finite(v) for v in result.trace_values.tolist()]
    write_json(folder / "trajectory.json", {"evaluations": result.trace_evaluations.tolist(), "cycles": values})
    mapping = {
        "problem": problem,
        "makespan_cycles": _finite(result.best_value),
        "cores": result.best_cores.tolist(),
        "priorities": result.best_priorities.tolist(),
    }
    write_json(folder / "mapping.json", mapping)
    timing = {
        "started": started.isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": vars(result.seconds),
        "trajectory_seconds": result.trace_seconds.tolist(),
        "checkpoints": result.checkpoints.tolist(),
    }
    write_json(folder / "timing.json", timing)
    if result.all_values.size:
        write_atomically(
            folder / "trace.npz", lambda file: np.savez_compressed(file, makespan_cycles=result.all_values)
        )


def _finite(value: float) -> float | None:
    """JSON has no infinity: a mapping that cannot run is null."""
    return value if np.isfinite(value) else None


def has_ended(folder: Path) -> str:
    """The status in the end record of a run folder, or "" if the run must be done (again).

    A folder without an end record, or with one that cannot be read in full, has not ended.
    """
    if not (folder / "end.json").is_file():
        return ""
    try:
        return read_run(folder).status
    except StorageError:
        return ""


def read_run(folder: Path) -> StoredRun:
    """The run in ``folder``, whatever stage it is at.

    Raises:
        StorageError: If a file that should be there is missing or damaged.
    """
    head = read_json(folder / "spec.json")
    try:
        spec = RunSpec.from_json(head["spec"])
        _expect("format", FORMAT, head["format"])
        _expect("the id of the specification", spec.id, head["id"])
        run: dict[str, Any] = {"id": spec.id, "spec": spec, "label": head["label"], "environment": head["environment"]}
        if not isinstance(run["label"], str) or not isinstance(run["environment"], dict):
            raise TypeError("label must be a text and environment a table")
        if (folder / "end.json").is_file():
            run |= _read_end(folder)
        return StoredRun(**run)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = str(error) if isinstance(error, InvalidInput) else f"{type(error).__name__}: {error}"
        raise StorageError(f"{folder} is damaged: {reason}") from error


def _expect(what: str, expected: object, actual: object) -> None:
    if actual != expected:
        raise InvalidInput(what, expected=repr(expected), actual=actual)


def _read_end(folder: Path) -> dict[str, Any]:
    """The fields that the end record makes valid, if they agree with each other."""
    end = read_json(folder / "end.json")
    if end["status"] not in STATUSES:
        raise InvalidInput("end.json: status", expected=" or ".join(STATUSES), actual=end["status"])
    run = {
        "status": end["status"],
        "message": str(end["message"]),
        "num_evaluations": int(end["num_evaluations"]),
        "best_cycles": _number(end["best_cycles"]),
    }
    return run | _read_result(folder, end) if end["num_evaluations"] else run


def _read_result(folder: Path, end: Mapping[str, Any]) -> dict[str, Any]:
    """Trajectory, mapping and timing of a run that evaluated something."""
    trajectory, mapping = read_json(folder / "trajectory.json"), read_json(folder / "mapping.json")
    timing = read_json(folder / "timing.json")
    evaluations, cycles = trajectory["evaluations"], trajectory["cycles"]
    _expect("trajectory.json: last cycles", end["best_cycles"], cycles[-1] if cycles else None)
    _expect("mapping.json: makespan_cycles", end["best_cycles"], mapping["makespan_cycles"])
    for what, values in (("evaluations", evaluations), ("seconds", timing["trajectory_seconds"])):
        _expect(f"number of {what} in the trajectory", len(cycles), len(values))
    return {
        "trace_evaluations": np.array(evaluations, dtype=np.int64),
        "trace_cycles": np.array([_number(v) for v in cycles]),
        "trace_seconds": np.array(timing["trajectory_seconds"], dtype=np.float64),
        "checkpoints": np.array(timing["checkpoints"], dtype=np.float64).reshape(-1, 2),
        "seconds": {part: float(timing["seconds"][part]) for part in ("ask", "tell", "evaluate", "total")},
        "cores": np.array(mapping["cores"], dtype=np.int64),
        "priorities": np.array(mapping["priorities"], dtype=np.float64),
    }


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def write_campaign(folder: Path, name: str, planned: Sequence[PlannedRun]) -> None:
    """Say in the campaign's folder which runs belong to it.

    Raises:
        StorageError: If the folder cannot be written.
    """
    write_json(folder / CAMPAIGN_FILE, {"format": FORMAT, "name": name, "runs": [vars(run) for run in planned]})


def read_campaign(folders: Sequence[Path]) -> StoredCampaign:
    """All runs in the campaign folders, complete or not; equal runs of several folders count once.

    Raises:
        StorageError: If a folder is not there or a campaign file is damaged.
    """
    runs: dict[str, StoredRun] = {}
    unreadable: dict[str, str] = {}
    planned: dict[str, PlannedRun] = {}
    names: dict[str, None] = {}
    for folder in folders:
        name, plan = _read_campaign_file(folder)
        found, damaged = _read_runs(folder)
        if plan is None:
            plan = [PlannedRun.of(run.spec, run.label) for run in found]
        names[name] = None
        unreadable |= damaged
        planned |= {run.id: run for run in plan}
        for run in found:
            if run.id not in runs or runs[run.id].status == "unfinished":
                runs[run.id] = run
    return StoredCampaign(
        name=" + ".join(names),
        runs=tuple(runs[i] for i in planned if i in runs),
        planned=tuple(planned.values()),
        unreadable=unreadable,
        foreign=tuple(i for i in runs if i not in planned),
    )


def _read_runs(folder: Path) -> tuple[list[StoredRun], dict[str, str]]:
    """The runs in a campaign's folder, and what is wrong with those that cannot be read."""
    found: list[StoredRun] = []
    damaged: dict[str, str] = {}
    for path in _run_folders(folder):
        try:
            found.append(read_run(path))
        except StorageError as error:
            damaged[path.name] = str(error)
    return found, damaged


def _read_campaign_file(folder: Path) -> tuple[str, list[PlannedRun] | None]:
    """The campaign's name and its runs; None if no campaign file tells."""
    if not folder.is_dir():
        raise StorageError(f"no results in {folder}: expected a folder that 'm3e run' has written")
    path = folder / CAMPAIGN_FILE
    if not path.exists():
        return folder.name, None
    content = read_json(path)
    try:
        return str(content["name"]), [PlannedRun(**run) for run in content["runs"]]
    except (KeyError, TypeError) as error:
        raise StorageError(f"{path} is damaged: expected the keys name and runs, got {error}") from error


def _run_folders(folder: Path) -> Iterator[Path]:
    return (path.parent for path in sorted(folder.glob("*/spec.json")))
