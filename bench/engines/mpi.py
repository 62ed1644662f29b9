"""Calls on the ranks of an MPI job.

Source: mpi4py.futures, Rogowski et al. 2023.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from mpi4py import MPI
from mpi4py.futures import MPIPoolExecutor

from bench.engines.engine import Engine, Pool
from bench.isolation.giving_up import given_up_if
from problems.foundation.errors import WorkerError

STARTER = "mpi4py.futures"

CLOSED_TAG = 3313
"""Tag of the messages by which rank 0 tells that a pool is closed."""

_numbers = itertools.count()


@dataclass(frozen=True)
class Mpi(Engine):
    """The ranks of the MPI job that this process belongs to: rank 0 drives, each other one carries out its calls.

    The job is started by the site's own command, in a job script or in an allocation of 65 cores or more::

        mpiexec -n 65 python -m mpi4py.futures -m bench run core --engine mpi

    (``srun -n 65 python -m ...`` where SLURM starts MPI jobs). ``mpi4py.futures`` keeps the other ranks from running
    the command as well. Workers are not spawned: few clusters allow that.

    A rank that dies ends the job: so MPI is made. Runs are in processes of their own, which leave the rank alone when
    they die; and the command, given again, carries out what is left.
    """

    @contextmanager
    def open(self) -> Iterator[Pool]:
        """Take the other ranks into service."""
        _check_start()
        number = next(_numbers)
        executor = MPIPoolExecutor(main=False)
        try:
            yield Pool(lambda *call: executor.submit(_call, number, *call), executor.num_workers, shares_disk=False)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
            _close(number)
            executor.shutdown()


def _check_start() -> None:
    """Check that this process is rank 0 of several, and the others wait for calls.

    Raises:
        WorkerError: If not.
    """
    how = f"start it by: mpiexec -n 3 python -m {STARTER} -m bench run ... --engine mpi"
    if STARTER not in sys.orig_argv:
        raise WorkerError(f"the engine mpi needs {STARTER}, which keeps ranks for calls; {how}")
    if MPI.COMM_WORLD.size < 2:
        raise WorkerError(f"the engine mpi needs at least 2 ranks, and has 1; {how}")


_closed: set[int] = set()
"""On a rank that carries out calls: numbers of the pools that it knows to be closed."""


def _close(number: int) -> None:
    """Tell every rank that a pool is closed, and wait until all have heard: MPI wants each message received."""
    requests = [MPI.COMM_WORLD.isend(number, rank, CLOSED_TAG) for rank in range(1, MPI.COMM_WORLD.size)]
    with MPIPoolExecutor(main=False, initializer=_hear_of_closing, initargs=(number,)) as everywhere:
        everywhere.bootup()
    MPI.Request.waitall(requests)


def _call(number: int, function: Callable[..., bytes], *arguments: object) -> bytes:
    """Call ``function`` for a pool, on another rank."""
    with given_up_if(partial(_is_closed, number)):
        return function(*arguments)


def _is_closed(number: int) -> bool:
    if number not in _closed and MPI.COMM_WORLD.iprobe(0, CLOSED_TAG):
        _closed.add(MPI.COMM_WORLD.recv(source=0, tag=CLOSED_TAG))
    return number in _closed


def _hear_of_closing(number: int) -> None:
    while number not in _closed:
        _closed.add(MPI.COMM_WORLD.recv(source=0, tag=CLOSED_TAG))
