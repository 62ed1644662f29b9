"""The job analysis table: what every job costs on every core, without stalls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.errors import InvalidInput

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class JobTable:
    """Latency and bandwidth of G jobs on A cores; copied, checked and read-only.

    Attributes:
        latency: ``(G, A)`` float64, no-stall cycles; ``inf`` where the core cannot run the job.
        bandwidth: ``(G, A)`` float64, bytes a cycle that the job needs to run without stall.

    Raises:
        InvalidInput: On an empty group, unequal shapes, NaN, negative values, or a job that no core can run.
    """

    latency: FloatArray
    bandwidth: FloatArray

    def __post_init__(self) -> None:
        for name in ("latency", "bandwidth"):
            object.__setattr__(self, name, _checked(name, getattr(self, name)))
        if self.latency.shape != self.bandwidth.shape:
            raise InvalidInput(
                "bandwidth", expected=f"the shape of latency, {self.latency.shape}", actual=self.bandwidth.shape
            )
        if np.isinf(self.bandwidth).any():
            raise _cell_error("bandwidth", self.bandwidth, np.isinf(self.bandwidth), "a finite value")
        stuck = np.isinf(self.latency).all(axis=1)
        if stuck.any():
            raise InvalidInput(
                f"latency, job {np.flatnonzero(stuck)[0]}", expected="a finite value on some core", actual="inf on all"
            )

    @property
    def num_jobs(self) -> int:
        """G, the number of jobs."""
        return int(self.latency.shape[0])

    @property
    def num_cores(self) -> int:
        """A, the number of cores."""
        return int(self.latency.shape[1])


def _checked(name: str, values: npt.ArrayLike) -> FloatArray:
    """A read-only copy ``(G, A)`` of ``values``."""
    try:
        table = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidInput(name, expected="an array of numbers, (jobs, cores)", actual=values) from None
    if table.ndim != 2 or 0 in table.shape:
        raise InvalidInput(name, expected="an array (jobs, cores) with at least one of each", actual=table.shape)
    wrong = ~(table >= 0)  # also true for NaN
    if wrong.any():
        raise _cell_error(name, table, wrong, "a number of at least 0")
    table.setflags(write=False)
    return table


def _cell_error(name: str, table: FloatArray, wrong: npt.NDArray[np.bool_], expected: str) -> InvalidInput:
    job, core = np.argwhere(wrong)[0]
    return InvalidInput(f"{name}, job {job}, core {core}", expected=expected, actual=table[job, core].item())
