"""What an instance is good for: whether it tells optimizers apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.bounds import least_durations
from problems.problem import Problem
from problems.sampling import RANDOM_MAPPINGS, random_mappings

DEGENERATE = 1.02
"""An instance on which random search comes this close to the bound separates no optimizers."""


@dataclass(frozen=True)
class Facts:
    """Facts of one instance.

    Attributes:
        lower_bound: Certified, in the unit of the objective.
        random_level: Best of 1,000 random mappings over the bound, at least 1; NaN if that is 0.
        longest_job_share: Cycles that one job alone forces, or with dependencies one chain, over the bound on the
            makespan; 1 where it alone sets the bound.
    """

    lower_bound: float
    random_level: float
    longest_job_share: float

    @property
    def separates(self) -> bool:
        """Whether the instance can tell optimizers apart: random search is not yet near the bound."""
        return bool(self.random_level > DEGENERATE)

    @property
    def verdict(self) -> str:
        """The same in words."""
        if np.isnan(self.random_level):
            return "unknown: the bound is 0"
        if not self.separates:
            return "degenerate: random search is within 2 % of the bound"
        return "separates optimizers"


def facts_of(problem: Problem) -> Facts:
    """The facts of ``problem``; the random mappings are always the same, so the numbers are too.

    With two objectives the level is that of the first.
    """
    cores, priorities = random_mappings(problem.num_jobs, problem.num_cores)
    values = np.asarray(problem.evaluate(problem.repair(cores), priorities))
    values = values.reshape(RANDOM_MAPPINGS, -1)[:, 0]
    bound, best = problem.lower_bound(), values.min()
    alone = least_durations(problem.job_table, problem.system_bandwidth)
    forced = alone.max() if problem.precedence is None else problem.precedence.longest_path(alone)
    latency = problem.latency_bound()
    return Facts(
        lower_bound=bound,
        random_level=float(best / bound) if bound > 0 else np.nan,
        longest_job_share=float(forced / latency) if latency > 0 else np.nan,
    )
