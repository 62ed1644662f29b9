"""A (1+1)-EA: a child differs from its parent in each job with probability 1/G, and replaces it unless it is worse."""

import numpy as np

from optimizers import AskTellOptimizer


class OnePlusOne(AskTellOptimizer):
    """One mapping, of which a job or a few get another core and priority at a time."""

    def __init__(self, space, *, budget, seed):
        super().__init__(space, budget=budget, seed=seed)
        self.cores, self.priorities = space.sample(self.rng, 1)
        self.value = np.inf

    def ask(self):
        """A child: arrays (1, G) of cores and of priorities."""
        jobs = self.space.num_jobs
        cores, priorities = self.space.sample(self.rng, 1)
        changed = self.rng.random(jobs) < 1.0 / jobs
        changed[self.rng.integers(jobs)] = True
        return np.where(changed, cores, self.cores), np.where(changed, priorities, self.priorities)

    def tell(self, cores, priorities, values):
        """Keep the child unless it is worse; values (1,)."""
        if values[0] <= self.value:
            self.cores, self.priorities, self.value = cores, priorities, values[0]
