"""Prices of the relaxation by column generation.

Between the prices of the covering programme and the best ones so far lies the point that is separated (in-out
separation, Ben-Ameur & Neto 2007): far fewer rounds than at the programme's own prices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.bounds.relaxation import Relaxation
from problems.bounds.separation import knapsack, several
from problems.bounds.simplex import CoveringProgramme

MOST_PIVOTS = 5_000
"""Pivots of the simplex method in one round."""

COLUMNS_A_ROUND = 8
"""Configurations that one knapsack adds."""

IMPROVES = 1e-9
"""Relative reduced cost of a configuration that counts as an improvement."""


@dataclass(frozen=True)
class Effort:
    """How long prices are improved; limits are counts, so that every machine finds the same.

    Attributes:
        work: Elementary operations, about; 1e9 take a second.
        levels: Grid levels of the first separations; they are refined where they bind.
        finest: Grid levels of the last.
        tolerance: Relative gap to the programme's value at which to stop.
        states: Most states of tracked jobs.
        rows: Most kinds of jobs in the programme; of more, a sample finds the prices, which are then lifted.
        cells: Most grid cells of one core when the result is checked.
    """

    work: float
    levels: int
    finest: int
    tolerance: float
    states: int
    rows: int
    cells: int


class Generation:
    """Column generation on one relaxation.

    Attributes:
        best: ``(n,)`` the best prices so far, whose violation is about 0.
        value: The sum of prices that they certify, about, over the relaxation's scale.
        limit: What the sampled rows of the programme come to, which no prices exceed.
        work: Elementary operations so far, about.
        rounds: Separations so far.
    """

    def __init__(self, relaxation: Relaxation, effort: Effort) -> None:
        self._relaxation, self._effort = relaxation, effort
        self._levels = relaxation.most_levels(effort.levels)
        timed = np.flatnonzero(relaxation.volume > 0.0)
        self._rows = timed[:: -(-len(timed) // effort.rows)]
        self._row_of = np.full(len(relaxation.volume), -1)
        self._row_of[self._rows] = np.arange(len(self._rows))
        self._volume = _gathered(relaxation.volume, self._rows)
        self.best = np.zeros(len(relaxation.volume))
        self.value, self.limit = 0.0, np.inf
        self.work, self.rounds = 0.0, 0
        self._programme = self._start()

    def _start(self) -> CoveringProgramme:
        """Begin with one configuration a kind of job: alone on its best core."""
        rate, demand = self._relaxation.rate[self._rows], self._relaxation.kinds.demand[self._rows]
        cost = np.where(rate > 0.0, np.maximum(1.0, demand) / np.where(rate > 0.0, rate, 1.0), np.inf)
        place = np.arange(len(self._rows)), cost.argmin(axis=1)
        width = len(self._relaxation.core_kind)
        return CoveringProgramme(self._volume, np.maximum(1.0, demand[place]), rate[place], width)

    def run(self, work: float) -> None:
        """Improve the prices until nothing improves, or the work is done."""
        finest = self._relaxation.most_levels(self._effort.finest)
        inwards = 0.5
        while self.work < work:
            self.limit = self._programme.solve(MOST_PIVOTS)
            certified = float(self._volume @ self.best[self._rows])
            if self.limit - certified <= self._effort.tolerance * self.limit:
                return
            known = np.zeros(len(self.best))
            known[self._rows] = np.maximum(self._programme.prices, 0.0)
            improved = self._add(self._separate(inwards * self.best + (1.0 - inwards) * known))
            self.rounds += 1
            if not improved and inwards == 0.0:
                if self._levels >= finest:
                    return
                self._levels = min(4 * self._levels, finest)
            inwards = 0.5 if improved else 0.0

    def _separate(self, prices: FloatArray) -> IntArray:
        """Find bad configurations ``(r, A)`` at ``prices``, which become the best if they certify more."""
        own, levels = self._relaxation, self._levels
        found, worst = [], 0.0
        for crowded in (False, True):
            choices = own.choices(prices, levels, crowded)
            values = knapsack(own.core_kind, choices, own.steps, levels, crowded)
            base = 0.0 if crowded else 1.0
            violation = float(values[-1, :, levels].max()) - base
            worst = max(worst, violation)
            least = base + max(0.3 * violation, IMPROVES)
            found.append(
                several(values, own.core_kind, choices, own.steps, own.tracked, crowded, least, COLUMNS_A_ROUND)
            )
            jobs = (choices.counts.sum() + choices.tracked_gain.size) / len(choices.counts)
            self.work += 0.5 * (float(jobs) + 2.0) * values.size
        feasible = own.lifted(prices / (1.0 + worst))
        value = float(own.volume @ feasible)
        if value > self.value:
            self.best, self.value = feasible, value
        return np.concatenate(found)

    def _add(self, found: IntArray) -> bool:
        """Add those of the configurations ``(r, A)`` that improve the programme; whether there are any."""
        own = self._relaxation
        runs = found >= 0
        job = np.where(runs, found, 0)
        cost = np.maximum(1.0, np.where(runs, own.kinds.demand[job, own.core_kind], 0.0).sum(axis=1))
        entry = np.where(runs, own.rate[job, own.core_kind], 0.0)
        row = np.where(runs, self._row_of[job], -1)
        order = np.argsort(row < 0, axis=1, kind="stable")
        row, entry = np.take_along_axis(row, order, axis=1), np.take_along_axis(entry, order, axis=1)
        paid = (np.where(row >= 0, self._programme.prices[row], 0.0) * entry).sum(axis=1)
        good = paid - cost > IMPROVES * cost
        self._programme.add(row[good], entry[good], cost[good])
        self.work += self._programme.take_work()
        return bool(good.any())

    def overlaps(self) -> FloatArray:
        """Time ``(n,)`` over the scale in which the programme runs more jobs of a kind at once than there are."""
        rows, _, _ = self._programme.columns()
        amounts = self._programme.solution
        over = np.zeros(len(self.best))
        for s in np.flatnonzero(amounts > 0.0):
            kinds, counts = np.unique(self._rows[rows[s][rows[s] >= 0]], return_counts=True)
            over[kinds] += amounts[s] * np.maximum(counts - self._relaxation.kinds.jobs[kinds], 0)
        return over


def _gathered(volume: FloatArray, rows: IntArray) -> FloatArray:
    """The volume of each row ``(r,)``: its own, and that of the kinds up to the next row."""
    total = np.concatenate([[0.0], np.cumsum(volume)])
    if len(rows) == np.count_nonzero(volume):
        return volume[rows]
    return np.diff(total[np.append(np.concatenate([[0], rows[1:]]), len(volume))])
