"""The job analysis table: the no-stall costs of every job on every core."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from problems.arrays import BoolArray, FloatArray
from problems.foundation.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class JobTable:
    """Latency and bandwidth of G jobs on A cores; the arrays are copied, checked and read-only.

    Attributes:
        latency: ``(G, A)`` float64, no-stall cycles; ``inf`` where the core cannot run the job.
        bandwidth: ``(G, A)`` float64, bytes/cycle that the job needs to run without stall.
        energy: ``(G, A)`` float64, nJ, or None; NaN where the cost model does not know it.
        job_names: Names of the G jobs, or an empty tuple.
        core_names: Names of the A cores, or an empty tuple.

    Raises:
        InvalidInput: On an empty group, unequal shapes, NaN, negative values, or a job that no core can run.
    """

    latency: FloatArray
    bandwidth: FloatArray
    energy: FloatArray | None = None
    job_names: tuple[str, ...] = ()
    core_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("latency", "bandwidth"):
            object.__setattr__(self, name, _checked(name, getattr(self, name)))
        if self.energy is not None:
            object.__setattr__(self, "energy", _checked("energy", self.energy, unknown=True))
        self._check_shapes()
        if np.isinf(self.bandwidth).any():
            raise _cell_error("bandwidth", self.bandwidth, np.isinf(self.bandwidth), "a finite value")
        stuck = np.isinf(self.latency).all(axis=1)
        if stuck.any():
            raise InvalidInput(
                f"latency, job {np.flatnonzero(stuck)[0]}", expected="a finite value on some core", actual="inf on all"
            )

    def _check_shapes(self) -> None:
        shape = self.latency.shape
        for name in ("bandwidth", "energy"):
            values = getattr(self, name)
            if values is not None and values.shape != shape:
                raise InvalidInput(name, expected=f"the shape of latency, {shape}", actual=values.shape)
        for name, count in (("job_names", shape[0]), ("core_names", shape[1])):
            names = tuple(map(str, getattr(self, name)))
            object.__setattr__(self, name, names)
            if names and len(names) != count:
                raise InvalidInput(name, expected=f"{count} names, or none", actual=len(names))

    def take(self, jobs: npt.ArrayLike) -> JobTable:
        """Return the table of the jobs with these numbers, in this order, repetitions included."""
        rows = np.asarray(jobs, dtype=np.int64)
        energy = None if self.energy is None else self.energy[rows]
        names = tuple(self.job_names[j] for j in rows) if self.job_names else ()
        return JobTable(self.latency[rows], self.bandwidth[rows], energy, names, self.core_names)

    @property
    def num_jobs(self) -> int:
        """G, the number of jobs."""
        return int(self.latency.shape[0])

    @property
    def num_cores(self) -> int:
        """A, the number of cores."""
        return int(self.latency.shape[1])


def _checked(name: str, values: npt.ArrayLike, *, unknown: bool = False) -> FloatArray:
    """Return a read-only copy ``(G, A)`` of ``values``; NaN is an error unless values may be ``unknown``."""
    try:
        table = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidInput(name, expected="an array of numbers, (jobs, cores)", actual=values) from None
    if table.ndim != 2 or 0 in table.shape:
        raise InvalidInput(name, expected="an array (jobs, cores) with at least one of each", actual=table.shape)
    wrong = table < 0 if unknown else ~(table >= 0)  # the latter is also true for NaN
    if wrong.any():
        raise _cell_error(name, table, wrong, "a number of at least 0")
    table.setflags(write=False)
    return table


def _cell_error(name: str, table: FloatArray, wrong: BoolArray, expected: str) -> InvalidInput:
    job, core = np.argwhere(wrong)[0]
    return InvalidInput(f"{name}, job {job}, core {core}", expected=expected, actual=table[job, core].item())
