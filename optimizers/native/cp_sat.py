"""Constraint programming: CP-SAT schedules the jobs as if none were slowed down; its schedules become mappings."""

from __future__ import annotations

import numpy as np

from optimizers.contract import Optimizer
from problems.doors.cp_sat import Search
from problems.doors.ticks import Plan, Ticks
from problems.foundation.checks import check_above_zero
from problems.space import Evaluator, Jobs, SearchSpace


class CpSat(Optimizer):
    """Schedules jobs of least durations, with dependencies and one volume of all, from a list schedule on.

    Each schedule that is shorter than all before is evaluated as a mapping, in the order of its starts; the last
    evaluation is kept for the best schedule. What jobs cost each other is not seen, so that a shorter schedule need not
    be a better mapping: see ``problems.doors.ticks``.

    Args:
        deterministic_time: Effort of CP-SAT in its own unit, about ten seconds; the same on every machine.

    Raises:
        InvalidInput: If it is not above 0.
    """

    sees_jobs = True
    seeded = False
    no_warm_start = "It starts from a list schedule of the job table."
    libraries = ("ortools",)

    def __init__(self, space: SearchSpace, *, budget: int, seed: int, deterministic_time: float = 0.5) -> None:
        super().__init__(space, budget=budget, seed=seed)
        self._time = check_above_zero("deterministic_time", deterministic_time)
        self._jobs = space.known_jobs()

    @classmethod
    def warm_up(cls) -> None:
        """Schedule two jobs."""
        with Search(Jobs(np.ones((2, 2)), np.ones((2, 2)), 1.0), 0.1) as search:
            list(search)

    def first_population(self) -> None:
        """None: values never matter."""

    def run(self, evaluator: Evaluator) -> None:
        """Evaluate schedule after schedule, then finish."""
        with Search(self._jobs, self._time) as search:
            kept: Plan | None = search.ticks.first_plan()
            for number, kept in enumerate(search, start=1):
                if number < self.budget:
                    _evaluate(evaluator, search.ticks, kept)
                    kept = None
            if kept is not None:
                _evaluate(evaluator, search.ticks, kept)


def _evaluate(evaluator: Evaluator, ticks: Ticks, plan: Plan) -> None:
    evaluator.evaluate(plan.cores[None, :], ticks.priorities(plan)[None, :])
