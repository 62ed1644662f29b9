"""Iterated local search (Lourenço, Martin & Stützle 2003), as a plug-in to m3e."""

from __future__ import annotations

import numpy as np

from optimizers import AskTellOptimizer, Entry, SearchSpace


class IteratedLocalSearch(AskTellOptimizer):
    """Moves one job at a time while that helps; after too many failures it shakes several.

    Args:
        patience: Failures in a row before it shakes.
        strength: Jobs that are moved then.
    """

    libraries = ("m3e-example-plugin",)

    def __init__(self, space: SearchSpace, *, budget: int, seed: int, patience: int = 50, strength: int = 5) -> None:
        super().__init__(space, budget=budget, seed=seed)
        self._patience, self._strength = patience, strength
        self._mapping = space.sample(self.rng, 1)
        self._value, self._failures = np.inf, 0

    def ask(self):
        """A neighbour of the current mapping."""
        count = 1
        if self._failures >= self._patience:
            count, self._value, self._failures = self._strength, np.inf, 0
        jobs = self.rng.integers(self.space.num_jobs, size=count)
        fresh = self.space.sample(self.rng, 1)
        cores, priorities = (part.copy() for part in self._mapping)
        cores[:, jobs], priorities[:, jobs] = fresh[0][:, jobs], fresh[1][:, jobs]
        return cores, priorities

    def tell(self, cores, priorities, values):
        """Go there unless it is worse."""
        if values[0] <= self._value:
            self._mapping, self._value, self._failures = (cores, priorities), values[0], 0
        else:
            self._failures += 1


OPTIMIZERS = [
    Entry(
        "example-ils",
        "m3e_example_plugin:IteratedLocalSearch",
        family="example",
        summary="iterated local search",
        source="Lourenco 2003",
    )
]
