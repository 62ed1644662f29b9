"""Running a campaign: drivers claim the missing runs, an engine carries them out, and each driver stores its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from time import sleep

from bench.campaigns.claims import Claims
from bench.campaigns.plan import Plan
from bench.campaigns.run_one import Work, lost_record, run_apart
from bench.engines.engine import Engine, Pool
from bench.isolation.starting import preload
from problems.foundation.errors import M3EError
from problems.foundation.files import read_bytes
from problems.ids import copy_name
from reports.storage.campaign_folder import FILES_FOLDER, RECORDS, files_named, record_name
from reports.storage.design import Cell
from reports.storage.spec import RunSpec
from reports.storage.writing import peek, store, stored_at

WAIT_SECONDS = 0.2
"""How often a driver looks whether the runs of other drivers have ended."""

TRIES = 3
"""How often a run is given to a worker, where workers die."""


@dataclass
class Progress:
    """How far a plan is.

    Attributes:
        total: Number of runs that are asked for.
        counts: Statuses of those that have ended.
        slots: Number of runs that this driver has carried out at a time.
    """

    total: int
    counts: Counter[str]
    _left: Counter[str]
    slots: int = 1
    _durations: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _cells: dict[tuple[str, str], float] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> Progress:
        """Return the progress before the first run of a plan."""
        runs = len(plan.design.problems) * len(plan.design.seeds)
        left = Counter({c.label: runs - plan.done_by_label[c.label] for c in plan.design.contenders})
        return cls(plan.total, Counter(stored.status for stored in plan.done.values()), left)

    @property
    def ended(self) -> int:
        """Number of runs that have ended."""
        return self.counts.total()

    def learn(self, spec: RunSpec, label: str, status: str, seconds: float) -> None:
        """Count a run that has ended, and learn how long its like take."""
        self.counts[status] += 1
        self._left[label] -= 1
        self._durations[label].append(seconds)
        self._cells[spec.problem, label] = seconds

    def seconds_left(self) -> float | None:
        """Return an estimate for the runs that are left, by their optimizers; None as long as it is unknown."""
        if not self._durations:
            return None
        means = {label: sum(seconds) / len(seconds) for label, seconds in self._durations.items()}
        unknown = sum(means.values()) / len(means)
        return sum(count * means.get(label, unknown) for label, count in self._left.items()) / self.slots

    def longest_first(self, cells: Sequence[Cell]) -> Sequence[Cell]:
        """Return the cells of a seed, the longest runs first, as far as earlier seeds tell."""

        def duration(cell: Cell) -> float:
            problem, contender = cell
            own = self._durations.get(contender.label)
            return self._cells.get((problem, contender.label), max(own) if own else 0.0)

        return sorted(cells, key=duration, reverse=True)


OnProgress = Callable[[RunSpec, str, str, Progress], None]
"""Callback for each run that ends, with its label and its status."""


def run_plan(plan: Plan, engine: Engine, on_progress: OnProgress) -> Counter[str]:
    """Do the missing runs together with other drivers of the folder; count the statuses, earlier runs included.

    Raises:
        StorageError: If the folder cannot be written.
        WorkerError: If the engine cannot be started, or processes die before they begin a run.
    """
    progress = Progress.of(plan)
    if progress.ended == plan.total:
        return progress.counts
    preload(run_apart, {contender.optimizer for contender in plan.design.contenders})
    with Claims(plan.folder) as claims, engine.open() as pool:
        progress.slots = pool.slots
        claims.tell(slots=pool.slots)
        driver = _Driver(plan, pool, claims, progress, on_progress, type(engine).__name__.lower())
        driver.drive()
    return progress.counts


class _Driver:
    """Takes runs, has them carried out, and stores them."""

    def __init__(
        self, plan: Plan, pool: Pool, claims: Claims, progress: Progress, on_progress: OnProgress, name: str
    ) -> None:
        self._plan, self._pool, self._claims = plan, pool, claims
        self._progress, self._on_progress, self._name = progress, on_progress, name
        self._at_work: dict[Future[tuple[bytes, bytes]], tuple[RunSpec, str]] = {}
        self._tries: Counter[str] = Counter()
        self._ahead = self._pool.slots + max(1, self._pool.slots // 4)

    def drive(self) -> None:
        """Do all runs that no other driver does, then wait for those, or take them over."""
        others = [run for run in self._plan.missing(self._progress.longest_first) if not self._take(*run)]
        while self._at_work or others:
            self._collect(None if self._at_work and not others else WAIT_SECONDS)
            others = [run for run in others if not self._take(*run)]

    def _take(self, spec: RunSpec, label: str) -> bool:
        """Have a run carried out unless it is stored meanwhile; False if another driver is at it."""
        if not self._claims.claim(spec.id):
            return self._is_stored(spec, label)
        if self._is_stored(spec, label):
            self._claims.release(spec.id)
            return True
        self._submit(spec, label)
        while len(self._at_work) >= self._ahead:
            self._collect(None)
        return True

    def _is_stored(self, spec: RunSpec, label: str) -> bool:
        """Whether another driver has stored a run since the plan was made; it counts then."""
        stored = stored_at(self._plan.folder / RECORDS / record_name(spec.id))
        if stored is None or stored == self._plan.redone.get(spec.id):
            return False
        self._count(spec, label, stored.status, stored.seconds)
        return True

    def _submit(self, spec: RunSpec, label: str) -> None:
        self._tries[spec.id] += 1
        self._at_work[self._pool.submit(run_apart, self._work(spec))] = spec, label

    def _work(self, spec: RunSpec) -> Work:
        """Return what a worker needs, with the files that the problem's id names, or where they are."""
        names = files_named([spec.problem])
        folder = self._plan.folder.absolute() / FILES_FOLDER
        if not names:
            return Work(spec, self._name)
        if self._pool.shares_disk:
            return Work(spec, self._name, folder=str(folder))
        return Work(spec, self._name, files={copy_name(n): read_bytes(folder / copy_name(n)) for n, _ in names})

    def _collect(self, seconds: float | None) -> None:
        """Wait for a run to end, for so many seconds at most; store what has ended."""
        if not self._at_work:
            sleep(seconds or 0.0)
            return
        ended, _ = wait(self._at_work, seconds, FIRST_COMPLETED)
        for future in ended:
            spec, label = self._at_work.pop(future)
            self._store(future, spec, label)

    def _store(self, future: Future[tuple[bytes, bytes]], spec: RunSpec, label: str) -> None:
        try:
            record, trace = future.result()
        except M3EError:
            raise
        except Exception as error:  # its worker has died
            if self._tries[spec.id] < TRIES:
                self._submit(spec, label)
                return
            record, trace = lost_record(Work(spec, self._name), error), b""
        store(self._plan.folder, spec.id, record, trace)
        self._claims.release(spec.id)
        stored = peek(record)
        self._count(spec, label, stored.status, stored.seconds)

    def _count(self, spec: RunSpec, label: str, status: str, seconds: float) -> None:
        self._progress.learn(spec, label, status, seconds)
        self._on_progress(spec, label, status, self._progress)
