"""The search space: the mappings of jobs to cores, and what can score them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeGuard, TypeVar

import numpy as np
import numpy.typing as npt

from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import InvalidInput

Mappings = tuple[IntArray, FloatArray]
"""Cores ``(P, G)`` and priorities ``(P, G)`` of P mappings."""


@dataclass(frozen=True, eq=False)
class Jobs:
    """What is known of the jobs, for methods that are no black-box optimizers.

    Attributes:
        latency: ``(G, A)`` no-stall latency in cycles; ``inf`` where a core cannot run a job.
        bandwidth: ``(G, A)`` required bandwidth in bytes/cycle.
        system_bandwidth: Shared by the cores, in bytes/cycle.
        energy: ``(G, A)`` nJ, or None if it is not known.
        predecessors: For each job the jobs that must end before it starts; empty if there are no dependencies.
        objective: Name of what is minimised, see ``problems.objectives``.
        networks: Network of each job, "" where it is of none; empty if nothing is known of them.
    """

    latency: FloatArray
    bandwidth: FloatArray
    system_bandwidth: float
    energy: FloatArray | None = None
    predecessors: tuple[tuple[int, ...], ...] = ()
    objective: str = "latency"
    networks: tuple[str, ...] = ()


@dataclass(frozen=True)
class SearchSpace:
    """The mappings of G jobs to A cores: ``cores`` in 0..A-1 and ``priorities`` in [0, 1), one each a job.

    Attributes:
        num_jobs: G.
        num_cores: A.
        num_objectives: How many values a mapping has.
        jobs: What is known of the jobs; None for black-box optimizers.
    """

    num_jobs: int
    num_cores: int
    num_objectives: int = 1
    jobs: Jobs | None = None

    def known_jobs(self) -> Jobs:
        """Return ``jobs``, for a method that needs the job table.

        Raises:
            InvalidInput: If the search space has none.
        """
        if self.jobs is None:
            raise InvalidInput("search space", expected="one with a job table", actual="one without")
        return self.jobs

    def sample(self, rng: np.random.Generator, count: int) -> Mappings:
        """``count`` mappings, uniformly at random."""
        shape = (count, self.num_jobs)
        return rng.integers(self.num_cores, size=shape), rng.random(shape)


class ProblemLike(Protocol):
    """Anything that can be searched: a ``problems.Problem``, or a function of your own with its sizes.

    What it may offer beside: ``CountsObjectives`` and ``MeasuresFronts``, ``TellsJobs``, ``Repairs``, ``WarmsUp``.
    """

    @property
    def num_jobs(self) -> int:
        """G."""

    @property
    def num_cores(self) -> int:
        """A."""

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> npt.ArrayLike:
        """Values ``(P,)``, or ``(P, 2)`` of two objectives, of ``(P, G)`` mappings; lower is better.

        The arguments must be left as they are. A mapping that cannot run has the value ``inf``. NaN counts as ``inf``,
        for every optimizer alike; -``inf``, and what is no number, ends the run with an error that names it.
        """


class Evaluator(Protocol):
    """What an optimizer calls: it scores mappings, counts and times them, and ends the run."""

    @property
    def num_jobs(self) -> int:
        """G."""

    @property
    def num_cores(self) -> int:
        """A."""

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> FloatArray:
        """Values ``(P,)``, or ``(P, 2)`` of two objectives, of ``(P, G)`` mappings; lower is better, never NaN."""


class CountsObjectives(Protocol):
    """A problem that says how many values it gives a mapping; without this member it gives one."""

    @property
    def num_objectives(self) -> int:
        """How many values a mapping has, 1 or 2."""


class MeasuresFronts(Protocol):
    """What a problem with two objectives offers beside."""

    def hypervolume(self, values: FloatArray) -> float:
        """Share, 0 to 1, of a box of the problem's own that the ``values`` ``(n, 2)`` of n mappings dominate."""


class GivesReferencePoint(Protocol):
    """A problem with two objectives that says which values are too bad to count."""

    def reference_point(self) -> FloatArray:
        """The corner ``(2,)`` of the box that hypervolumes are measured in."""


class HasLatencyAndBandwidth(Protocol):
    """What methods that see the jobs need of a job table."""

    @property
    def latency(self) -> FloatArray:
        """``(G, A)`` no-stall cycles."""

    @property
    def bandwidth(self) -> FloatArray:
        """``(G, A)`` bytes/cycle."""


class TellsJobs(Protocol):
    """A problem that methods which are no black-box optimizers can take too."""

    @property
    def job_table(self) -> HasLatencyAndBandwidth:
        """What every job costs on every core."""

    @property
    def system_bandwidth(self) -> float:
        """Bytes/cycle that the cores share."""


class HasPredecessors(Protocol):
    """Dependencies between jobs."""

    @property
    def predecessors(self) -> tuple[tuple[int, ...], ...]:
        """For each job the jobs that must end before it starts."""


class TellsPrecedence(Protocol):
    """A problem whose jobs may wait for each other."""

    @property
    def precedence(self) -> HasPredecessors | None:
        """The dependencies, or None."""


class TellsObjective(Protocol):
    """A problem that names what it minimises; without this member it is the makespan."""

    @property
    def objective_name(self) -> str:
        """One of the names in ``problems.objectives``."""


class Repairs(Protocol):
    """A problem that moves jobs off cores that cannot run them."""

    def repair(self, cores: IntArray) -> IntArray:
        """``cores`` ``(P, G)`` on which every job can run."""


class WarmsUp(Protocol):
    """A problem that has to load or compile something before its first evaluation."""

    def warm_up(self) -> None:
        """Do so: called before the clocks of a run start."""


T = TypeVar("T")


def offers(problem: object, protocol: type[T]) -> TypeGuard[T]:
    """Whether ``problem`` has all members of ``protocol``, also by way of a ``__getattr__``.

    ``isinstance`` would overlook the latter, and with them wrappers that hand on what they do not know.
    """
    return all(hasattr(problem, name) for name in vars(protocol) if not name.startswith("_"))


def count_objectives(problem: ProblemLike) -> int:
    """How many values ``problem`` gives a mapping."""
    return int(problem.num_objectives) if offers(problem, CountsObjectives) else 1


def jobs_of(problem: ProblemLike) -> Jobs | None:
    """What ``problem`` tells of its jobs, or None."""
    if not offers(problem, TellsJobs):
        return None
    table = problem.job_table
    precedence = problem.precedence if offers(problem, TellsPrecedence) else None
    return Jobs(
        table.latency,
        table.bandwidth,
        problem.system_bandwidth,
        energy=getattr(table, "energy", None),
        predecessors=() if precedence is None else precedence.predecessors,
        objective=problem.objective_name if offers(problem, TellsObjective) else "latency",
        networks=tuple(getattr(problem, "job_networks", ())),
    )
