"""A covering linear programme whose columns arrive one after another: the revised simplex method, compiled.

    minimise  cost . y   subject to   sum_s column_s y_s >= demand,   y >= 0

Rows are kinds of jobs, columns are configurations. Compiled loops in a fixed order, no linear algebra library: the
prices are the same on every machine. They need not be exact, as any prices certify.
"""

from __future__ import annotations

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.foundation.compiling import compiled

REDUCED_COST = 1e-10
PIVOT = 1e-9
REFRESH = 300
"""Pivots after which the inverse of the basis is computed anew."""


class CoveringProgramme:
    """The programme over the columns known so far, at an optimal basis after ``solve``.

    Args:
        demand: ``(n,)`` above 0.
        cost: ``(n,)`` cost of the first n columns.
        entry: ``(n,)`` column j has this entry in row j, and no other: a basis to start from.

    Attributes:
        prices: ``(n,)`` the dual solution.
        size: Number of columns.
    """

    def __init__(self, demand: FloatArray, cost: FloatArray, entry: FloatArray, width: int) -> None:
        n = len(demand)
        self._demand = demand
        self._width = width
        self._rows = np.full((4 * n, width), -1)
        self._entries = np.zeros((4 * n, width))
        self._costs = np.zeros(4 * n)
        self._rows[:n, 0], self._entries[:n, 0], self._costs[:n] = np.arange(n), entry, cost
        self.size = n
        self._basis = np.arange(n)
        self._inverse = np.diag(1.0 / entry)  # transposed: row j belongs to row j of the programme
        self._amounts = demand / entry
        self.prices = cost / entry
        self._since = np.zeros(1, np.int64)
        self._work = 0.0

    def add(self, rows: IntArray, entries: FloatArray, costs: FloatArray) -> None:
        """Add columns: ``(r, width)`` rows, -1 for none, and entries, and costs ``(r,)``."""
        end = self.size + len(rows)
        if end > len(self._costs):
            more = max(end, 2 * len(self._costs)) - len(self._costs)
            self._rows = np.concatenate([self._rows, np.full((more, self._width), -1)])
            self._entries = np.concatenate([self._entries, np.zeros((more, self._width))])
            self._costs = np.concatenate([self._costs, np.zeros(more)])
        self._rows[self.size : end], self._entries[self.size : end] = rows, entries
        self._costs[self.size : end] = costs
        self.size = end

    def columns(self) -> tuple[IntArray, FloatArray, FloatArray]:
        """All columns: rows and entries ``(size, width)``, costs ``(size,)``."""
        return self._rows[: self.size], self._entries[: self.size], self._costs[: self.size]

    def solve(self, most: int) -> float:
        """Pivot until no column improves, or ``most`` times; return the value."""
        n = len(self._demand)
        pivots = _solve(
            self._demand,
            *self.columns(),
            self._basis,
            self._inverse,
            self._amounts,
            self.prices,
            self._since,
            most,
        )
        self._work += pivots * (n * n + 2 * self.size * self._width)
        return float(self._demand @ self.prices)

    def take_work(self) -> float:
        """Return the elementary operations, about, since the last call."""
        work, self._work = self._work, 0.0
        return work

    @property
    def solution(self) -> FloatArray:
        """The amounts ``(size,)`` of the columns."""
        amounts = np.zeros(self.size)
        real = self._basis >= 0
        amounts[self._basis[real]] = np.maximum(self._amounts[real], 0.0)
        return amounts


@compiled
def _solve(
    demand: FloatArray,
    rows: IntArray,
    entries: FloatArray,
    costs: FloatArray,
    basis: IntArray,
    inverse: FloatArray,
    amounts: FloatArray,
    prices: FloatArray,
    since: IntArray,
    most: int,
) -> int:
    """Pivot in place; a basis entry of -1 - j is the surplus of row j. Return the number of pivots."""
    n, width = len(demand), rows.shape[1]
    direction = np.empty(n)
    for pivot in range(most):
        if since[0] >= REFRESH:
            _refresh(demand, rows, entries, costs, basis, inverse, amounts, prices)
            since[0] = 0
        entering, reduced = -n - 1, -REDUCED_COST
        for s in range(len(costs)):
            value = costs[s]
            for i in range(width):
                if rows[s, i] < 0:
                    break
                value -= prices[rows[s, i]] * entries[s, i]
            value /= costs[s]
            if value < reduced:
                entering, reduced = s, value
        if entering >= 0:
            reduced *= costs[entering]
        for j in range(n):
            if prices[j] < reduced:
                entering, reduced = -1 - j, prices[j]
        if entering == -n - 1:
            return pivot
        direction[:] = 0.0
        if entering >= 0:
            for i in range(width):
                if rows[entering, i] < 0:
                    break
                direction += entries[entering, i] * inverse[rows[entering, i]]
        else:
            direction -= inverse[-1 - entering]
        leaving = _leaving(amounts, direction)
        if leaving < 0:
            return pivot  # cannot be, but for rounding
        _pivot(inverse, amounts, prices, direction, leaving, reduced)
        basis[leaving] = entering
        since[0] += 1
    return most


@compiled
def _leaving(amounts: FloatArray, direction: FloatArray) -> int:
    """Return the row of the basis that reaches 0 first; of equals the one with the largest pivot."""
    leaving, step, size = -1, np.inf, 0.0
    for i in range(len(amounts)):
        if direction[i] > PIVOT:
            ratio = max(amounts[i], 0.0) / direction[i]
            if ratio < step - 1e-12 * abs(step) or (ratio <= step and direction[i] > size):
                leaving, step, size = i, ratio, direction[i]
    return leaving


@compiled
def _pivot(
    inverse: FloatArray, amounts: FloatArray, prices: FloatArray, direction: FloatArray, leaving: int, reduced: float
) -> None:
    """Replace a column of the basis, and update inverse, amounts and prices."""
    chosen = direction[leaving]
    for j in range(len(inverse)):
        ratio = inverse[j, leaving] / chosen
        if ratio != 0.0:
            for i in range(len(direction)):
                inverse[j, i] -= ratio * direction[i]
            prices[j] += reduced * ratio
        inverse[j, leaving] = ratio
    step = amounts[leaving] / chosen
    for i in range(len(direction)):
        amounts[i] -= step * direction[i]
    amounts[leaving] = step


@compiled
def _refresh(
    demand: FloatArray,
    rows: IntArray,
    entries: FloatArray,
    costs: FloatArray,
    basis: IntArray,
    inverse: FloatArray,
    amounts: FloatArray,
    prices: FloatArray,
) -> None:
    """Invert the basis by Gauss-Jordan elimination; leave all as it is where a pivot is too small."""
    n = len(demand)
    left, right = np.zeros((n, n)), np.eye(n)  # left[i]: column of basis entry i, as a row
    for i in range(n):
        if basis[i] < 0:
            left[i, -1 - basis[i]] = -1.0
        else:
            for w in range(rows.shape[1]):
                if rows[basis[i], w] < 0:
                    break
                left[i, rows[basis[i], w]] += entries[basis[i], w]
    for c in range(n):
        p = c
        for i in range(c + 1, n):
            if abs(left[i, c]) > abs(left[p, c]):
                p = i
        if abs(left[p, c]) < 1e-13:
            return
        for m in (left, right):
            for w in range(n):
                m[p, w], m[c, w] = m[c, w], m[p, w]
        scale = 1.0 / left[c, c]
        for w in range(n):  # assigning rows, here and below, would compile the text of an error for seconds
            left[c, w] *= scale
            right[c, w] *= scale
        for i in range(n):
            factor = left[i, c]
            if i != c and factor != 0.0:
                for w in range(n):
                    left[i, w] -= factor * left[c, w]
                    right[i, w] -= factor * right[c, w]
    for i in range(n):
        for w in range(n):
            inverse[i, w] = right[i, w]  # of the transposed basis, i.e. the transposed inverse
    amounts[:] = 0.0
    for j in range(n):
        amounts += demand[j] * inverse[j]
    prices[:] = 0.0
    for j in range(n):
        for i in range(n):
            if basis[i] >= 0:
                prices[j] += costs[basis[i]] * inverse[j, i]
