"""Running a campaign: what is missing goes to an executor, what is done stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

import problems
from bench.campaign import Campaign
from bench.engines import Engine
from bench.errors import StorageError
from bench.files import make_folder
from bench.recording import keep_files, write_campaign
from bench.spec import MAPPINGS, RunSpec
from bench.store import PlannedRun, read_run
from problems.objectives import OBJECTIVES
from reports.replay import refusal

BLOCK = 4_096
"""Bytes that file systems give away at once: a folder takes as much, and the smallest file too."""

BYTES_IN_CAMPAIGN = 400
"""What a run takes in the campaign's file and folder."""

BYTES_A_TRACED_EVALUATION = 8
BYTES_A_TRACED_JOB = 4.5
"""Of a core and a priority, compressed, where no mapping resembles another."""

MOST_IMPROVEMENTS, LARGEST_FRONT = 200, 20
"""What runs hardly ever exceed."""

OnProgress = Callable[[RunSpec, str, str], None]
"""Called with each run, its label and its status."""


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a campaign's folder for this process; the claim ends with it, however it ends.

    Raises:
        StorageError: If another process holds it, or the folder cannot be written.
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
    """What a campaign needs done in a folder.

    Attributes:
        folder: Of the campaign.
        total: Runs in the campaign.
        done: Status of those that have ended, by id.
        missing: Those to do, with labels.
        bytes_at_most: Rough size of what they will store.
    """

    folder: Path
    total: int
    done: dict[str, str]
    missing: list[tuple[RunSpec, str]]
    bytes_at_most: int


def plan_campaign(campaign: Campaign, folder: Path, *, retry: bool = False) -> Plan:
    """Look which runs are done in ``folder`` and enter the campaign there.

    Args:
        campaign: What to run.
        folder: Where its run folders go.
        retry: Do failed and cut runs again.

    Raises:
        StorageError: If the folder cannot be written.
        UnknownName, MissingExtra: If an optimizer or parameter is not there.
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
    """How the run in ``folder`` has ended; "" if it must be done again, also because its mapping is not believed."""
    try:
        run = read_run(folder)
    except StorageError:
        return ""
    return "" if run.status == "unfinished" or refusal(run) else run.status


def _size(spec: RunSpec) -> int:
    """Bytes on the disk that a run may take: a folder and five files in whole blocks, and a trace if asked for."""
    known = problems.parse_id(spec.problem)
    jobs = known.num_jobs or problems.get(spec.problem).num_jobs
    mappings = 1 if OBJECTIVES.get(known.objective).count == 1 else 1 + min(spec.budget, LARGEST_FRONT)
    improvements = min(spec.budget, MOST_IMPROVEMENTS)
    specification, end, trajectory, timing = 2_000, 500, 100 + 30 * improvements, 2_000 + 25 * improvements
    files = [specification, end, trajectory, timing, 300 + 32 * jobs * mappings]
    if spec.full_trace:
        traced = BYTES_A_TRACED_EVALUATION + BYTES_A_TRACED_JOB * jobs * (spec.full_trace == MAPPINGS)
        files.append(1_000 + int(spec.budget * traced))
    return BYTES_IN_CAMPAIGN + BLOCK * (1 + sum(-(-size // BLOCK) for size in files))


def run_plan(plan: Plan, engine: Engine, on_progress: OnProgress) -> Counter[str]:
    """Do the missing runs; the number of each status, those that were done before included.

    Raises:
        StorageError: If the folder cannot be written.
        WorkerError: If the processes of runs die before they begin.
    """
    counts = Counter(plan.done.values())
    labels = {spec.id: label for spec, label in plan.missing}
    with closing(engine(plan.folder, [spec for spec, _ in plan.missing])) as ended:
        for spec, status in ended:
            counts[status] += 1
            on_progress(spec, labels[spec.id], status)
    return counts
