"""The contract of engines, which decide where runs are carried out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Pool:
    """An open engine.

    Attributes:
        submit: Calls a module-level function somewhere, with arguments that can be pickled; as
            ``concurrent.futures.Executor.submit``.
        slots: Number of calls that are carried out at a time.
        shares_disk: Whether workers see the files of the driver.
    """

    submit: Callable[..., Future[Any]]
    slots: int
    shares_disk: bool = True


class Engine(ABC):
    """Base class of engines: frozen dataclasses whose fields are the engine's settings, all with defaults.

    Contract:
        - ``open`` starts what is needed and yields a pool. Leaving the block ends the calls that are at work, and
          leaves no process behind.
        - A call that raises, or whose worker dies, ends its own future with an exception, and no other call's.
        - Workers write nothing: what a call returns is all that it leaves.
        - A call may start processes. One that waits for them asks ``bench.isolation.giving_up.is_given_up`` each
          second, as some engines cannot end a call otherwise.
    """

    @abstractmethod
    def open(self) -> AbstractContextManager[Pool]:
        """Open the engine.

        Raises:
            InvalidInput: If a setting is not valid.
            MissingExtra: If its library is not installed.
            WorkerError: If it cannot be started.
        """


class Pilots(ABC):
    """Base class of engines that start drivers, called pilots: each divides the runs with the others by claims.

    They are frozen dataclasses of settings, as engines are.

    Contract:
        - ``launch`` submits the pilots and yields a function that waits until all have ended and returns a text for
          each that failed. Leaving the block by an exception cancels the pilots; leaving it otherwise lets them be.
        - When its time ends, ``SystemExit`` is raised in a pilot, which leaves its current runs unfinished.
    """

    @abstractmethod
    def launch(
        self, folder: Path, pilot: Callable[..., int], *arguments: object
    ) -> AbstractContextManager[Callable[[], list[str]]]:
        """Submit pilots.

        Args:
            folder: The campaign's folder, which the pilots share; logs go to a sub-folder unless the settings say
                where.
            pilot: A module-level function that carries out runs until none is left; returns an exit code.
            arguments: Its arguments, which can be pickled.

        Raises:
            InvalidInput: If a setting is not valid.
            WorkerError: If they cannot be submitted.
        """
