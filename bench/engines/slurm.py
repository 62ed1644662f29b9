"""Pilots as an array of SLURM jobs.

Source: submitit, https://github.com/facebookincubator/submitit.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import submitit
from submitit.helpers import Checkpointable

from bench.engines.engine import Pilots
from problems.foundation.checks import check_integer
from problems.foundation.errors import InvalidInput, WorkerError, explain

EXECUTORS = ("slurm", "local", "debug")

AT_START = ("max_num_timeout", "max_pickle_size_gb", "python")
"""Keys, after their executor's name, that submitit takes when an executor is made."""

CHECK_SECONDS = 1.0

LOG_LINES = 5
"""Number of a log's last lines that a message shows."""


@dataclass(frozen=True)
class Slurm(Pilots):
    """Pilots on a SLURM cluster.

    In a file for ``--engine``::

        engine = "slurm"
        pilots = 20
        workers = 16

        [keys]
        timeout_min = 240
        cpus_per_task = 16
        mem_gb = 32
        slurm_partition = "short"

    A pilot that is preempted, or whose time ends, is queued again, the latter at most ``slurm_max_num_timeout`` times
    (default: 3). It is told ``slurm_signal_delay_s`` seconds before the end (default: 90).

    Attributes:
        pilots: Number of jobs in the array.
        workers: Number of runs at a time of each pilot; None: one for each core that its job has.
        folder: Folder for submitit's files and the logs, on a disk that all nodes see; "" for ``slurm`` in the
            campaign's.
        executor: ``slurm``; or ``local``, processes of this computer, or ``debug``, this process: to try things out.
        keys: Parameters of ``submitit.AutoExecutor``, whose documentation describes them.

    Raises:
        InvalidInput: If a setting is not valid.
    """

    pilots: int = 1
    workers: int | None = None
    folder: str = ""
    executor: str = "slurm"
    keys: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_integer("pilots", self.pilots, 1)
        if self.workers is not None:
            check_integer("workers", self.workers, 1)
        if self.executor not in EXECUTORS:
            expected = f"one of {', '.join(EXECUTORS)}"
            raise InvalidInput("executor", expected=expected, actual=self.executor, key="executor")
        self._set_keys(submitit.AutoExecutor("unused", cluster="debug"))  # refuses wrong keys before anything is made

    @contextmanager
    def launch(self, folder: Path, pilot: Callable[..., int], *arguments: object) -> Iterator[Callable[[], list[str]]]:
        """Submit the pilots, as one array."""
        jobs = self._submit(Path(self.folder) if self.folder else folder / "slurm", _Pilot(pilot, arguments))
        try:
            yield lambda: _wait(jobs)
        except BaseException:  # also Ctrl-C
            for job in jobs:
                job.cancel(check=False)
            if self.executor == "local":
                _wait_for_end(jobs)  # they are this process's children; SLURM ends its own in its own time
            raise

    def _submit(self, folder: Path, pilot: _Pilot) -> list[submitit.Job[int]]:
        at_start = {key: value for key, value in self.keys.items() if _is_for_start(key)}
        try:
            executor = submitit.AutoExecutor(folder, cluster=self.executor, **at_start)
            self._set_keys(executor)
            with executor.batch():
                return [executor.submit(pilot) for _ in range(self.pilots)]
        except (RuntimeError, OSError) as error:
            raise WorkerError(f"the pilots cannot be submitted: {explain(error)}") from error

    def _set_keys(self, executor: submitit.AutoExecutor) -> None:
        """Pass the keys on one by one, so that an error names the one that is wrong."""
        for key, value in self.keys.items():
            try:
                with warnings.catch_warnings(action="error"):  # of a key that has a new name
                    executor.update_parameters(**({} if _is_for_start(key) else {key: value}))
            except (AssertionError, NameError, TypeError, ValueError, Warning) as error:
                what, hint = f"keys.{key}", str(error).partition("\n")[0]
                expected = "a parameter that submitit takes"
                raise InvalidInput(what, expected=expected, actual=value, hint=hint, key=what) from error


def _is_for_start(key: str) -> bool:
    executor, _, parameter = key.partition("_")
    return executor in EXECUTORS and parameter in AT_START


class _Pilot(Checkpointable):  # type: ignore[misc]  # submitit is not followed
    """A call of ``pilot`` that is made again when its job is queued again."""

    def __init__(self, pilot: Callable[..., int], arguments: tuple[object, ...]) -> None:
        self._pilot, self._arguments = pilot, arguments

    def __call__(self) -> int:
        return self._pilot(*self._arguments)


def _wait(jobs: list[submitit.Job[int]]) -> list[str]:
    """Wait until all jobs have ended; return a text for each that failed."""
    _wait_for_end(jobs)
    return [text for text in map(_failure, jobs) if text]


def _wait_for_end(jobs: list[submitit.Job[int]]) -> None:
    while not all(job.done() for job in jobs):
        time.sleep(CHECK_SECONDS)


def _failure(job: submitit.Job[int]) -> str:
    """Return how a job failed, with the last lines of its log; "" if it did not."""
    error = job.exception()
    if error is None and job.result() == 0:
        return ""
    reason = f"exit code {job.result()}" if error is None else str(error).partition("\n")[0].rstrip(":")
    lines = (job.stderr() or "").splitlines()[-LOG_LINES:]
    return "\n".join([f"pilot {job.job_id}: {reason} ({job.paths.stderr})", *lines])
