"""The plan of a campaign: which of its runs are still to do, and how much they will store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

import problems
from bench.campaigns.campaign import Campaign
from optimizers import FullTrace
from problems.foundation.errors import StorageError
from problems.foundation.files import make_folder
from problems.objectives import OBJECTIVES
from reports.storage.campaign_folder import PlannedRun, keep_files, write_campaign
from reports.storage.replay import refusal
from reports.storage.run_folder import read_run
from reports.storage.spec import RunSpec

BLOCK = 4_096
"""Block size of file systems: what a folder and the smallest file take."""


BYTES_IN_CAMPAIGN = 400
"""Bytes that a run takes in the campaign's file and folder."""


BYTES_A_TRACED_EVALUATION = 8


BYTES_A_TRACED_JOB = 4.5
"""Bytes of a core and a priority, compressed, where no two mappings are alike."""


MOST_IMPROVEMENTS, LARGEST_FRONT = 200, 20
"""Numbers that runs hardly ever exceed."""


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Lock a campaign's folder for this process; the lock ends with the process, however it ends.

    Raises:
        StorageError: If another process holds the lock, or the folder cannot be written.
    """
    make_folder(folder)
    lock = FileLock(folder / ".lock", blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise StorageError(
            f"another m3e run is at work in {folder}: wait for it, or choose another folder with --out"
        ) from None
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True)
class Plan:
    """The runs of a campaign that a folder lacks.

    Attributes:
        folder: The campaign's folder.
        total: Number of runs in the campaign.
        done: Status of each run that has ended, by id.
        missing: Runs to do, with their labels.
        bytes_at_most: Rough upper bound of what they will store.
    """

    folder: Path
    total: int
    done: dict[str, str]
    missing: list[tuple[RunSpec, str]]
    bytes_at_most: int


def plan_campaign(campaign: Campaign, folder: Path, *, retry: bool = False) -> Plan:
    """Find out which runs ``folder`` holds, and store the campaign in it.

    Args:
        campaign: The campaign.
        folder: Folder for its run folders.
        retry: Whether failed and cut runs are done again.

    Raises:
        StorageError: If the folder cannot be written.
        UnknownName, MissingExtra: If an optimizer or parameter is unknown, or not installed.
    """
    runs = campaign.runs()
    make_folder(folder)
    write_campaign(folder, campaign.name, [PlannedRun.of(spec, label) for spec, label in runs], campaign.absent())
    keep_files(folder, campaign.problems)
    ended = {spec.id: _status(folder / spec.id) for spec, _ in runs}
    kept = ("complete",) if retry else ("complete", "cut", "failed")
    done = {run_id: status for run_id, status in ended.items() if status in kept}
    missing = [(spec, label) for spec, label in runs if spec.id not in done]
    return Plan(folder, len(runs), done, missing, sum((_size(spec) for spec, _ in missing), start=2 * BLOCK))


def _status(folder: Path) -> str:
    """Return the status of the run in ``folder``; "" if it must be done (again), also if its mapping is refused."""
    try:
        run = read_run(folder)
    except StorageError:
        return ""
    return "" if run.status == "unfinished" or refusal(run) else run.status


def _size(spec: RunSpec) -> int:
    """Return the bytes on disk that a run may take: a folder, five files in whole blocks, and the full trace."""
    known = problems.parse_id(spec.problem)
    jobs = known.num_jobs or problems.get(spec.problem).num_jobs
    mappings = 1 if OBJECTIVES.get(known.objective).count == 1 else 1 + min(spec.budget, LARGEST_FRONT)
    improvements = min(spec.budget, MOST_IMPROVEMENTS)
    specification, end, trajectory, timing = 2_000, 500, 100 + 30 * improvements, 2_000 + 25 * improvements
    files = [specification, end, trajectory, timing, 300 + 32 * jobs * mappings]
    if spec.full_trace is not FullTrace.NOTHING:
        traced = BYTES_A_TRACED_EVALUATION + BYTES_A_TRACED_JOB * jobs * (spec.full_trace is FullTrace.MAPPINGS)
        files.append(1_000 + int(spec.budget * traced))
    return BYTES_IN_CAMPAIGN + BLOCK * (1 + sum(-(-size // BLOCK) for size in files))
