"""A rehearsal: steps of a toy search, so that a library loads before a run what it would load in it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from optimizers.contract import AskTellOptimizer
from problems.space import SearchSpace


def rehearse(
    factory: Callable[..., AskTellOptimizer], *, steps: int = 2, num_objectives: int = 1, **parameters: object
) -> None:
    """Ask and tell an optimizer of three jobs, in its own surroundings."""
    toy = factory(SearchSpace(3, 2, num_objectives), budget=100, seed=0, **parameters)
    with toy.surroundings():
        for _ in range(steps):
            cores, priorities = toy.ask()
            values = np.stack([cores.sum(axis=1) + 1.0, priorities.sum(axis=1)], axis=1)
            toy.tell(cores, priorities, values if num_objectives > 1 else values.sum(axis=1))
