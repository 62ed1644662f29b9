"""One run in several places: which of its results counts."""

from __future__ import annotations

from collections.abc import Iterable

from problems.foundation.errors import StorageError
from reports.storage.record import STATUSES, StoredRun, difference_of


def is_outdone(old: StoredRun, new: StoredRun) -> bool:
    """Whether ``new`` counts instead of ``old``, a result of the same run: complete before cut before failed."""
    return STATUSES.index(new.status) < STATUSES.index(old.status)


def conflict_of(old: StoredRun, new: StoredRun) -> str:
    """Return in what two complete results of one run differ, or ""; cut and failed ones may, as clocks decide."""
    return difference_of(old, new) if old.status == new.status == "complete" else ""


class Joined:
    """Runs of several places, each once.

    Attributes:
        runs: The runs by id, in the order in which they came.
        conflicts: In what another complete result differs from the one that counts, the first, by id.
    """

    def __init__(self) -> None:
        self.runs: dict[str, StoredRun] = {}
        self.conflicts: dict[str, str] = {}

    def add(self, runs: Iterable[StoredRun]) -> None:
        """Add the runs of a place."""
        for run in runs:
            old = self.runs.get(run.id)
            if old is None or is_outdone(old, run):
                self.runs[run.id] = run
            elif conflict := conflict_of(old, run):
                self.conflicts[run.id] = conflict


class Labels:
    """The label of each run in several places, which must be one: tables tell optimizers by it."""

    def __init__(self) -> None:
        self._labels: dict[str, tuple[str, object]] = {}

    def add(self, run_id: str, label: str, where: object) -> None:
        """Add a run's label in a place.

        Raises:
            StorageError: If it has another one in another place.
        """
        old, there = self._labels.setdefault(run_id, (label, where))
        if old != label:
            hint = "Name the optimizer alike in both campaigns; 'm3e run' then does no run again."
            raise StorageError(
                f"run {run_id} is there under two labels: {old!r} in {there}, {label!r} in {where}. {hint}"
            )
