"""The contract of engines, which decide where runs are carried out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.storage.spec import RunSpec

Ended = tuple[RunSpec, str]
"""A run and its status: ``complete``, ``cut`` or ``failed``."""


@dataclass(frozen=True)
class Work:
    """The functions that do a run; module-level ones, which can be sent to other processes.

    Attributes:
        execute: Does a run, stores it in its folder, and returns its status; it raises only if it cannot store.
        store_lost: Stores a run whose process ended early with an exit code, and returns its status.
    """

    execute: Callable[[RunSpec, Path], str]
    store_lost: Callable[[RunSpec, Path, int | None], str]


class Engine(ABC):
    """Base class of engines, which carry out the runs of a campaign.

    Contract:
        - ``run`` yields each run once, as it ends, in any order, with its status. The run is then stored in its own
          folder, ``folder / spec.id``.
        - A run that fails, or takes its process along, is stored as such, and the others go on.
        - Closing the generator ends what is still at work and leaves it unfinished: the next call does it again.
    """

    @abstractmethod
    def run(self, runs: Sequence[RunSpec], folder: Path, work: Work) -> Generator[Ended, None, None]:
        """Do ``runs`` into the campaign's ``folder``.

        Raises:
            StorageError: If a run cannot be stored.
            WorkerError: If processes die before they begin a run.
        """
