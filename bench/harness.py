"""Running a campaign: what is missing goes to an executor, what is done stays."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

import problems
from bench.campaign import Campaign
from bench.errors import StorageError, WorkerError
from bench.files import make_folder
from bench.recording import begin_run, end_run, write_campaign
from bench.spec import MAPPINGS, RunSpec
from bench.store import PlannedRun, has_ended
from bench.worker import environment, execute, prepare_worker
from problems.objectives import OBJECTIVES

BLOCK = 4_096
"""Bytes that file systems give away at once: a folder takes as much, and the smallest file too."""

BYTES_IN_CAMPAIGN = 400
"""What a run takes in the campaign's file and folder."""

BYTES_A_TRACED_EVALUATION = 8
BYTES_A_TRACED_JOB = 4.5
"""Of a core and a priority, compressed, where no mapping resembles another."""

MOST_IMPROVEMENTS, LARGEST_FRONT = 200, 20
"""What runs hardly ever exceed."""

MakeExecutor = Callable[[], Executor]
OnProgress = Callable[[RunSpec, str, str], None]
"""Called with each run, its label and its status."""


class SerialExecutor(Executor):
    """Does each task in this process, as it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call ``fn`` now."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def process_executor(workers: int) -> MakeExecutor:
    """Executors of ``workers`` fresh processes, each of which does many runs."""

    def make() -> Executor:
        return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=prepare_worker)

    return make


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
    ended = {spec.id: has_ended(folder / spec.id) for spec, _ in runs}
    kept = ("complete",) if retry else ("complete", "cut", "failed")
    done = {run_id: status for run_id, status in ended.items() if status in kept}
    missing = [(spec, label) for spec, label in runs if spec.id not in done]
    return Plan(folder, len(runs), done, missing, sum((_size(spec) for spec, _ in missing), start=2 * BLOCK))


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


def run_plan(plan: Plan, make_executor: MakeExecutor, on_progress: OnProgress) -> Counter[str]:
    """Do the missing runs; the number of each status, those that were done before included.

    A worker process that dies takes its executor with it. The runs that were on it are then done one by one,
    each with an executor of its own, so that the one that kills its process is found, and stored as failed.

    Raises:
        StorageError: If the folder cannot be written.
        WorkerError: If the workers die before they begin a run.
    """
    counts = Counter(plan.done.values())

    def count(spec: RunSpec, label: str, status: str) -> None:
        counts[status] += 1
        on_progress(spec, label, status)

    missing = list(plan.missing)
    while missing:
        lost = _run_together(plan.folder, missing, make_executor, count)
        suspects = [run for run in lost if (plan.folder / run[0].id / "spec.json").exists()]
        for spec, label in suspects:
            if _run_together(plan.folder, [(spec, label)], make_executor, count):
                _store_death(plan.folder, spec, label)
                count(spec, label, "failed")
        if lost and not suspects:
            raise WorkerError("the worker processes die before they begin a run; try --workers 1 to see why")
        missing = [run for run in lost if run not in suspects]
    return counts


def _run_together(
    folder: Path, runs: Iterable[tuple[RunSpec, str]], make_executor: MakeExecutor, count: OnProgress
) -> list[tuple[RunSpec, str]]:
    """Do ``runs`` on one executor; those that were lost because it broke."""
    lost: list[tuple[RunSpec, str]] = []
    executor = make_executor()
    try:
        futures = {executor.submit(execute, spec, label, folder / spec.id): (spec, label) for spec, label in runs}
        for future in as_completed(futures):
            spec, label = futures[future]
            try:
                count(spec, label, future.result())
            except BrokenExecutor:
                lost.append((spec, label))
    except BaseException:  # Ctrl-C: what the workers are at is not waited for, it is done again
        executor.shutdown(wait=False, cancel_futures=True)
        for child in active_children():
            child.terminate()
        raise
    executor.shutdown(wait=True)
    return lost


def _store_death(folder: Path, spec: RunSpec, label: str) -> None:
    """Store that a run's process died, twice."""
    begin_run(folder / spec.id, spec, label, environment(None))
    message = "the worker process died (killed, out of memory, crashed, or hung beyond its wall limit)"
    end_run(folder / spec.id, spec.problem, None, "failed", message, datetime.now(UTC))
