"""What every optimizer is: the contract that the harness, the adapters and plug-ins share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from bench.errors import InvalidInput

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Mappings = tuple[IntArray, FloatArray]
"""Cores ``(P, G)`` and priorities ``(P, G)`` of P mappings."""


@dataclass(frozen=True, eq=False)
class Jobs:
    """What is known of the jobs, for methods that are no black-box optimizers.

    Attributes:
        latency: ``(G, A)`` no-stall latency in cycles; ``inf`` where a core cannot run a job.
        bandwidth: ``(G, A)`` required bandwidth in bytes/cycle.
        system_bandwidth: Shared by the cores, in bytes/cycle.
    """

    latency: FloatArray
    bandwidth: FloatArray
    system_bandwidth: float


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
        """``jobs``, for a method that cannot do without.

        Raises:
            InvalidInput: If nothing is known of them.
        """
        if self.jobs is None:
            raise InvalidInput("search space", expected="one that tells of the jobs", actual="one that does not")
        return self.jobs

    def sample(self, rng: np.random.Generator, count: int) -> Mappings:
        """``count`` mappings, uniformly at random."""
        shape = (count, self.num_jobs)
        return rng.integers(self.num_cores, size=shape), rng.random(shape)


class Objective(Protocol):
    """Anything that can score mappings: a problem, or a wrapper around one.

    It may have ``num_objectives``; without, it has 1. With 2 it also has ``hypervolume(values)``: the share, 0 to 1,
    of a box of its own that the ``values`` ``(n, 2)`` of n mappings dominate together. With ``job_table`` (which has
    ``latency`` and ``bandwidth``) and ``system_bandwidth`` it also serves methods that see the jobs.
    """

    @property
    def num_jobs(self) -> int:
        """G."""

    @property
    def num_cores(self) -> int:
        """A."""

    def evaluate(self, cores: IntArray, priorities: FloatArray) -> Any:
        """Values ``(P,)``, or ``(P, 2)`` of two objectives, of ``(P, G)`` mappings; lower is better.

        The arguments must be left as they are. A mapping that cannot run has the value ``inf``. NaN counts as ``inf``,
        for every optimizer alike; -``inf``, and what is no number, ends the run with an error that names it.
        """


def count_objectives(objective: Objective) -> int:
    """How many values ``objective`` gives a mapping."""
    return int(getattr(objective, "num_objectives", 1))


def jobs_of(objective: Objective) -> Jobs | None:
    """What ``objective`` tells of its jobs, or None."""
    table = getattr(objective, "job_table", None)
    return None if table is None else Jobs(table.latency, table.bandwidth, objective.system_bandwidth)  # type: ignore[attr-defined]


class Optimizer(ABC):
    """A search method for one run on one problem.

    Contract:
        - It is made with the search space, the budget (evaluations), the seed and its own keyword
          parameters, all with defaults; then ``run`` is called once.
        - ``run`` proposes mappings to ``evaluator.evaluate`` in batches of any size. The evaluator counts,
          times, and at the budget or the wall limit ends the run by an exception that is no ``Exception``:
          let it pass. Of a batch that goes beyond the budget only the first mappings are scored.
        - The evaluator keeps the best mapping; ``run`` returns nothing, and only if it has nothing more to try.
        - Same space, budget, seed and parameters: same proposals, in any process. All randomness comes from
          ``self.rng`` or is seeded from ``self.seed``.
        - Scores ``(P,)`` are at least 0, by default makespans; ``inf`` marks a mapping that cannot run, or that the
          objective had no value for (NaN). If
          ``space.num_objectives`` is 2, which only classes that say ``multi_objective`` meet, scores are ``(P, 2)``;
          the run is then judged by all mappings that no other dominates.

    Attributes:
        multi_objective: Whether it takes problems with several objectives.
        sees_jobs: Whether it is no black-box optimizer: ``space.jobs`` then tells it of the jobs.
        seeded: Whether its proposals depend on the seed.
        libraries: Distributions whose versions are stored with each run.
        space: What to search.
        budget: Evaluations that the run will get.
        seed: Of this optimizer in the run: derived from the run's seed and the optimizer's name.
        rng: Seeded from ``seed``.
    """

    multi_objective: ClassVar[bool] = False
    sees_jobs: ClassVar[bool] = False
    seeded: ClassVar[bool] = True
    libraries: ClassVar[tuple[str, ...]] = ()

    def __init__(self, space: SearchSpace, *, budget: int, seed: int) -> None:
        self.space = space
        self.budget = budget
        self.seed = seed
        self.rng = np.random.default_rng(seed)

    @abstractmethod
    def run(self, evaluator: Objective) -> None:
        """Search until the evaluator ends it."""

    def settings(self) -> dict[str, Any]:
        """What the library behind it chose by default, as JSON values; stored with the run."""
        return {}

    def first_population(self) -> int | None:
        """How many mappings it proposes before any value that it was told can matter; None if none ever does.

        It is known from the start and stored with the run: a run that ends there was no search, and reports say so.
        Where it cannot be known, less is told. The first batch counts anyway: no value comes before it.
        """
        return 1

    def surroundings(self) -> AbstractContextManager[None]:
        """What is entered around ``run``; for libraries that draw from process-wide generators, warn, or take threads.

        Whatever it changes in the process it sets back.
        """
        return nullcontext()


class AskTellOptimizer(Optimizer):
    """A method that is asked for mappings and told their values; it inherits the loop.

    Calls alternate: ``ask``, ``tell`` with what was asked, ``ask``, and so on. The arrays that ``ask`` returns
    and ``tell`` gets belong to the optimizer.
    """

    @abstractmethod
    def ask(self) -> Mappings:
        """The next mappings: cores ``(P, G)`` int in 0..A-1, priorities ``(P, G)`` float in [0, 1); P >= 1."""

    @abstractmethod
    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """The ``values``, ``(P,)`` or ``(P, 2)``, of the mappings asked last."""

    def run(self, evaluator: Objective) -> None:
        """Ask, evaluate, tell, until the evaluator ends it."""
        while True:
            cores, priorities = self.ask()
            self.tell(cores, priorities, evaluator.evaluate(cores, priorities))


def check_at_least(name: str, value: float, least: float) -> None:
    """Refuse a parameter below ``least``.

    Raises:
        InvalidInput: Naming the parameter.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= least:
        raise InvalidInput(name, expected=f"a number of at least {least:g}", actual=value)


def check_integer(name: str, value: int, least: int) -> None:
    """Refuse a parameter that is no integer of at least ``least``.

    Raises:
        InvalidInput: Naming the parameter.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidInput(name, expected=f"an integer of at least {least}", actual=value)


def check_fraction(name: str, value: float) -> None:
    """Refuse a parameter outside [0, 1].

    Raises:
        InvalidInput: Naming the parameter.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
        raise InvalidInput(name, expected="a number from 0 to 1", actual=value)
