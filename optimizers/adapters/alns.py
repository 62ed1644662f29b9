"""Adapter to the package alns (Wouda & Lan 2023): adaptive large neighbourhood search over one mapping.

A black box tells no cost of a part of a mapping, so that no repair can be greedy: all of them are random, and the
library learns which of them help.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from math import ceil, log

import numpy as np
from alns import ALNS
from alns.accept import SimulatedAnnealing
from alns.select import SegmentedRouletteWheel
from alns.stop import MaxIterations

from optimizers.contract import Optimizer
from optimizers.native.warm_start import MappingTables, mappings_of
from problems.arrays import FloatArray, IntArray
from problems.doors.losses import Losses
from problems.foundation.checks import check_fraction
from problems.space import Evaluator, SearchSpace

SCORES = (33.0, 9.0, 13.0)
"""For a new best mapping, a better one, and one that is accepted though worse (Ropke & Pisinger 2006, section 4.3)."""

REJECTED = 0.1
"""Score of a rejected mapping: above 0, so that the weights of operators do not vanish at the end of a long run."""

DECAY, SEGMENT = 0.9, 100
"""Share of its weight that an operator keeps (1 - r), and iterations between updates (same section)."""

FINAL_TEMPERATURE = 0.99975**25_000
"""Of the initial one: the cooling rate and the number of iterations of Ropke & Pisinger 2006."""


@dataclass(frozen=True, eq=False)
class Plan:
    """A mapping, of which some jobs may be removed.

    Attributes:
        space: Search space.
        loss_of: Function from cores ``(G,)`` and priorities ``(G,)`` to a loss.
        cores: ``(G,)``.
        priorities: ``(G,)``.
        most_removed: How many jobs may be removed at once.
        removed: Indices of the removed jobs.
    """

    space: SearchSpace
    loss_of: Callable[[IntArray, FloatArray], float]
    cores: IntArray
    priorities: FloatArray
    most_removed: int
    removed: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))

    @cached_property
    def loss(self) -> float:
        """Evaluate the mapping, once."""
        return self.loss_of(self.cores, self.priorities)

    def objective(self) -> float:
        """Return the loss, by the name that the library asks for."""
        return self.loss

    def insert(self, cores: IntArray, priorities: FloatArray) -> Plan:
        """Return a plan in which the removed jobs have these cores and priorities."""
        new_cores, new_priorities = self.cores.copy(), self.priorities.copy()
        new_cores[self.removed], new_priorities[self.removed] = cores, priorities
        return replace(self, cores=new_cores, priorities=new_priorities, removed=self.removed[:0])


def draw_size(plan: Plan, rng: np.random.Generator) -> int:
    """Draw how many jobs are removed."""
    return int(rng.integers(1, plan.most_removed + 1))


def any_jobs(plan: Plan, rng: np.random.Generator) -> Plan:
    """Remove random jobs."""
    jobs = rng.permutation(plan.space.num_jobs)
    return replace(plan, removed=jobs[: draw_size(plan, rng)])


def jobs_of_one_core(plan: Plan, rng: np.random.Generator) -> Plan:
    """Remove random jobs of the core of a random job."""
    core = plan.cores[rng.integers(plan.space.num_jobs)]
    jobs = rng.permutation(np.flatnonzero(plan.cores == core))
    return replace(plan, removed=jobs[: draw_size(plan, rng)])


def jobs_close_in_order(plan: Plan, rng: np.random.Generator) -> Plan:
    """Remove jobs that follow each other in the order of priorities, on whatever cores: they run at similar times."""
    size = draw_size(plan, rng)
    first = rng.integers(plan.space.num_jobs - size + 1)
    return replace(plan, removed=np.argsort(plan.priorities, kind="stable")[first : first + size])


def anywhere(plan: Plan, rng: np.random.Generator) -> Plan:
    """Insert each job on a random core, with a random priority."""
    count = len(plan.removed)
    return plan.insert(rng.integers(plan.space.num_cores, size=count), rng.random(count))


def on_another_core(plan: Plan, rng: np.random.Generator) -> Plan:
    """Insert each job on a random core that is not its own, if there is one, with its priority."""
    num_cores, own = plan.space.num_cores, plan.cores[plan.removed]
    steps = rng.integers(1, max(num_cores, 2), size=len(own))
    return plan.insert((own + steps) % num_cores, plan.priorities[plan.removed])


def in_another_order(plan: Plan, rng: np.random.Generator) -> Plan:
    """Insert each job on its own core, with a random priority."""
    return plan.insert(plan.cores[plan.removed], rng.random(len(plan.removed)))


def in_each_others_place(plan: Plan, rng: np.random.Generator) -> Plan:
    """Insert the jobs in each other's places, at random: core and priority."""
    places = rng.permutation(plan.removed)
    return plan.insert(plan.cores[places], plan.priorities[places])


DESTROY: Sequence[Callable[..., Plan]] = (any_jobs, jobs_of_one_core, jobs_close_in_order)

REPAIR: Sequence[Callable[..., Plan]] = (anywhere, on_another_core, in_another_order, in_each_others_place)


class LargeNeighbourhoodSearch(Optimizer):
    """Adaptive large neighbourhood search (Ropke & Pisinger 2006), accepting by simulated annealing.

    An iteration removes some jobs and inserts them again. It begins at the first random mapping that can run.

    Args:
        largest_share: Share of the jobs that are removed at most. It is small, because nothing but luck inserts them.
        worse: At the start, a mapping that is worse by this share of the first value is accepted with probability 1/2.
            It is a tenth of Ropke & Pisinger's, as the first mapping is not constructed but random.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``: all are evaluated, and it
            begins at the best, if that can run. A smaller ``worse`` stays nearer.

    Raises:
        InvalidInput: If a share is not from 0 to 1, or ``warm_start`` contains an invalid mapping.
    """

    libraries = ("alns",)

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        largest_share: float = 0.04,
        worse: float = 0.005,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        self._most_removed = max(ceil(check_fraction("largest_share", largest_share) * space.num_jobs), 1)
        self._worse = check_fraction("worse", worse)
        self._given = None if warm_start is None else mappings_of(warm_start, space)
        self._losses = Losses()

    def settings(self) -> dict[str, object]:
        """The operators, and the parameters of their selection."""
        names: Mapping[str, object] = {
            "destroy": [operator.__name__ for operator in DESTROY],
            "repair": [operator.__name__ for operator in REPAIR],
        }
        return {**names, "scores": [*SCORES, REJECTED], "decay": DECAY, "segment": SEGMENT}

    def first_population(self) -> int:
        """One mapping, or those of a warm start."""
        return 1 if self._given is None else len(self._given[0])

    def surroundings(self) -> AbstractContextManager[None]:
        """Mute NumPy's warnings about huge differences of values."""
        return np.errstate(over="ignore", under="ignore")

    def run(self, evaluator: Evaluator) -> None:
        """Search with as many iterations as there are evaluations."""
        search = ALNS(self.rng)
        for destroy in DESTROY:
            search.add_destroy_operator(destroy)
        for repair in REPAIR:
            search.add_repair_operator(repair)
        selection = SegmentedRouletteWheel([*SCORES, REJECTED], DECAY, SEGMENT, len(DESTROY), len(REPAIR))
        first = self._first(partial(self._loss_of, evaluator))
        acceptance, enough = self._acceptance(first.loss), MaxIterations(self.budget)
        search.iterate(first, selection, acceptance, enough)

    def _loss_of(self, evaluator: Evaluator, cores: IntArray, priorities: FloatArray) -> float:
        values = evaluator.evaluate(cores[None, :], priorities[None, :])
        return float(self._losses.of(values)[0, 0]) if np.isfinite(values[0]) else np.inf

    def _first(self, loss_of: Callable[[IntArray, FloatArray], float]) -> Plan:
        """Return the best plan of a warm start; if there is none that can run, draw mappings until one can."""
        given = () if self._given is None else zip(*self._given, strict=True)
        plan = min((self._plan(loss_of, *mapping) for mapping in given), key=Plan.objective, default=None)
        while plan is None or plan.loss == np.inf:
            cores, priorities = self.space.sample(self.rng, 1)
            plan = self._plan(loss_of, cores[0], priorities[0])
        return plan

    def _plan(self, loss_of: Callable[[IntArray, FloatArray], float], cores: IntArray, priorities: FloatArray) -> Plan:
        return Plan(self.space, loss_of, cores, priorities, self._most_removed)

    def _acceptance(self, first_loss: float) -> SimulatedAnnealing:
        """Return the annealing whose temperature falls over the budget."""
        temperature = max(first_loss * self._worse / log(2.0), np.finfo(np.float64).tiny / FINAL_TEMPERATURE)
        cooling = FINAL_TEMPERATURE ** (1.0 / self.budget)
        return SimulatedAnnealing(temperature, temperature * FINAL_TEMPERATURE, cooling)
