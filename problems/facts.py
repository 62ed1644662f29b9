"""Whether an instance can tell optimizers apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.bounds.duality import least_durations
from problems.problem import Problem
from problems.sampling import RANDOM_MAPPINGS, random_mappings

DEGENERATE = 1.02
"""Ratio to the bound; where random search gets within it, an instance separates no optimizers."""


@dataclass(frozen=True)
class Facts:
    """Facts about one instance.

    Attributes:
        lower_bound: Certified lower bound, in the unit of the objective.
        random_level: Best of 1,000 random mappings divided by the bound, at least 1; NaN if the bound is 0.
        longest_job_share: Cycles that the longest job alone (with dependencies: the longest chain) takes, divided by
            the bound on the makespan; 1 where it alone sets the bound.
    """

    lower_bound: float
    random_level: float
    longest_job_share: float

    @property
    def separates(self) -> bool:
        """Whether the instance can tell optimizers apart, as random search stays away from the bound."""
        return bool(self.random_level > DEGENERATE)

    @property
    def verdict(self) -> str:
        """Whether the instance separates optimizers, in words."""
        if np.isnan(self.random_level):
            return "unknown: the bound is 0"
        if not self.separates:
            return "degenerate: random search is within 2 % of the bound"
        return "separates optimizers"


def facts_of(problem: Problem) -> Facts:
    """Return the facts about ``problem``; they are reproducible, as the random mappings are always the same.

    With two objectives ``random_level`` is that of the first.
    """
    cores, priorities = random_mappings(problem.num_jobs, problem.num_cores)
    values = np.asarray(problem.evaluate(problem.repair(cores), priorities))
    values = values.reshape(RANDOM_MAPPINGS, -1)[:, 0]
    bound = problem.lower_bound()
    alone = least_durations(problem.job_table, problem.system_bandwidth)
    forced = alone.max() if problem.precedence is None else problem.precedence.longest_path(alone)
    latency = max(problem.latency_bound(), problem.certificate().makespan)
    return Facts(
        lower_bound=bound,
        random_level=float(values.min() / bound) if bound > 0 else np.nan,
        longest_job_share=float(forced / latency) if latency > 0 else np.nan,
    )
