"""Simulated annealing (Kirkpatrick, Gelatt & Vecchi 1983), a simple baseline."""

from __future__ import annotations

import math

import numpy as np

from optimizers.contract import AskTellOptimizer
from optimizers.native.warm_start import MappingTables, mappings_of
from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import check_at_least
from problems.foundation.errors import InvalidInput
from problems.space import Mappings, SearchSpace


class Annealing(AskTellOptimizer):
    """What all annealing of one mapping shares: the temperature, and which mappings are accepted.

    A worse mapping is accepted with probability exp(-d/T), where d is the difference relative to the best value so far;
    the temperature T falls geometrically over the budget.

    Args:
        initial_temperature: T at the start; 0.05 accepts a mapping that is 5 % worse with probability 1/e.
        final_temperature: T at the end.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``; all are evaluated, and the
            best becomes the current one. None for random mappings until one can run.

    Raises:
        InvalidInput: If the final temperature is not above 0, or is above the initial one, or ``warm_start`` contains
            an invalid mapping.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        initial_temperature: float,
        final_temperature: float,
        warm_start: MappingTables | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        check_at_least("final_temperature", final_temperature, 0.0)
        check_at_least("initial_temperature", initial_temperature, final_temperature)
        if not final_temperature or not initial_temperature < math.inf:
            raise InvalidInput("temperatures", expected="finite and above 0", actual=initial_temperature)
        self._temperature = float(initial_temperature)
        self._cooling = (final_temperature / initial_temperature) ** (1.0 / budget)
        self._value = self._best = math.inf
        self._given = None if warm_start is None else mappings_of(warm_start, space)

    def first_population(self) -> int:
        """One mapping, or those of a warm start."""
        return 1 if self._given is None else len(self._given[0])

    def take_best(self, values: FloatArray) -> int:
        """Start from the best of the mappings of a warm start, with ``values`` ``(P,)``; return its number."""
        self._given = None
        best = int(np.argmin(values))
        self._value = self._best = float(values[best])
        self._temperature *= self._cooling ** len(values)
        return best

    def accepts(self, value: float) -> bool:
        """Whether a mapping of that value becomes the current one; cools down."""
        accepted = self._is_accepted(value)
        if accepted:
            self._value = value
        self._best = min(self._best, value)
        self._temperature *= self._cooling
        return accepted

    def _is_accepted(self, value: float) -> bool:
        if value <= self._value:
            return True
        if not 0.0 < self._best or value == math.inf:
            return False
        return self.rng.random() < math.exp(-(value - self._value) / (self._best * self._temperature))


class SimulatedAnnealing(Annealing):
    """Simulated annealing of one mapping; a step moves one job to another core or changes its priority.

    No step exchanges two jobs: that is what this plain baseline lacks most, and what ``native-swap-sa`` adds.

    Args:
        initial_temperature: T at the start, see ``Annealing``.
        final_temperature: T at the end.
        warm_start: Mappings to start from, see ``Annealing``.

    Raises:
        InvalidInput: If the final temperature is not above 0, or is above the initial one, or ``warm_start`` contains
            an invalid mapping.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        initial_temperature: float = 0.05,
        final_temperature: float = 0.0001,
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
        self._cores, self._priorities = space.sample(self.rng, 1)

    def ask(self) -> Mappings:
        """Return a neighbour of the current mapping, ``(1, G)``; a random one until a mapping that can run is found.

        First of all a warm start, if there is one, ``(P, G)``.
        """
        if self._given is not None:
            return self._given
        if self._value == math.inf:
            return self.space.sample(self.rng, 1)
        cores, priorities = self._cores.copy(), self._priorities.copy()
        job = self.rng.integers(self.space.num_jobs)
        if self.space.num_cores > 1 and self.rng.random() < 0.5:
            cores[0, job] = (cores[0, job] + self.rng.integers(1, self.space.num_cores)) % self.space.num_cores
        else:
            priorities[0, job] = self.rng.random()
        return cores, priorities

    def tell(self, cores: IntArray, priorities: FloatArray, values: FloatArray) -> None:
        """Accept the mapping if it is no worse, or by chance."""
        if self._given is not None:
            best = self.take_best(values)
            self._cores, self._priorities = cores[best : best + 1], priorities[best : best + 1]
        elif self.accepts(float(values[0])):
            self._cores, self._priorities = cores, priorities
