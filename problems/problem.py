"""One benchmark function: a job table behind a shared memory bandwidth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bench.errors import InvalidInput
from problems.bounds import lower_bound
from problems.job_table import JobTable

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Problem:
    """Minimise the makespan of G jobs on A cores. Immutable; made by ``problems.get`` or ``from_job_table``.

    A mapping (genome) is ``cores``, the core of each job, and ``priorities``: a core runs its jobs by
    ascending priority, ties by job index.

    Attributes:
        id: Name within the suite, ``task/platform/bwB/gG/iI``.
        job_table: Latency and bandwidth of every job on every core.
        system_bandwidth: Bytes/cycle that the cores share; GB/s at 1 GHz.
        total_macs: Multiply-accumulates of all jobs, or None if unknown.
        job_names: G names, ``network/layer``, or none.
        core_names: A names, or none.

    Raises:
        InvalidInput: If the system bandwidth is not a positive finite number.
    """

    id: str
    job_table: JobTable
    system_bandwidth: float
    total_macs: int | None = None
    job_names: tuple[str, ...] = ()
    core_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            bandwidth = float(self.system_bandwidth)
        except (TypeError, ValueError):
            bandwidth = np.nan
        if not 0.0 < bandwidth < np.inf:
            raise InvalidInput(
                "system bandwidth", expected="a finite number of bytes/cycle above 0", actual=self.system_bandwidth
            )
        with np.errstate(over="ignore"):
            slowdown = self.job_table.bandwidth.max() * self.num_cores / bandwidth
        if not np.isfinite(slowdown):
            expected = "so much that no slowdown, the jobs' bandwidth over it, exceeds the floats"
            raise InvalidInput("system bandwidth", expected=expected, actual=bandwidth)
        object.__setattr__(self, "system_bandwidth", bandwidth)

    @property
    def num_jobs(self) -> int:
        """G."""
        return self.job_table.num_jobs

    @property
    def num_cores(self) -> int:
        """A."""
        return self.job_table.num_cores

    def evaluate(self, cores: npt.ArrayLike, priorities: npt.ArrayLike) -> FloatArray | float:
        """Makespan in cycles; ``inf`` for a mapping that gives a core a job it cannot run.

        Args:
            cores: ``(P, G)`` or ``(G,)`` integers in 0..A-1.
            priorities: Of the same shape, finite; only their order counts.

        Returns:
            ``(P,)`` float64, or a float for one mapping.

        Raises:
            InvalidInput: On other shapes, types or values.
        """
        core, priority = np.asarray(cores), np.asarray(priorities)
        self._check_shapes(core, priority)
        batch = np.atleast_2d(core).astype(np.int64, order="C", copy=False)
        order = np.atleast_2d(priority).astype(np.float64, order="C", copy=False)
        self._check_values(batch, order)
        from problems.makespan.compiled import makespans  # Numba takes its time to load: not before it is needed

        table = self.job_table
        values = makespans(table.latency, table.bandwidth, self.system_bandwidth, batch, order)
        return values if core.ndim == 2 else float(values[0])

    def _check_shapes(self, cores: npt.NDArray[np.generic], priorities: npt.NDArray[np.generic]) -> None:
        if cores.ndim not in (1, 2) or cores.shape[-1] != self.num_jobs:
            raise InvalidInput(
                "cores", expected=f"shape (P, {self.num_jobs}) or ({self.num_jobs},)", actual=cores.shape
            )
        if priorities.shape != cores.shape:
            raise InvalidInput("priorities", expected=f"the shape of cores, {cores.shape}", actual=priorities.shape)
        if cores.dtype.kind not in "iu" and cores.size:
            raise InvalidInput("cores", expected="integers", actual=str(cores.dtype))
        if priorities.dtype.kind not in "fiu" and priorities.size:
            raise InvalidInput("priorities", expected="real numbers", actual=str(priorities.dtype))

    def _check_values(self, cores: IntArray, priorities: FloatArray) -> None:
        if not cores.size:
            return
        if cores.view(np.uint64).max() >= self.num_cores:  # as unsigned, a negative core is a huge one
            where = np.argwhere((cores < 0) | (cores >= self.num_cores))[0]
            raise InvalidInput(
                f"cores, mapping {where[0]}, job {where[1]}",
                expected=f"a core from 0 to {self.num_cores - 1}",
                actual=int(cores[tuple(where)]),
            )
        with np.errstate(over="ignore", invalid="ignore"):
            total = priorities.sum()
        if not np.isfinite(total) and not np.isfinite(priorities).all():  # the sum is the quick look
            where = np.argwhere(~np.isfinite(priorities))[0]
            raise InvalidInput(
                f"priorities, mapping {where[0]}, job {where[1]}",
                expected="a finite number",
                actual=float(priorities[tuple(where)]),
            )

    def lower_bound(self) -> float:
        """A makespan in cycles that no mapping can beat, certified by duality (``problems.bounds``)."""
        return self._lower_bound

    @cached_property
    def _lower_bound(self) -> float:
        return lower_bound(self.job_table, self.system_bandwidth)

    def throughput(self, makespan: npt.ArrayLike) -> FloatArray | float:
        """GFLOP/s at 1 GHz, 2 FLOP a MAC, of a makespan in cycles; NaN if the work is unknown."""
        work = np.nan if self.total_macs is None else 2.0 * self.total_macs
        return work / np.asarray(makespan, dtype=np.float64)
