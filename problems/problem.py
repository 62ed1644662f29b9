"""One benchmark function: a job table behind a shared memory bandwidth."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from problems.arrays import FLOAT64, INT64, FloatArray, IntArray, behaved
from problems.bounds.duality import lower_bound
from problems.foundation.errors import InvalidInput
from problems.job_table import JobTable
from problems.objectives import DEFAULT_OBJECTIVE, OBJECTIVES, Objective, hypervolume, option_of
from problems.passes import Passes, without_number
from problems.precedence import Precedence
from problems.sampling import random_mappings
from problems.schedule import Schedule

if TYPE_CHECKING:
    from problems.best_known.entry import BestKnown
    from problems.bounds.certificate import Certificate
    from problems.makespan.compiled import Makespans

REFERENCE_MARGIN = 1.1
"""Ratio of the hypervolume's reference point to the median of random mappings."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Minimise an objective of G jobs on A cores. Immutable; made by ``problems.get`` or ``from_job_table``.

    A mapping (genome) consists of ``cores``, the core of each job, and ``priorities``: a core runs its jobs by
    ascending priority, ties by job index. With dependencies a job waits for its predecessors, its priority counts
    as no less than theirs, and ties go by topological order.

    Attributes:
        id: Name within the suite, ``task/platform/bwB/gG/iI``.
        job_table: Latency, bandwidth and, where known, energy of every job on every core; names of jobs and cores.
        system_bandwidth: Bytes/cycle that the cores share; GB/s at 1 GHz.
        total_macs: Multiply-accumulates of all jobs as the cost model counts them, or None if unknown.
        objective_name: Name of the objective that is minimised, see ``problems.objectives``.
        precedence: Dependencies between the jobs, or None.
        layer_macs: Multiply-accumulates of all jobs as usually published (``Layer.macs``), or None if unknown.
        passes: If the jobs are whole passes of networks, how many of each and what they yield, by network; else empty.

    Raises:
        InvalidInput: If the system bandwidth is not a positive finite number or so small that the slowdown exceeds
            the floats, the objective needs data that the job table lacks, or ``precedence`` has another number of jobs.
        UnknownName: If there is no such objective.
    """

    is_pure: ClassVar[bool] = True
    """Evaluating reads and changes nothing outside, not even random generators; classes of others do not say so."""

    id: str
    job_table: JobTable
    system_bandwidth: float
    total_macs: int | None = None
    objective_name: str = DEFAULT_OBJECTIVE
    precedence: Precedence | None = None
    layer_macs: int | None = None
    passes: Mapping[str, Passes] = field(default_factory=dict)

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
            expected = "a value so large that no slowdown, the jobs' bandwidth over it, exceeds the floats"
            raise InvalidInput("system bandwidth", expected=expected, actual=bandwidth)
        object.__setattr__(self, "system_bandwidth", bandwidth)
        self._check_objective()
        if self.precedence is not None and len(self.precedence.predecessors) != self.num_jobs:
            expected = f"a list for each of the {self.num_jobs} jobs"
            raise InvalidInput("predecessors", expected=expected, actual=len(self.precedence.predecessors))

    def _check_objective(self) -> None:
        """Raise if the job table lacks data that the objective needs."""
        objective = OBJECTIVES.get(self.objective_name)
        what = f"objective {objective.name!r}"
        if objective.needs_work and not self.total_macs:
            raise InvalidInput(what, expected="jobs whose work is known", actual="none")
        if not objective.needs_energy:
            return
        if self.job_table.energy is None:
            raise InvalidInput(what, expected="a job table with energy", actual="a table without")
        unknown = np.argwhere(np.isnan(self.job_table.energy) & np.isfinite(self.job_table.latency))
        if unknown.size:
            job, core = unknown[0]
            name = f"job {job}" + (f" ({self.job_names[job]})" if self.job_names else "")
            raise InvalidInput(
                what,
                expected="the energy of every job on every core that can run it",
                actual=f"none of {name} on core {core}",
                hint="MAESTRO's traffic is not known everywhere; the cost model 'corrected' knows all energies.",
            )

    @cached_property
    def objective(self) -> Objective:
        """The objective that is minimised."""
        return OBJECTIVES.get(self.objective_name)

    @property
    def num_objectives(self) -> int:
        """Number of values of a mapping, 1 or 2."""
        return self.objective.count

    @property
    def job_names(self) -> tuple[str, ...]:
        """Names of the G jobs, ``network/layer``, or an empty tuple."""
        return self.job_table.job_names

    @cached_property
    def job_passes(self) -> tuple[str, ...]:
        """Pass of a network that each of the G jobs belongs to, see ``Passes.names``; "" where its name tells none."""
        names = self.job_names or ("",) * self.num_jobs
        return tuple(name.partition("/")[0] if "/" in name else "" for name in names)

    @cached_property
    def job_networks(self) -> tuple[str, ...]:
        """Network of each of the G jobs, "" where its name tells none."""
        return tuple(map(without_number, self.job_passes))

    @property
    def core_names(self) -> tuple[str, ...]:
        """Names of the A cores, or an empty tuple."""
        return self.job_table.core_names

    @cached_property
    def num_jobs(self) -> int:
        """G, the number of jobs."""
        return self.job_table.num_jobs

    @cached_property
    def num_cores(self) -> int:
        """A, the number of cores."""
        return self.job_table.num_cores

    def evaluate(self, cores: npt.ArrayLike, priorities: npt.ArrayLike) -> FloatArray | float:
        """Return the objective, by default the makespan in cycles; ``inf`` if a core is given a job it cannot run.

        Args:
            cores: ``(P, G)`` or ``(G,)`` integers in 0..A-1.
            priorities: Finite numbers of the same shape; only their order counts.

        Returns:
            ``(P,)`` float64, or a float for one mapping; with two objectives ``(P, 2)``, or ``(2,)`` for one mapping.

        Raises:
            InvalidInput: On other shapes, types or values.
        """
        core, priority = np.asarray(cores), np.asarray(priorities)
        self._check_shapes(core, priority)
        alone = core.ndim == 1
        if alone:
            core, priority = core[None], priority[None]
        batch, order = behaved(core, INT64), behaved(priority, FLOAT64)
        objective = self.objective
        makespans = self._makespans(batch, order) if objective.needs_makespan else None
        if makespans is None:
            self._check_values(batch, order)
            makespans = np.zeros(len(batch))
        energies = self._energies(batch) if objective.needs_energy else np.zeros(len(batch))
        values = objective.formula(makespans, energies, self.flop)
        if not alone:
            return values
        return float(values[0]) if values.ndim == 1 else values[0]

    def warm_up(self) -> None:
        """Load or compile the evaluator, and find ideal and reference point, so that no search is charged for them."""
        nothing = np.zeros((1, self.num_jobs), dtype=np.int64)
        Problem.evaluate(self, nothing, nothing.astype(np.float64))  # no subclass that counts evaluations sees it
        if self.num_objectives > 1:
            self.reference_point()

    @cached_property
    def _makespans(self) -> Makespans:
        from problems.makespan.compiled import Makespans  # here, as Numba is slow to load

        table = self.job_table
        precedence = None if self.precedence is None else self.precedence.flat
        return Makespans(table.latency, table.bandwidth, self.system_bandwidth, precedence)

    def _energies(self, cores: IntArray) -> FloatArray:
        """Return the energies ``(P,)`` in nJ; ``inf`` where a core is given a job it cannot run."""
        with np.errstate(over="ignore"):
            total: FloatArray = self._energy_table[np.arange(self.num_jobs), cores].sum(axis=1)
        return total

    @cached_property
    def _energy_table(self) -> FloatArray:
        assert self.job_table.energy is not None
        return np.where(np.isfinite(self.job_table.latency), self.job_table.energy, np.inf)

    def repair(self, cores: IntArray) -> IntArray:
        """Move each job of ``cores`` ``(P, G)`` that its core cannot run to the next core, cyclically, that can.

        Searches and random mappings are repaired this way; ``evaluate`` takes mappings as they are.
        """
        if self._next_cores is None:
            return cores
        repaired: IntArray = self._next_cores[np.arange(self.num_jobs), cores]
        return repaired

    @cached_property
    def _next_cores(self) -> IntArray | None:
        """The core ``(G, A)`` to which a job given to each core moves; None if all cores run all jobs."""
        possible = np.isfinite(self.job_table.latency)
        if possible.all():
            return None
        ahead = np.arange(self.num_cores)[:, None] + np.arange(self.num_cores)
        ahead %= self.num_cores
        first: IntArray = possible[:, ahead].argmax(axis=2)
        return np.asarray(ahead[np.arange(self.num_cores), first])

    def schedule(self, cores: npt.ArrayLike, priorities: npt.ArrayLike) -> Schedule:
        """Compute the schedule of one mapping; arguments ``(G,)`` and errors as in ``evaluate``.

        Raises:
            InvalidInput: Also if a core is given a job that it cannot run.
        """
        core, priority = np.asarray(cores), np.asarray(priorities)
        if core.ndim != 1:
            raise InvalidInput("cores", expected=f"one mapping, shape ({self.num_jobs},)", actual=core.shape)
        self._check_shapes(core, priority)
        self._check_values(core.astype(np.int64)[None, :], priority.astype(np.float64)[None, :])
        return Schedule.of(self.job_table, self.system_bandwidth, core, priority, self.precedence)

    def _check_shapes(self, cores: npt.NDArray[Any], priorities: npt.NDArray[Any]) -> None:
        shape = cores.shape
        if len(shape) not in (1, 2) or shape[-1] != self.num_jobs:
            raise InvalidInput("cores", expected=f"shape (P, {self.num_jobs}) or ({self.num_jobs},)", actual=shape)
        if priorities.shape != shape:
            raise InvalidInput("priorities", expected=f"the shape of cores, {shape}", actual=priorities.shape)
        if cores.dtype.kind not in "iu" and cores.size:
            raise InvalidInput("cores", expected="integers", actual=str(cores.dtype))
        if priorities.dtype.kind not in "fiu" and priorities.size:
            raise InvalidInput("priorities", expected="real numbers", actual=str(priorities.dtype))

    def _check_values(self, cores: IntArray, priorities: FloatArray) -> None:
        for mapping, job in np.argwhere((cores < 0) | (cores >= self.num_cores)):
            expected, actual = f"a core from 0 to {self.num_cores - 1}", int(cores[mapping, job])
            raise InvalidInput(f"cores, mapping {mapping}, job {job}", expected=expected, actual=actual)
        for mapping, job in np.argwhere(~np.isfinite(priorities)):
            what, number = f"priorities, mapping {mapping}, job {job}", float(priorities[mapping, job])
            raise InvalidInput(what, expected="a finite number", actual=number)

    def content_digest(self) -> str:
        """Return twelve hexadecimal digits of a hash of what the problem computes, whatever its id."""
        table = self.job_table
        digest = hashlib.sha256(table.latency.tobytes() + table.bandwidth.tobytes())
        digest.update(repr((table.latency.shape, self.system_bandwidth, self.total_macs)).encode())
        if table.energy is not None:
            digest.update(table.energy.tobytes())
        if self.precedence is not None:
            digest.update(repr(self.precedence.predecessors).encode())
        digest.update(option_of(self.objective_name).encode())
        return digest.hexdigest()[:12]

    def lower_bound(self, effort: str = "default") -> float:
        """Return a (first) value that no mapping can beat: that of ``certificate(effort)``."""
        return self.certificate(effort).value

    def best_known(self) -> BestKnown | None:
        """Return the best mapping and the best bound known, see ``problems.best_known``; None if none are stored."""
        from problems.best_known.registry import best_known  # here, as it depends on certificates

        return best_known(self)

    def ideal_point(self) -> FloatArray:
        """Return a certified lower bound of each objective, ``(num_objectives,)``.

        With two objectives it is the corner of the hypervolume's box, which no progress with bounds may move: the
        first is by duality alone, and may be lower than ``lower_bound()``.
        """
        return self._ideal_point.copy() if self.num_objectives > 1 else np.array([self.lower_bound()])

    def certificate(self, effort: str = "default") -> Certificate:
        """Return a proof that no mapping has a lower (first) value, see ``problems.bounds.certificate``.

        Args:
            effort: ``fast`` (below a second for 100 jobs), ``default`` (seconds) or ``best`` (minutes at most). The
                same effort finds the same certificate everywhere; those of the instances of shipped campaigns are
                stored with ``best_known``, and not computed again.

        Raises:
            UnknownName: If there is no such effort.
        """
        if effort not in self._certificates:
            stored = self.best_known()
            known = None if stored is None else stored.certificates.get(effort)
            self._certificates[effort] = known or self.new_certificate(effort)
        return self._certificates[effort]

    def new_certificate(self, effort: str = "default") -> Certificate:
        """Compute what ``certificate`` returns, though it may be stored."""
        from problems.bounds.certificate import ENERGY_ALONE  # compiled, and many commands need no certificate
        from problems.bounds.certifying import certify, effort_of

        effort_of(effort)
        found = ENERGY_ALONE
        if self.objective.needs_makespan:
            found = certify(self.job_table, self.system_bandwidth, self.precedence, effort)
        return replace(found, value=self.value_at_least(found.makespan))

    @cached_property
    def _certificates(self) -> dict[str, Certificate]:
        return {}

    def value_at_least(self, makespan: float) -> float:
        """Return the least (first) value that mappings with at least this ``makespan`` in cycles can have."""
        return float(self._ideal(makespan)[0])

    def latency_bound(self) -> float:
        """Return a certified lower bound on the makespan in cycles, whatever the objective."""
        return self._latency_bound

    @cached_property
    def _latency_bound(self) -> float:
        return lower_bound(self.job_table, self.system_bandwidth, self.precedence)

    @cached_property
    def _ideal_point(self) -> FloatArray:
        return self._ideal(self.latency_bound() if self.objective.needs_makespan else 0.0)

    def _ideal(self, makespan: float) -> FloatArray:
        """Return the least value of each objective ``(k,)`` of mappings with at least this makespan."""
        nothing = np.zeros(1)
        with np.errstate(over="ignore"):
            energy = self._energy_table.min(axis=1).sum(keepdims=True) if self.objective.needs_energy else nothing
        return self.objective.formula(np.array([makespan]), energy * (1.0 - 1e-12), self.flop).reshape(-1)

    @cached_property
    def _reference_point(self) -> FloatArray:
        cores, priorities = random_mappings(self.num_jobs, self.num_cores)
        values = np.asarray(self.evaluate(self.repair(cores), priorities))
        with np.errstate(over="ignore", invalid="ignore"):
            reference = REFERENCE_MARGIN * np.median(values, axis=0)
            reference = np.where(reference > 0.0, reference, 1.0)
            area = np.prod(reference - self._ideal_point)
        if not 0.0 < area < np.inf:
            raise InvalidInput(
                f"problem {self.id!r}: ideal and reference point",
                expected="a box whose area the floats can hold",
                actual=f"{self._ideal_point.tolist()} and {reference.tolist()}",
                hint="Give latencies and energies in other units.",
            )
        return reference

    def reference_point(self) -> FloatArray:
        """Return the reference point of the hypervolume, ``(2,)`` cycles and nJ: 1.1 times the median random mapping.

        Where the median is 0, e.g. if jobs cost no energy, it is 1.

        Raises:
            InvalidInput: If the problem has one objective, or its numbers are so large or small that the area between
                ideal and reference point is 0 or infinite.
        """
        self._check_two_objectives()
        return self._reference_point.copy()

    def hypervolume(self, values: npt.ArrayLike) -> float:
        """Return the share, 0 to 1, of the box between ideal and reference point that ``values`` ``(n, 2)`` dominate.

        Raises:
            InvalidInput: If the problem has one objective.
        """
        self._check_two_objectives()
        return hypervolume(values, self._ideal_point, self._reference_point)

    def _check_two_objectives(self) -> None:
        if self.num_objectives != 2:
            hint = "Ids that end in /latency+energy have two."
            raise InvalidInput(f"problem {self.id!r}", expected="two objectives", actual=self.objective.name, hint=hint)

    @cached_property
    def flop(self) -> float:
        """Floating-point operations of all jobs, 2 per MAC; 0 if unknown."""
        return 2.0 * (self.total_macs or 0)

    def gflops(self, value: float) -> float:
        """Return the throughput in GFLOP/s at 1 GHz from the (first) value of a mapping; NaN if not derivable."""
        return float(self.objective.gflops(value, self.flop)) if value > 0.0 and self.flop else np.nan

    def throughput(self, makespan: npt.ArrayLike) -> FloatArray | float:
        """Return the GFLOP/s at 1 GHz, 2 FLOP per MAC, of a makespan in cycles; NaN if the MACs are unknown."""
        work = np.nan if self.total_macs is None else 2.0 * self.total_macs
        return work / np.asarray(makespan, dtype=np.float64)
