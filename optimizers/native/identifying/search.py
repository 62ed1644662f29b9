"""Search of a black box by a model identified from its values, with restarts (Kirkpatrick, Gelatt & Vecchi 1983)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from optimizers.contract import Optimizer
from optimizers.native.identifying.bench import Bench
from optimizers.native.identifying.identification import Costs, evaluations_needed, identify
from optimizers.native.identifying.lab import Lab, Unidentified
from optimizers.native.informed.annealing import anneal, lay_out
from optimizers.native.informed.arrays import Plan, Table, empty_plan, empty_trial
from optimizers.native.informed.building import counting_excess, fill, first_cores, priorities_of, table_of
from optimizers.native.informed.limits import limits_of
from optimizers.native.informed.search import LONGEST_SLICE, QUANTILES, SHARES, InformedAnnealing
from optimizers.native.swap_annealing import SwapAnnealing
from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import check_integer
from problems.space import Evaluator, Jobs, SearchSpace

STARTS, FINALISTS = 12, 2
"""How many plans are annealed, and how many of them, the best, are annealed on."""

GUIDES = ((0.0, False), (1.0, True), (3.0, True), (3.0, False), (10.0, False), (30.0, False))
"""Weights of guides with or without the excess, see ``informed.guide``, for one start after the other."""

TRIAL_SHARE = 0.3
"""Share of the steps that the first annealing of all plans takes."""

HOT, WARM, COLD = 0.2, 0.006, 0.0001
"""Temperatures: at first, where the best are annealed on, and at the end; see ``annealing.anneal``."""

MISFIT, HOPELESS = 0.01, 0.1
"""By what share the model may miss the values of plans: for it alone to be searched, and to be searched at all."""

RESERVE = 100
"""Evaluations that must be left for plans, or nothing is identified."""

DIRECTED: FloatArray = np.cumsum(list(SHARES.values()), dtype=np.float64)
UNDIRECTED: FloatArray = np.cumsum([0.3, 0.4, 0.3, 0.0, 0.0])
"""Shares of the kinds of moves, see ``proposing.propose``: at first, and without those that look at the limits."""


Best = tuple[FloatArray, IntArray, IntArray]
"""The best plan of an annealing: value ``(1,)``, cores ``(G,)`` and positions ``(G,)``."""


class IdentifyingAnnealing(Optimizer):
    """Identifies what the jobs cost by experiments, then anneals a model of them, and evaluates what it finds.

    It sees no job table, but assumes the structure of the published problem: cores run their jobs one after the other,
    all slow down by the same factor while they ask for more than the shared bandwidth, and some cores are equal.
    Experiments tell latency and demand of every job on every kind of core, see ``identification``; they take about
    4 + 3 K evaluations a job where there are K kinds of cores. Then plans are annealed on a compiled model of the
    makespan, and a few of them evaluated. The run ends there, before the budget is spent: "finished".

    Where the assumptions fail, ``native-swap-sa`` takes the rest of the budget, from the best mapping known: if no two
    cores are equal, if the budget does not suffice for the experiments, if a mapping cannot run, or if the model misses
    the values of plans by 10 % (dependencies between jobs, the energy-delay product). Then the experiments were in
    vain. If it misses them by 1 %, the model is searched, and then the values, from the best plan. The record of a run
    tells what was searched, and why.

    The model may lead past the optimum by its errors. They were at most 0.5 % on 112 groups of 100 jobs of the suite,
    and mostly far below; small groups with a few very long jobs are told less well.

    Args:
        steps_per_evaluation: Moves tried on the model for each evaluation of the budget, with 100 jobs; fewer with more
            jobs, so that the time is the same.

    Raises:
        InvalidInput: If that is not a number from 1 on.
    """

    no_warm_start = "It starts from experiments that it designs."

    def __init__(self, space: SearchSpace, *, budget: int, seed: int, steps_per_evaluation: int = 20) -> None:
        super().__init__(space, budget=budget, seed=seed)
        per_evaluation = check_integer("steps_per_evaluation", steps_per_evaluation, 1)
        self._steps = per_evaluation * budget * 100 // max(100, space.num_jobs)
        self._told: dict[str, object] = {"searched": "nothing: the budget ended during the experiments"}

    def settings(self) -> dict[str, object]:
        """Return, kept up to date, what is searched: the model, values, or both, and why values."""
        return self._told

    @classmethod
    def warm_up(cls) -> None:
        """Compile what both kinds of search need."""
        InformedAnnealing.warm_up()
        SwapAnnealing.warm_up()

    def run(self, evaluator: Evaluator) -> None:
        """Identify, search the model, evaluate; fall back to annealing of values."""
        lab = Lab(self.space, evaluator, self.budget)
        try:
            bench = Bench(lab)
            if lab.left < evaluations_needed(bench) + RESERVE:
                raise Unidentified("the budget is too small for the experiments")
            model = ModelSearch(lab, identify(bench, self.rng), bench.kinds, self.rng, self.check_limits)
            self._told["searched"] = "the model"
            misfit = model.run(self._steps)
        except Unidentified as why:
            self._told["searched"] = f"values: {why}"
            self._anneal_values(lab, evaluator)
        else:
            if misfit > MISFIT:
                self._told["searched"] = f"the model, then values: it misses them by {misfit:.1%}"
                self._anneal_values(lab, evaluator, WARM)

    def _anneal_values(self, lab: Lab, evaluator: Evaluator, temperature: float | None = None) -> None:
        """Anneal on from the best mapping, from a temperature or that of the annealing's own."""
        options: dict[str, Any] = {} if temperature is None else {"initial_temperature": temperature}
        annealing = SwapAnnealing(self.space, budget=lab.left, seed=self.seed, **options)
        annealing.start_from(lab.best_cores, lab.best_order, lab.best_value)
        annealing.run(evaluator)


class ModelSearch:
    """Annealing of a model; the plans that it finds are evaluated.

    Args:
        lab: Evaluates plans.
        costs: What the jobs cost on each kind of core.
        kinds: ``(A,)`` kind of each core.
        rng: Source of all randomness.
        check_limits: Called about once a second; raises if the run has reached a limit.
    """

    def __init__(
        self, lab: Lab, costs: Costs, kinds: IntArray, rng: np.random.Generator, check_limits: Callable[[], None]
    ) -> None:
        jobs = Jobs(costs.latency[:, kinds], (costs.volume / costs.latency)[:, kinds], 1.0)
        self._lab, self._rng, self._check_limits = lab, rng, check_limits
        self._table: Table = table_of(jobs, counts_energy=False)
        self._tables = self._table, counting_excess(self._table)
        self._unit = float(costs.latency.max() / self._table.latency.max())  # of the table's times, a power of two
        self._plan: Plan = empty_plan(lab.num_jobs, lab.num_cores)
        self._trial = empty_trial(lab.num_jobs, lab.num_cores)
        self._limits = limits_of(jobs, {})

    def run(self, steps: int) -> float:
        """Anneal several plans, then the best of them on; evaluate the first plans, and the last.

        Returns:
            By what share the model misses the values of the first, or of the last if it misses those more.

        Raises:
            Unidentified: If it misses too much.
        """
        plans = [self._first_plan() for _ in range(STARTS)]
        first_misfit = self._misfit(plans)
        trial_steps = int(TRIAL_SHARE * steps)
        guided = [(plan, GUIDES[number % len(GUIDES)]) for number, plan in enumerate(plans)]
        for plan, guide in guided:
            self._anneal(plan, HOT, DIRECTED, trial_steps // STARTS, guide)
        finalists = sorted(guided, key=lambda own: float(own[0][0][0]))[:FINALISTS]
        for plan, guide in finalists:
            self._anneal(plan, WARM, UNDIRECTED, (steps - trial_steps) // FINALISTS, guide)
        return max(first_misfit, self._misfit([plan for plan, _ in finalists]))

    def _first_plan(self) -> Best:
        cores, order = first_cores(self._table, np.ones_like(self._table.latency), self._rng)
        plan = np.array([0.0, -np.inf, 0.0]), cores, np.argsort(order)  # value; never late
        plan[0][0] = self._lay_out(plan)
        return plan

    def _lay_out(self, plan: Best) -> float:
        """Make a plan the present one; return its value."""
        fill(self._plan, plan[1], np.argsort(plan[2], kind="stable"))
        return lay_out(self._table, self._plan, self._trial)

    def _anneal(self, plan: Best, temperature: float, mix: FloatArray, steps: int, guide: tuple[float, bool]) -> None:
        """Improve a plan; ``guide`` is its weight, and whether it contains the excess."""
        weight, excess = guide
        self._table = self._tables[excess]
        self._lay_out(plan)
        steps = max(1, steps)
        cooling = float(np.round((COLD / temperature) ** (1.0 / steps), 15))  # rounded: the same on every machine
        now = self._table, self._plan, self._trial, self._limits
        while steps:
            done = min(steps, max(1, LONGEST_SLICE // self._lab.num_jobs))
            temperature = anneal(*now, plan, self._rng, QUANTILES, mix, temperature, cooling, done, weight)
            steps -= done
            self._check_limits()

    def _misfit(self, plans: list[Best]) -> float:
        """Evaluate plans; return by what share the model misses their values, the median."""
        orders = np.stack([self._order(plan) for plan in plans])
        values = self._lab.values(np.stack([plan[1] for plan in plans]), orders)
        modelled = np.array([plan[0][0] for plan in plans]) * self._unit
        misfit = float(np.median(np.abs(modelled / values - 1.0)))
        if misfit > HOPELESS:
            raise Unidentified(f"the model misses them by {misfit:.0%}")
        return misfit

    def _order(self, plan: Best) -> IntArray:
        """Return the jobs ``(G,)`` by start."""
        self._lay_out(plan)
        return np.argsort(priorities_of(self._table, self._plan))
