"""Run folders: how a run is stored, and read back at any stage.

A folder holds ``spec.json`` (what was run, with which versions), then ``trajectory.json`` (improvements),
``mapping.json`` (the best mapping, and with two objectives the front), ``timing.json`` (everything that differs
between two equal runs), if asked for ``trace.npz`` (every value), and, written last, ``end.json``. A run is complete
only by that end record. Every file is written atomically; all that does not depend on the clock is the same, to the
byte, whenever and wherever the run is done. Merging campaigns is copying run folders together.

The value of a run is the lowest that it found of the problem's objective, in its unit; with two objectives it is the
hypervolume shortfall of the front. It is null where no mapping that can run was found.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from bench.errors import InvalidInput, StorageError
from bench.files import read_json
from bench.spec import RunSpec
from bench.text import printable, text_of

FORMAT = 3
CAMPAIGN_FILE = "campaign.json"
TRACE_FILE = "trace.npz"
FILES_FOLDER = "files"
"""In a campaign's folder: copies of the workloads and platforms that its problem ids name."""

JOURNAL_FILE = "journal"
"""In a run's folder while its process is at work: what was evaluated so far."""

STATUSES = ("complete", "cut", "failed")
PARTS = ("ask", "tell", "evaluate", "total")
"""Of a run's time."""

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A run as its folder tells it, finished or not.

    Attributes:
        id: The folder's name.
        spec: What was to be run.
        label: How the campaign calls the optimizer; its name if no campaign does.
        environment: ``versions`` of the libraries, ``settings`` and ``first_population`` of the optimizer, ``python``.
        status: ``complete``, ``cut`` (wall limit), ``failed``, or ``unfinished`` (no end record).
        message: Why it was cut or failed.
        num_evaluations: Mappings scored.
        best_value: Lowest value, NaN if there is none; of two objectives the hypervolume shortfall.
        trace_evaluations: ``(n,)`` evaluations, from 1, at which the best improved.
        trace_values: ``(n,)`` the best then.
        trace_seconds: ``(n,)`` when.
        checkpoints: ``(m, 2)`` evaluations and seconds.
        seconds: ``ask``, ``tell``, ``evaluate`` and ``total``.
        cores: ``(G,)`` of the best mapping, or empty; of two objectives of the front's first.
        priorities: ``(G,)``, likewise.
        front_values: ``(m, k)`` of the mappings that no other dominates, by ascending first value; with one objective
            of the best alone. None of them if none can run.
        front_cores: ``(m, G)``, likewise.
        front_priorities: ``(m, G)``, likewise.
        folder: Where it was read.
    """

    id: str
    spec: RunSpec
    label: str
    environment: Mapping[str, Any]
    status: str = "unfinished"
    message: str = ""
    num_evaluations: int = 0
    best_value: float = np.nan
    trace_evaluations: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    trace_values: FloatArray = field(default_factory=lambda: np.zeros(0))
    trace_seconds: FloatArray = field(default_factory=lambda: np.zeros(0))
    checkpoints: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    seconds: Mapping[str, float] = field(default_factory=dict)
    cores: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    priorities: FloatArray = field(default_factory=lambda: np.zeros(0))
    front_values: FloatArray = field(default_factory=lambda: np.zeros((0, 1)))
    front_cores: IntArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    front_priorities: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    folder: Path | None = None

    def full_trace(self) -> Mapping[str, npt.NDArray[Any]]:
        """Every ``values`` ``(n,)``, and as they were stored ``cores`` and ``priorities`` ``(n, G)``; {} if none were.

        Raises:
            StorageError: If the file is damaged.
        """
        path = self.folder / TRACE_FILE if self.folder else None
        if path is None or not path.is_file():
            return {}
        try:
            with np.load(path) as trace:
                return dict(trace)
        except (OSError, ValueError, KeyError, EOFError, MemoryError, BadZipFile, zlib.error) as error:
            raise StorageError(f"{path} is damaged: {printable(error, 300)}") from error


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
class Absent:
    """An optimizer that a campaign leaves out.

    Attributes:
        optimizer: Registered name.
        needs: What is not installed, for instance ``m3e[rl]``.
    """

    optimizer: str
    needs: str


@dataclass(frozen=True, eq=False)
class StoredCampaign:
    """What one or more result folders hold; hashed by identity, so that what is made of it can be kept.

    Attributes:
        name: Of the campaign, or campaigns.
        runs: Those that can be read, in the campaign's order; runs of other specifications left out.
        planned: All runs of the campaign; those found if no campaign file is there.
        unreadable: Folder name and what is wrong with it.
        foreign: Ids of runs in the folders that the campaign does not name.
        absent: Optimizers that the campaign names, by label, but that were left out for want of a library.
    """

    name: str
    runs: tuple[StoredRun, ...]
    planned: tuple[PlannedRun, ...]
    unreadable: Mapping[str, str]
    foreign: tuple[str, ...]
    absent: Mapping[str, Absent] = field(default_factory=dict)


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
        StorageError: If a file that should be there is missing or damaged, or of another format.
    """
    head = read_json(folder / "spec.json")
    try:
        _check_format(folder, head["format"])
        spec = RunSpec.from_json(head["spec"])
        _expect("the id of the specification", spec.id, head["id"])
        run: dict[str, Any] = {"id": spec.id, "spec": spec, "label": spec.optimizer, "folder": folder}
        run["environment"] = _environment(head["environment"])
        if (folder / "end.json").is_file():
            run |= _read_end(folder, spec)
        return StoredRun(**run)
    except _DAMAGED as error:
        reason = str(error) if isinstance(error, InvalidInput) else f"{type(error).__name__}: {error}"
        raise StorageError(f"{folder} is damaged: {printable(reason, 300)}") from error


_DAMAGED = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, MemoryError, RecursionError)
"""What reading a damaged file may raise."""


def _environment(content: Mapping[str, Any]) -> dict[str, Any]:
    """Python's and the libraries' versions, and the optimizer's settings."""
    return {
        "python": printable(content["python"]),
        "versions": {printable(name): printable(version) for name, version in content["versions"].items()},
        "settings": dict(content["settings"]),
        **{key: content[key] for key in ("first_population",) if key in content},
    }


def _check_format(place: Path, found: object) -> None:
    if found != FORMAT:
        raise StorageError(
            f"{place} is of another format: expected {FORMAT}, got {printable(text_of(found, repr), 40)}. "
            "Read it with the version of m3e that wrote it, or run the campaign again."
        )


def _expect(what: str, expected: object, actual: object) -> None:
    if actual != expected:
        raise InvalidInput(what, expected=repr(expected), actual=actual)


def _read_end(folder: Path, spec: RunSpec) -> dict[str, Any]:
    """The fields that the end record makes valid, if they agree with each other."""
    end = read_json(folder / "end.json")
    if end["status"] not in STATUSES:
        raise InvalidInput("end.json: status", expected=" or ".join(STATUSES), actual=end["status"])
    run = {
        "status": end["status"],
        "message": printable(_typed("end.json: message", end["message"], str)),
        "num_evaluations": _count("end.json: num_evaluations", end["num_evaluations"], spec.budget),
        "best_value": _number(end["best_value"]),
    }
    return run | _read_result(folder, end) if run["num_evaluations"] else run


def _read_result(folder: Path, end: Mapping[str, Any]) -> dict[str, Any]:
    """Trajectory, mapping and timing of a run that evaluated something."""
    trajectory, mapping = read_json(folder / "trajectory.json"), read_json(folder / "mapping.json")
    timing = read_json(folder / "timing.json")
    evaluations, values = _typed("trajectory.json: evaluations", trajectory["evaluations"], list), trajectory["values"]
    _expect("trajectory.json: last value", end["best_value"], values[-1] if values else None)
    _expect("mapping.json: value", end["best_value"], mapping["value"])
    for what, own in (("evaluations", evaluations), ("seconds", timing["trajectory_seconds"])):
        _expect(f"number of {what} in the trajectory", len(values), len(own))
    return {
        "trace_evaluations": _rising(evaluations, end["num_evaluations"]),
        "trace_values": _falling(values),
        "trace_seconds": _seconds("trajectory_seconds", timing["trajectory_seconds"]).reshape(len(values)),
        "checkpoints": _seconds("checkpoints", [[e, s] for e, s in timing["checkpoints"]]).reshape(-1, 2),
        "seconds": {part: _seconds(part, timing["seconds"][part]).item() for part in PARTS},
        **_read_mapping(mapping),
    }


def _typed(what: str, value: Any, kind: type) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise InvalidInput(what, expected=f"a value of type {kind.__name__}", actual=value)
    return value


def _count(what: str, value: Any, most: int) -> int:
    """An integer from 0 to ``most``."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise InvalidInput(what, expected=f"an integer from 0 to {most:,}", actual=value)
    return value


def _rising(evaluations: Sequence[Any], most: int) -> IntArray:
    """``(n,)`` evaluations, each above the one before."""
    counts = np.array([_count("trajectory.json: evaluations", e, most) for e in evaluations], dtype=np.int64)
    if (np.diff(counts) <= 0).any() or (counts < 1).any():
        raise InvalidInput("trajectory.json: evaluations", expected="rising numbers from 1", actual=counts.tolist())
    return counts


def _falling(values: Sequence[Any]) -> FloatArray:
    """``(n,)`` values, each below the one before; what comes before the first that can run is NaN."""
    numbers = np.array([_number(v) for v in values])
    if (np.diff(numbers) >= 0).any() or np.isnan(numbers[1:]).any():
        raise InvalidInput("trajectory.json: values", expected="falling numbers", actual=numbers.tolist())
    return numbers


def _seconds(what: str, values: Any) -> FloatArray:
    """Numbers that are finite and not negative."""
    numbers = np.array(values)
    if numbers.dtype.kind not in "if" and numbers.size:
        raise InvalidInput(f"timing.json: {what}", expected="numbers", actual=values)
    if not (np.isfinite(numbers.astype(np.float64)) & (numbers >= 0)).all():
        raise InvalidInput(f"timing.json: {what}", expected="finite numbers of at least 0", actual=values)
    return numbers.astype(np.float64)


def _read_mapping(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The best mapping and the front, if they agree with each other."""
    cores, priorities, value = mapping["cores"], mapping["priorities"], mapping["value"]
    alone = [] if value is None else [{"cores": cores, "priorities": priorities, "values": [value]}]
    front = mapping.get("front", alone)
    _expect("mapping.json: whether it holds a mapping that can run", value is not None, bool(front))
    if front:
        _expect("mapping.json: first of the front", [cores, priorities], [front[0]["cores"], front[0]["priorities"]])
    _expect("mapping.json: number of priorities", len(cores), len(priorities))
    values = _rows(front, "values", 2 if "front" in mapping else 1)
    if (np.diff(values[:, 0]) <= 0).any() or ("front" in mapping and (np.diff(values[:, 1]) >= 0).any()):
        expected = "mappings of which none dominates another, by ascending first value"
        raise InvalidInput("mapping.json: front", expected=expected, actual=values.tolist())
    return {
        "cores": np.array(cores, dtype=np.int64),
        "priorities": np.array(priorities, dtype=np.float64),
        "front_values": values,
        "front_cores": _rows(front, "cores", len(cores)).astype(np.int64),
        "front_priorities": _rows(front, "priorities", len(cores)),
    }


def _rows(front: Sequence[Mapping[str, Any]], key: str, size: int) -> FloatArray:
    """One part of all mappings of a front, ``(m, size)``."""
    rows = np.array([mapping[key] for mapping in front], dtype=np.float64).reshape(len(front), size)
    if not np.isfinite(rows).all():
        raise InvalidInput(f"mapping.json: front: {key}", expected="finite numbers", actual=rows.tolist())
    return rows


def _number(value: Any) -> float:
    """A finite number; NaN for null."""
    if value is None:
        return np.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise InvalidInput("value", expected="a finite number or null", actual=value)
    return float(value)


def read_campaign(folders: Sequence[Path]) -> StoredCampaign:
    """All runs in the campaign folders, complete or not; equal runs of several folders count once.

    Raises:
        StorageError: If a folder is not there or a campaign file is damaged.
    """
    runs: dict[str, StoredRun] = {}
    unreadable: dict[str, str] = {}
    planned: dict[str, PlannedRun] = {}
    names: dict[str, None] = {}
    absent: dict[str, Absent] = {}
    for folder in folders:
        name, plan, gaps = _read_campaign_file(folder)
        found, damaged = _read_runs(folder)
        if plan is None:
            plan = [PlannedRun.of(run.spec, run.spec.optimizer) for run in found]
        names[name] = None
        absent |= gaps
        unreadable |= damaged
        planned |= {run.id: run for run in plan}
        for run in found:
            if run.id not in runs or runs[run.id].status == "unfinished":
                runs[run.id] = run
    labels = {run.label for run in planned.values()}
    return StoredCampaign(
        name=" + ".join(names),
        runs=tuple(replace(runs[i], label=run.label) for i, run in planned.items() if i in runs),
        planned=tuple(planned.values()),
        unreadable=unreadable,
        foreign=tuple(i for i in runs if i not in planned),
        absent={label: gap for label, gap in absent.items() if label not in labels},
    )


def _read_runs(folder: Path) -> tuple[list[StoredRun], dict[str, str]]:
    """The runs in a campaign's folder, and what is wrong with those that cannot be read."""
    found: list[StoredRun] = []
    damaged: dict[str, str] = {}
    for path in _run_folders(folder):
        try:
            found.append(read_run(path))
        except StorageError as error:
            damaged[printable(path.name)] = printable(error)
    return found, damaged


def _read_campaign_file(folder: Path) -> tuple[str, list[PlannedRun] | None, dict[str, Absent]]:
    """The campaign's name, its runs (None if no campaign file tells), and the optimizers that it leaves out."""
    if not folder.is_dir():
        raise StorageError(f"no results in {folder}: expected a folder that 'm3e run' has written")
    path = folder / CAMPAIGN_FILE
    if not path.exists():
        return folder.name, None, {}
    content = read_json(path)
    try:
        _check_format(path, content["format"])
        planned = [_planned(run) for run in content["runs"]]
        absent = {printable(label): _absent(gap) for label, gap in content.get("absent", {}).items()}
        return printable(_typed("name", content["name"], str)), planned, absent
    except _DAMAGED as error:
        reason = printable(f"{type(error).__name__}: {error}", 300)
        raise StorageError(f"{path} is damaged: expected the keys format, name and runs, got {reason}") from error


def _planned(content: Mapping[str, Any]) -> PlannedRun:
    texts = {key: _typed(key, content[key], str) for key in ("id", "label", "problem")}
    texts["label"] = printable(texts["label"])
    return PlannedRun(**texts, budget=_typed("budget", content["budget"], int))


def _absent(content: Mapping[str, Any]) -> Absent:
    return Absent(**{key: printable(_typed(key, content[key], str)) for key in ("optimizer", "needs")})


def _run_folders(folder: Path) -> Iterator[Path]:
    return (path.parent for path in sorted(folder.glob("*/spec.json")))
