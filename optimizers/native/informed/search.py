"""Simulated annealing of the search's own model of the jobs (Kirkpatrick, Gelatt & Vecchi 1983), with restarts.

The suite evaluates only what the search has found to be better than all before; its own evaluations, thousands for each
of those, are compiled, see ``annealing``.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from optimizers.contract import Optimizer
from optimizers.native.informed.annealing import anneal, lay_out
from optimizers.native.informed.arrays import ENERGY, VALUE, empty_plan, empty_trial
from optimizers.native.informed.building import (
    as_plan,
    counting_excess,
    fill,
    first_cores,
    priorities_of,
    table_of,
    time_exponent,
)
from optimizers.native.informed.limits import check_limits, counted_span, is_better, lateness_of, limits_of
from optimizers.native.warm_start import MappingTables, mappings_of
from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import check_integer, is_above_zero
from problems.foundation.errors import InvalidInput
from problems.space import Evaluator, Jobs, Mappings, SearchSpace

SHARES = {"transfer": 0.25, "swap": 0.25, "shift": 0.2, "relieve": 0.1, "level": 0.2}
"""Shares of the kinds of moves, in the order of ``proposing.propose``."""

SLICES = 32
"""Pieces of a round, after each of which what was found is handed out; there are more if they would take long."""

LONGEST_SLICE = 1 << 26
"""Most steps times jobs in a piece: about a second."""

LONGEST_SECONDS = 1.0
"""The same of a round that is measured in seconds."""

QUANTILES: FloatArray = np.round(-np.log(np.linspace(0.5, 4095.5, 4096) / 4096), 9).astype(np.float64)
"""Of the exponential distribution; rounded, so that they are the same with every library of logarithms."""

FAR = 4.0
"""Until a plan keeps all limits, the ceiling of those that do not is so many times the first makespan."""

LARGEST_TABLE = 1 << 24
"""Most jobs times cores."""

LARGEST_STEPS = 10**15
"""Most steps."""


class Round(NamedTuple):
    """One annealing.

    Attributes:
        share: Of all steps, or of the time.
        anew: Whether it starts from the first plan again, and not from the best.
        heat: Share of the initial temperature at which it starts.
        weight: Of the guide, see ``guide``; None for guide and weight of the round which found the best plan.
        excess: Whether the prices of the guide contain the excess.
    """

    share: float
    anew: bool = True
    heat: float = 1.0
    weight: float | None = None
    excess: bool = False


SKETCHES = (Round(0.01, weight=1.0), Round(0.03, weight=0.0), Round(0.06, weight=0.3, excess=True))
"""The first rounds: whoever ends a long search early has at least what a short one finds."""

ROUNDS = (
    Round(0.08, weight=0.0),
    *(Round(0.08, weight=weight, excess=True) for weight in (1.0, 3.0)),
    *(Round(0.08, weight=weight) for weight in (3.0, 10.0, 30.0)),
    Round(0.27),
    Round(0.15, anew=False, heat=0.02, weight=0.0),
)
"""Which guide helps, and how much, depends on the instance: several are tried, and the best is gone on with."""

COLD_START = (*SKETCHES, *ROUNDS)
WARM_START = (Round(0.1, anew=False, heat=0.05, weight=0.0), *ROUNDS)


class InformedAnnealing(Optimizer):
    """Anneals a plan that it evaluates itself from the job table, and hands out the best.

    Objectives are the makespan, the throughput and the energy-delay product; of the energy alone the best mapping is
    known. The model is the suite's: within rounding, both give a mapping the same value.

    Args:
        steps: Moves tried in all; None for 300 for each evaluation of the budget, but at least 2,000 a job, at most
            100,000 a job.
        seconds: Wall seconds after which the search ends instead; it then depends on the machine. None for no limit.
        initial_temperature: By how much a plan may be worse at the start of a round, as a share of the best value.
        final_temperature: The same at its end.
        warm_start: Mappings to start from, each a table with ``cores`` and ``priorities``. The suite evaluates them
            first; the first round goes on from the best of them, later ones start anew, as without.
        limits: Cycles in which all jobs of a network must be done, by its name. A mapping that keeps all limits is
            better than any that does not; only if none is found, the one that is least late is handed out.

    Raises:
        InvalidInput: If the objective is another one, the table has more than 2**24 entries, or a parameter is not
            valid.
        UnknownName: If a limit is of no network whose jobs are mapped.
    """

    sees_jobs = True
    evaluates_itself = True
    of_a_problem = frozenset(("warm_start", "limits"))

    def __init__(
        self,
        space: SearchSpace,
        *,
        budget: int,
        seed: int,
        steps: int | None = None,
        seconds: float | None = None,
        initial_temperature: float = 0.2,
        final_temperature: float = 0.0001,
        warm_start: MappingTables | None = None,
        limits: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        chosen = _default_steps(budget, space.num_jobs) if steps is None else steps
        self._steps = check_integer("steps", chosen, 1, LARGEST_STEPS)
        if seconds is not None and not is_above_zero(seconds, 1e9):
            raise InvalidInput("seconds", expected="a number above 0, or none", actual=seconds)
        falling = is_above_zero(final_temperature) and is_above_zero(initial_temperature)
        if not falling or final_temperature > initial_temperature:
            actual = f"{initial_temperature} to {final_temperature}"
            raise InvalidInput("temperatures", expected="finite, above 0 and falling", actual=actual)
        self._seconds = seconds
        self._temperatures = initial_temperature, final_temperature
        self._given = None if warm_start is None else mappings_of(warm_start, space)
        jobs = space.known_jobs()
        _check_supported(jobs)
        self._only_energy = jobs.objective == "energy"
        table = table_of(jobs, counts_energy=jobs.objective in ("energy", "edp"))
        self._limits = limits_of(jobs, limits, time_exponent(jobs))
        self._tables = table, counting_excess(table)
        self._table = table
        self._plan = empty_plan(space.num_jobs, space.num_cores)
        self._trial = empty_trial(space.num_jobs, space.num_cores)
        self._best = (
            np.array([np.inf, np.inf, 0.0]),
            np.zeros(space.num_jobs, np.int64),
            np.zeros(space.num_jobs, np.int64),
        )
        self._handed = np.inf
        self._left = budget
        self._done = 0
        self._best_guide = 0.0, False
        self._mix: FloatArray = np.cumsum(list(SHARES.values()), dtype=np.float64)
        planned = None if seconds is not None or self._only_energy else self._steps
        self._told: dict[str, object] = {"planned_steps": planned, "internal_evaluations": 0}

    @classmethod
    def identify(cls, parameters: Mapping[str, object]) -> dict[str, object]:
        """Check the limits, as far as they do not depend on the problem."""
        check_limits(parameters.get("limits"))
        return {}

    @classmethod
    def warm_up(cls) -> None:
        """Anneal two jobs for a step, without and with dependencies."""
        for predecessors in ((), ((), (0,))):
            jobs = Jobs(np.ones((2, 2)), np.ones((2, 2)), 1.0, predecessors=predecessors)
            toy = cls(SearchSpace(2, 2, jobs=jobs), budget=1, seed=0, steps=1)
            toy._start()
            toy._anneal(0.1, 1.0, 1)

    def first_population(self) -> None:
        """None: the values that the suite returns never matter."""

    def settings(self) -> dict[str, object]:
        """Return how many steps are planned and, kept up to date, how many have been done."""
        return self._told

    def run(self, evaluator: Evaluator) -> None:
        """Anneal round after round; hand out the best plan after every slice that has found a better one."""
        self._start()
        if self._given is not None and self.budget > 1 and not self._limits.cycles.size:
            self._evaluate_given(self._given, evaluator)
        if self.budget > 1 and not self._only_energy:
            self._hand_out(evaluator)
        if not self._only_energy:
            ended = 0.0
            for number, one in enumerate(COLD_START if self._given is None else WARM_START):
                if one.anew and number:
                    self._start_anew()
                elif number:
                    self._restore_best()
                ended += one.share
                self._run_round(one, round(ended * self._steps) - self._done, evaluator)
        self._hand_out(evaluator, at_last=True)

    def _run_round(self, one: Round, steps: int, evaluator: Evaluator) -> None:
        weight, excess = self._best_guide if one.weight is None else (one.weight, one.excess)
        self._table = self._tables[excess]
        self._lay_out()
        if self._table.energy.size:
            weight = 0.0  # the guide is in cycles
        value = float(self._best[0][0])
        seconds = None if self._seconds is None else one.share * self._seconds
        clock = _Clock(steps, seconds, max(1, LONGEST_SLICE // self.space.num_jobs))
        hottest = self._temperatures[0] * one.heat
        ratio = min(1.0, self._temperatures[1] / hottest)
        while steps := clock.next_steps():
            before, width = clock.progress, clock.width
            cooling = float(np.round(ratio ** (width / steps), 15))  # rounded: the same on every machine
            self._anneal(float(np.round(hottest * ratio**before, 12)), cooling, steps, weight)
            clock.advance(steps)
            if self._left > 1:
                self._hand_out(evaluator)
        if self._best[0][0] < value:
            self._best_guide = weight, excess

    def _anneal(self, temperature: float, cooling: float, steps: int, weight: float = 0.0) -> None:
        anneal(
            self._table,
            self._plan,
            self._trial,
            self._limits,
            self._best,
            self.rng,
            QUANTILES,
            self._mix,
            temperature,
            cooling,
            steps,
            weight,
        )
        self._done += steps
        self._told["internal_evaluations"] = self._done

    def _start(self) -> None:
        """Set up the first plan: the best that is given, or one of its own."""
        if self._given is None or self._only_energy:
            self._start_anew()
            return
        for cores, priorities in zip(*self._given, strict=True):
            self._take_up(*as_plan(self._table, cores, priorities))
        self._restore_best()

    def _evaluate_given(self, given: Mappings, evaluator: Evaluator) -> None:
        """Let the suite evaluate what is given, so that no search ends with less: it may break ties in other ways."""
        cores, priorities = given
        most = min(len(cores), self.budget - 1)
        self._left -= most
        evaluator.evaluate(cores[:most], priorities[:most])

    def _start_anew(self) -> None:
        """Set up a plan of its own."""
        table = self._table
        cores, order = first_cores(table, table.energy if table.energy.size else np.ones(table.latency.shape), self.rng)
        if self._only_energy:
            possible = [choices[:n] for choices, n in zip(table.choices, table.num_choices, strict=True)]
            cores = np.array([own[np.argmin(table.energy[j, own])] for j, own in enumerate(possible)])
        self._take_up(cores, order)

    def _take_up(self, cores: IntArray, order: list[int]) -> None:
        """Set up a plan; it becomes the best if it is better."""
        fill(self._plan, cores, order)
        value, lateness = self._lay_out()
        standing = self._best[0]
        if is_better(value, lateness, standing[0], standing[1]) or not np.isfinite(standing[0]):
            standing[0], standing[1] = value, lateness
            self._best[1][:], self._best[2][:] = self._plan.cores, self._plan.positions

    def _lay_out(self) -> tuple[float, float]:
        """Compute the schedule of the present plan; return its value and its lateness."""
        value = lay_out(self._table, self._plan, self._trial)
        if not self._limits.cycles.size:
            return value, -np.inf
        energy = self._plan.totals[ENERGY] if self._table.energy.size else 1.0
        standing, lateness = self._best[0], lateness_of(self._plan, self._limits)
        if not standing[2]:  # until a plan is in time, lateness is what counts
            standing[2] = FAR * value / energy
        self._plan.totals[VALUE] = energy * counted_span(value / energy, lateness, standing[2])
        return float(self._plan.totals[VALUE]), lateness

    def _restore_best(self) -> None:
        fill(self._plan, self._best[1], np.argsort(self._best[2], kind="stable"))
        self._lay_out()

    def _hand_out(self, evaluator: Evaluator, *, at_last: bool = False) -> None:
        """Let the suite evaluate the best plan, unless it was handed out before, or is late and another may not be."""
        if self._best[0][1] > 0.0 and not at_last:
            return
        if not self._best[0][0] < self._handed and self._left < self.budget:
            return
        cores, priorities = self._best_mapping()
        self._handed = float(self._best[0][0])
        self._left -= 1
        evaluator.evaluate(cores[None, :], priorities[None, :])

    def _best_mapping(self) -> tuple[IntArray, FloatArray]:
        plan = empty_plan(self.space.num_jobs, self.space.num_cores)
        fill(plan, self._best[1], np.argsort(self._best[2], kind="stable"))
        lay_out(self._table, plan, self._trial)
        return plan.cores, priorities_of(self._table, plan)


class _Clock:
    """Divides a round into slices, by steps or by time.

    Attributes:
        progress: Share of the round that is done.
        width: Share that the next slice takes.
    """

    def __init__(self, steps: int, seconds: float | None, longest: int) -> None:
        self._total = steps
        self._slices = max(SLICES, -(-steps // longest))
        self._seconds = seconds
        self._began = time.perf_counter()
        self._done = 0
        self.progress = 0.0 if steps or seconds is not None else 1.0
        self.width = 0.0

    def next_steps(self) -> int:
        """Return how many steps the next slice has; 0 at the end of the round."""
        if self.progress >= 1.0:
            return 0
        if self._seconds is None:
            target = min(self._total, (int(self.progress * self._slices) + 1) * self._total // self._slices)
            steps = max(1, target - self._done)
            self.width = steps / self._total
            return steps
        self.width = min(1.0 / SLICES, LONGEST_SECONDS / self._seconds, 1.0 - self.progress)
        if not self._done:
            return 256
        per_second = self._done / max(1e-6, time.perf_counter() - self._began)
        return max(64, int(per_second * self._seconds * self.width))

    def advance(self, steps: int) -> None:
        """Count ``steps`` as done."""
        self._done += steps
        if self._seconds is None:
            self.progress = self._done / self._total
        else:
            self.progress = (time.perf_counter() - self._began) / self._seconds


def _default_steps(budget: int, num_jobs: int) -> int:
    return min(max(300 * budget, 2_000 * num_jobs), 100_000 * num_jobs)


def _check_supported(jobs: Jobs) -> None:
    known = ("latency", "throughput", "energy", "edp")
    if jobs.objective not in known:
        raise InvalidInput(
            "objective of annealing on the job table", expected=" or ".join(known), actual=jobs.objective
        )
    if jobs.latency.size > LARGEST_TABLE:
        expected = f"at most {LARGEST_TABLE:,} entries, jobs times cores"
        raise InvalidInput("job table for annealing", expected=expected, actual=f"{jobs.latency.size:,}")
