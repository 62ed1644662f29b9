"""Calls on the workers of a Dask cluster: processes of this computer, of a batch system, or those at an address.

Source: Dask.distributed, https://distributed.dask.org.
"""

from __future__ import annotations

import importlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import current_process
from tempfile import TemporaryDirectory

from distributed import Client, Future, LocalCluster, get_worker
from distributed.comm import parse_address, parse_host_port
from distributed.comm.registry import get_backend

from bench.engines.engine import Engine, Pool
from bench.isolation.giving_up import given_up_if
from problems.foundation.checks import check_above_zero, check_integer
from problems.foundation.errors import InvalidInput, WorkerError, explain

CHECK_SECONDS = 0.5
"""Time between two looks at whether a worker is there and a call is wanted."""

LONGEST_CONNECT = 30.0
"""Longest time in seconds to wait for a scheduler to answer."""


@dataclass(frozen=True)
class Dask(Engine):
    """Dask workers, one call at a time on each of their threads.

    On a computer, ``Dask(workers=8)`` starts eight. On a cluster with a batch system, ``cluster`` names a class that
    submits workers as jobs, and ``keys`` holds that class's own parameters; in a file for ``--engine``::

        engine = "dask"
        cluster = "dask_jobqueue.SLURMCluster"
        workers = 100

        [keys]
        cores = 1
        memory = "4GB"
        walltime = "04:00:00"
        job_script_prologue = ["source venv/bin/activate"]

    Workers that run already, e.g. those of ``dask scheduler`` and ``dask worker``, need an ``address`` alone; the suite
    must be installed where they run.

    A call whose worker dies ends with a ``WorkerError``; Dask does not make it again.

    Attributes:
        address: Address of a scheduler, e.g. ``tcp://10.0.0.1:8786``; "" to start a cluster.
        workers: Number of workers to start (None: one for each core here, or as many as ``keys`` say), or with an
            address the most calls at a time (None: one for each thread of the workers).
        cluster: Class of the cluster to start, ``module.Class``; "" for processes of this computer.
        keys: Further arguments of that class, or with an address of ``distributed.Client``.
        timeout_seconds: Longest time to wait for a worker when none is there.

    Raises:
        InvalidInput: If a setting is not valid.
    """

    address: str = ""
    workers: int | None = None
    cluster: str = ""
    keys: Mapping[str, object] = field(default_factory=dict)
    timeout_seconds: float = 600.0

    def __post_init__(self) -> None:
        if self.workers is not None:
            check_integer("workers", self.workers, 1)
        check_above_zero("timeout_seconds", self.timeout_seconds)
        if self.cluster:
            if self.address:
                raise InvalidInput("cluster", expected="none with an address", actual=self.cluster, key="cluster")
            _cluster_class(self.cluster)
        if self.address:
            _check_address(self.address)

    @contextmanager
    def open(self) -> Iterator[Pool]:
        """Connect to the cluster or start one, and wait for its first worker."""
        with self._scheduler() as scheduler, self._client(scheduler) as client:
            workers = _Workers(client, self.timeout_seconds)
            slots = self._slots(workers.wait_for_first())
            threads = ThreadPoolExecutor(slots, thread_name_prefix="dask-call")
            try:
                yield Pool(lambda *call: threads.submit(workers.call, *call), slots, shares_disk=False)
            finally:
                workers.closed.set()
                threads.shutdown(cancel_futures=True)

    def _scheduler(self) -> AbstractContextManager[object]:
        """Return the address, or a cluster that is closed at the end."""
        if self.address:
            return nullcontext(self.address)
        return self._named_cluster() if self.cluster else self._local_cluster()

    @contextmanager
    def _local_cluster(self) -> Iterator[object]:
        with TemporaryDirectory(prefix="m3e-dask-", ignore_cleanup_errors=True) as folder:
            arguments = {
                "n_workers": self.workers,
                "threads_per_worker": 1,
                "dashboard_address": None,
                "scheduler_kwargs": {"dashboard_address": "127.0.0.1:0"},  # what else is served takes no fixed port
                "silence_logs": logging.CRITICAL,  # a worker that dies is the harness's business
                "local_directory": folder,
                "memory_limit": None,  # Dask would count the worker alone, not the processes of runs
            }
            with self._started(LocalCluster, {**arguments, **self.keys}) as cluster:
                yield cluster

    @contextmanager
    def _named_cluster(self) -> Iterator[object]:
        with self._started(_cluster_class(self.cluster), self.keys) as cluster:
            if self.workers is not None:
                cluster.scale(self.workers)
            yield cluster

    def _started(self, cluster_class: Callable[..., LocalCluster], keys: Mapping[str, object]) -> LocalCluster:
        try:
            return cluster_class(**keys)
        except Exception as error:  # whatever a batch system has to say
            cause = _first_cause(error)
            if not isinstance(cause, TypeError | ValueError):
                raise WorkerError(f"the Dask cluster cannot be started: {explain(cause)}") from error
            expected, hint = f"keys that {self.cluster or 'distributed.LocalCluster'} takes", explain(cause)
            raise InvalidInput("keys", expected=expected, actual=dict(self.keys), hint=hint, key="keys") from error

    def _client(self, scheduler: object) -> Client:
        keys = {"timeout": min(LONGEST_CONNECT, self.timeout_seconds), **self.keys} if self.address else {}
        try:
            return Client(scheduler, set_as_default=False, **keys)
        except (TypeError, ValueError) as error:  # also an address that is none
            key = "address" if self.address else "cluster"
            expected = "the address of a Dask scheduler"
            raise InvalidInput(key, expected=expected, actual=self.address, hint=explain(error), key=key) from error
        except OSError as error:
            raise WorkerError(f"no Dask scheduler answers at {self.address}: {explain(error)}") from error

    def _slots(self, threads: Mapping[str, int]) -> int:
        """Return the number of calls at a time; of a cluster that starts its workers one by one, when all are there."""
        if self.address:
            return min(self.workers or sum(threads.values()), sum(threads.values()))
        return max(sum(threads.values()), (self.workers or 0) * min(threads.values()))


def _check_address(address: str) -> None:
    try:
        scheme, place = parse_address(address)
        get_backend(scheme)
        if scheme in ("tcp", "tls"):
            parse_host_port(place)
    except ValueError as error:
        expected, hint = "the address of a Dask scheduler, e.g. tcp://10.0.0.1:8786", explain(error)
        raise InvalidInput("address", expected=expected, actual=address, hint=hint, key="address") from error


def _cluster_class(name: str) -> Callable[..., LocalCluster]:
    module, _, attribute = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (Exception, SystemExit) as error:  # whatever a foreign module raises at import
        hint = f"Is its library installed? {explain(error)}"
        expected = "a class, e.g. dask_jobqueue.SLURMCluster"
        raise InvalidInput("cluster", expected=expected, actual=name, hint=hint, key="cluster") from error
    return found  # type: ignore[no-any-return]


def _first_cause(error: BaseException) -> BaseException:
    return _first_cause(error.__cause__) if error.__cause__ else error


class _Workers:
    """The workers of a cluster; each call is sent to one with a free thread.

    Left to itself, Dask would queue calls on workers, and a worker that dies would end them all.
    """

    def __init__(self, client: Client, timeout_seconds: float) -> None:
        self.closed = threading.Event()
        self._client, self._timeout = client, timeout_seconds
        self._lock = threading.Lock()
        self._busy: Counter[str] = Counter()
        self._threads: dict[str, int] = {}
        self._read_at = -CHECK_SECONDS

    def wait_for_first(self) -> dict[str, int]:
        """Wait until a worker is there; return the number of threads by worker."""
        with suppress(TimeoutError):
            self._client.wait_for_workers(1, timeout=self._timeout)
        threads = self._alive()
        if not threads:
            raise self._none()
        return threads

    def call(self, function: Callable[..., bytes], *arguments: object) -> bytes:
        """Call ``function`` on a worker, and wait for it."""
        with self._free_worker() as address:
            future = self._client.submit(_call, function, arguments, workers=[address], pure=False, retries=0)
            try:
                self._wait(future, address)
                return future.result()  # type: ignore[no-any-return]
            except WorkerError:
                future.cancel()
                raise

    @contextmanager
    def _free_worker(self) -> Iterator[str]:
        """Wait for a free thread, and hold it; yield its worker's address."""
        since = time.monotonic()
        while not (address := self._take()):
            since = time.monotonic() if self._alive() else since
            if time.monotonic() - since > self._timeout:
                raise self._none()
            if self.closed.wait(CHECK_SECONDS):
                raise WorkerError("the engine was closed before the call began")
        try:
            yield address
        finally:
            with self._lock:
                self._busy[address] -= 1

    def _take(self) -> str:
        """Take a free thread of a worker; "" if there is none."""
        alive = self._alive()
        with self._lock:
            address = next((worker for worker, threads in alive.items() if self._busy[worker] < threads), "")
            if address:
                self._busy[address] += 1
            return address

    def _alive(self) -> dict[str, int]:
        """Return the number of threads by worker, at most ``CHECK_SECONDS`` old."""
        with self._lock:
            if time.monotonic() - self._read_at > CHECK_SECONDS:
                self._threads = dict(self._client.nthreads())
                self._read_at = time.monotonic()
            return self._threads

    def _wait(self, future: Future, address: str) -> None:
        """Wait until a call has ended.

        Raises:
            WorkerError: If its worker dies or the engine is closed.
        """
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        while not done.wait(CHECK_SECONDS):
            if self.closed.is_set():
                raise WorkerError("the engine was closed during the call")
            if address not in self._alive() and not future.done():
                raise WorkerError(f"the Dask worker at {address} died during the call")

    def _none(self) -> WorkerError:
        return WorkerError(f"no Dask worker was there for {self._timeout:g} s")


def _call(function: Callable[..., bytes], arguments: tuple[object, ...]) -> bytes:
    """Call ``function``, on a worker."""
    current_process().daemon = False  # workers are daemonic, and those may not have children
    worker = get_worker()
    with given_up_if(partial(_is_cancelled, worker.state.tasks, worker.get_current_task())):
        return function(*arguments)


def _is_cancelled(tasks: Mapping[str, object], key: str) -> bool:
    """Whether the scheduler has cancelled a task, which Dask does not interrupt: its client has, or is gone."""
    return getattr(tasks.get(key), "state", "cancelled") == "cancelled"
