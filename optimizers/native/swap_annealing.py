"""Simulated annealing with the neighbourhoods of scheduling: exchanges and insertions (Osman & Potts 1989).

The state is a core and a rank for each job: a priority has no meaning but its place in the order.
"""

from __future__ import annotations

import math

import numpy as np

from optimizers.native.annealing import Annealing
from optimizers.native.warm_start import MappingTables
from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import check_fraction
from problems.foundation.compiling import compiled
from problems.space import Mappings, SearchSpace


class SwapAnnealing(Annealing):
    """Simulated annealing of one mapping, a core and a rank for each job.

    A step exchanges core and rank of two jobs, or inserts one job at a random rank of another core.

    Args:
        initial_temperature: T at the start, see ``Annealing``.
        final_temperature: T at the end.
        swap_rate: Share of the steps that exchange two jobs.
        warm_start: Mappings to start from, see ``Annealing``.

    Raises:
        InvalidInput: If the rate is outside [0, 1], or the final temperature not above 0, or above the initial one,
            or ``warm_start`` contains an invalid mapping.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        initial_temperature: float = 0.05,
        final_temperature: float = 0.0001,
        swap_rate: float = 0.4,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(
            space,
            budget=budget,
            seed=seed,
            initial_temperature=initial_temperature,
            final_temperature=final_temperature,
            warm_start=warm_start,
        )
        self._swap_rate = float(check_fraction("swap_rate", swap_rate))  # of the type that is compiled
        self._cores: IntArray = np.zeros(space.num_jobs, dtype=np.int64)
        self._ranks: IntArray = np.arange(space.num_jobs)
        self._asked_ranks = self._ranks

    @classmethod
    def warm_up(cls) -> None:
        """Make one neighbour."""
        jobs = np.zeros(2, dtype=np.int64)
        neighbour(np.random.default_rng(0), jobs, np.arange(2), 2, 0.5)

    def start_from(self, cores: IntArray, order: IntArray, value: float) -> None:
        """Start from a mapping of that value: ``cores`` ``(G,)``, and the jobs ``(G,)`` by priority."""
        self._cores, self._ranks = cores, np.argsort(order)
        self._value = self._best = value

    def ask(self) -> Mappings:
        """Return a neighbour of the current mapping, ``(1, G)``; a random one until a mapping that can run is found.

        First of all a warm start, if there is one, ``(P, G)``.
        """
        if self._given is not None:
            return self._given
        if self._value == math.inf:
            cores = self.rng.integers(self.space.num_cores, size=self.space.num_jobs)
            self._asked_ranks = self.rng.permutation(self.space.num_jobs)
        else:
            cores, self._asked_ranks = neighbour(
                self.rng, self._cores, self._ranks, self.space.num_cores, self._swap_rate
            )
        return cores[None, :], self._asked_ranks[None, :] / self.space.num_jobs

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Accept the mapping if it is no worse, or by chance."""
        if self._given is not None:
            best = self.take_best(values)
            self._cores, self._ranks = cores[best], ranks_of(priorities[best])
        elif self.accepts(float(values[0])):
            self._cores, self._ranks = cores[0], self._asked_ranks


def ranks_of(priorities: FloatArray) -> IntArray:
    """Return the place of each job in the order of ``priorities`` ``(G,)``; of equal ones the first job comes first."""
    ranks: IntArray = np.argsort(np.argsort(priorities, kind="stable"))
    return ranks


@compiled
def neighbour(
    rng: np.random.Generator, cores: IntArray, ranks: IntArray, num_cores: int, swap_rate: float
) -> tuple[IntArray, IntArray]:
    """Return cores and ranks ``(G,)`` after one step; with a single core an insertion changes the rank alone."""
    cores, ranks = cores.copy(), ranks.copy()
    num_jobs = len(cores)
    job = int(rng.random() * num_jobs)
    if num_jobs > 1 and rng.random() < swap_rate:
        other = (job + 1 + int(rng.random() * (num_jobs - 1))) % num_jobs
        cores[job], cores[other] = cores[other], cores[job]
        ranks[job], ranks[other] = ranks[other], ranks[job]
    else:
        if num_cores > 1:
            cores[job] = (cores[job] + 1 + int(rng.random() * (num_cores - 1))) % num_cores
        insert(ranks, job, int(rng.random() * num_jobs))
    return cores, ranks


@compiled
def insert(ranks: IntArray, job: int, rank: int) -> None:
    """Move ``job`` to ``rank`` in ``ranks`` ``(G,)``; the jobs between make room."""
    before = ranks[job]
    for j in range(len(ranks)):
        if before < ranks[j] <= rank:
            ranks[j] -= 1
        elif rank <= ranks[j] < before:
            ranks[j] += 1
    ranks[job] = rank
