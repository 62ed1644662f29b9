"""Campaign folders: the runs of a campaign, planned and stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import problems
from problems.foundation.errors import StorageError
from problems.foundation.files import make_folder, not_linked, read_bytes, read_json, write_bytes, write_json
from problems.foundation.text import printable
from problems.ids import FILE, MOST_BYTES, checked_file, copy_name
from reports.storage.run_folder import (
    _DAMAGED,
    FORMAT,
    StoredRun,
    _check_format,
    _typed,
    read_run,
)
from reports.storage.spec import RunSpec

CAMPAIGN_FILE = "campaign.json"


FILES_FOLDER = "files"
"""Sub-folder of a campaign's with copies of the workload and platform files that its problem ids name."""


@dataclass(frozen=True)
class PlannedRun:
    """A run that a campaign plans.

    Attributes:
        id: Name of the run's folder.
        label: The campaign's label of the optimizer.
        problem: Problem id.
        budget: Evaluations.
    """

    id: str
    label: str
    problem: str
    budget: int

    @classmethod
    def of(cls, spec: RunSpec, label: str) -> PlannedRun:
        """Return the plan of a run."""
        return cls(spec.id, label, spec.problem, spec.budget)


@dataclass(frozen=True)
class Absent:
    """An optimizer that a campaign leaves out.

    Attributes:
        optimizer: Registered name.
        needs: Requirement that is not installed, for instance ``m3e[rl]``.
    """

    optimizer: str
    needs: str


@dataclass(frozen=True, eq=False)
class StoredCampaign:
    """The content of one or more campaign folders; hashed by identity, so that results derived from it can be cached.

    Attributes:
        name: Name of the campaign, or campaigns.
        runs: Readable runs of the campaign, in its order.
        planned: All runs of the campaign; without a campaign file, those found.
        unreadable: What is wrong with each folder that cannot be read, by its name.
        foreign: Ids of runs in the folders that are not the campaign's.
        absent: Optimizers that were left out for lack of a library, by label.
    """

    name: str
    runs: tuple[StoredRun, ...]
    planned: tuple[PlannedRun, ...]
    unreadable: Mapping[str, str]
    foreign: tuple[str, ...]
    absent: Mapping[str, Absent] = field(default_factory=dict)


def read_campaign(folders: Sequence[Path]) -> StoredCampaign:
    """Read all runs in the campaign folders, complete or not; equal runs in several folders count once.

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
    """Read the runs in a campaign's folder; return them, and what is wrong with those that cannot be read."""
    found: list[StoredRun] = []
    damaged: dict[str, str] = {}
    for path in _run_folders(folder):
        try:
            found.append(read_run(path))
        except StorageError as error:
            damaged[printable(path.name)] = printable(error)
    return found, damaged


def _read_campaign_file(folder: Path) -> tuple[str, list[PlannedRun] | None, dict[str, Absent]]:
    """Return the campaign's name, its runs (None without a campaign file), and the optimizers that it leaves out."""
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


def _planned(content: Mapping[str, object]) -> PlannedRun:
    texts = {key: _typed(key, content[key], str) for key in ("id", "label", "problem")}
    texts["label"] = printable(texts["label"])
    return PlannedRun(**texts, budget=_typed("budget", content["budget"], int))


def _absent(content: Mapping[str, object]) -> Absent:
    return Absent(**{key: printable(_typed(key, content[key], str)) for key in ("optimizer", "needs")})


def _run_folders(folder: Path) -> Iterator[Path]:
    return (path.parent for path in sorted(folder.glob("*/spec.json")))


def write_campaign(
    folder: Path, name: str, planned: Sequence[PlannedRun], absent: Mapping[str, Absent] = MappingProxyType({})
) -> None:
    """Store in the campaign's folder which runs belong to it, and which optimizers are left out.

    Raises:
        StorageError: If the folder cannot be written.
    """
    content: dict[str, object] = {"format": FORMAT, "name": name, "runs": [vars(run) for run in planned]}
    if absent:
        content["absent"] = {label: vars(gap) for label, gap in absent.items()}
    write_json(folder / CAMPAIGN_FILE, content)


def keep_files(folder: Path, problem_ids: Iterable[str]) -> None:
    """Copy the workload and platform files that problem ids name into the campaign's folder; reports read no others.

    Raises:
        InvalidInput: If a file has changed.
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


def results_in(folders: Sequence[Path]) -> StoredCampaign:
    """Read the runs in campaign folders.

    Raises:
        StorageError: If there are none.
    """
    campaign = read_campaign(folders)
    if not campaign.runs:
        if campaign.unreadable:
            first, number = next(iter(campaign.unreadable.values())), len(campaign.unreadable)
            raise StorageError(f"none of {number} runs can be read, for instance: {first}")
        inside = [str(f.parent) for folder in folders for f in sorted(folder.glob("*/campaign.json"))]
        hint = f". Did you mean {', '.join(inside)}?" if inside else ""
        raise StorageError(f"no runs in {', '.join(map(str, folders))}: expected campaign folders of 'm3e run'{hint}")
    return campaign


def newest_campaign(folder: Path) -> Path:
    """Return the campaign folder in ``folder`` that was written last.

    Raises:
        StorageError: If there is none.
    """
    files = sorted(folder.glob("*/campaign.json"), key=lambda f: f.stat().st_mtime)
    if not files:
        raise StorageError(f"no results in {folder.resolve()}: run 'm3e run' first, or give their folder")
    return files[-1].parent
