"""Simulated annealing (Kirkpatrick, Gelatt & Vecchi 1983): an honest simple baseline."""

from __future__ import annotations

import math

from bench.errors import InvalidInput
from optimizers.contract import AskTellOptimizer, FloatArray, IntArray, Mappings, SearchSpace, check_at_least


class SimulatedAnnealing(AskTellOptimizer):
    """One mapping, of which one job moves to another core or gets another priority at a time.

    A worse one is accepted with probability exp(-d/T), d the difference relative to the best value so far; T falls
    geometrically over the budget.

    Args:
        initial_temperature: T at the start; 0.05 accepts a mapping 5 % worse with probability 1/e.
        final_temperature: T at the end.

    Raises:
        InvalidInput: If the final temperature is not above 0, or above the initial one.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        initial_temperature: float = 0.05,
        final_temperature: float = 0.0001,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        check_at_least("final_temperature", final_temperature, 0.0)
        check_at_least("initial_temperature", initial_temperature, final_temperature)
        if not final_temperature or not initial_temperature < math.inf:
            raise InvalidInput("temperatures", expected="finite and above 0", actual=initial_temperature)
        self._temperature = initial_temperature
        self._cooling = (final_temperature / initial_temperature) ** (1.0 / budget)
        self._cores, self._priorities = space.sample(self.rng, 1)
        self._value = self._best = math.inf

    def ask(self) -> Mappings:
        """A neighbour of the current mapping, ``(1, G)``; a random one while none was found that can run."""
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
        """Move there if it is no worse, or by chance."""
        value = float(values[0])
        if self._accepts(value):
            self._cores, self._priorities, self._value = cores, priorities, value
        self._best = min(self._best, value)
        self._temperature *= self._cooling

    def _accepts(self, value: float) -> bool:
        if value <= self._value:
            return True
        if not 0.0 < self._best or value == math.inf:
            return False
        return self.rng.random() < math.exp(-(value - self._value) / (self._best * self._temperature))
