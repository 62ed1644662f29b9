"""The bench: the cores that experiments use, and what one experiment tells of every job."""

from __future__ import annotations

import numpy as np

from optimizers.native.identifying.lab import Lab, Unidentified
from problems.arrays import FloatArray, IntArray

EQUAL = 1e-10
"""By what share of the largest value equal values may differ, from rounding."""


class Bench:
    """A core of every kind, and one more, ``base``, of the kind that has most.

    Two cores are of one kind if all jobs take the same on either.

    Attributes:
        kinds: ``(A,)`` kind of each core.
        num_kinds: K.
        num_jobs: G.
        main: Kind of the base.
        total: Value of all jobs on the base.
        totals: ``(K,)`` the same on a core of each kind.

    Raises:
        Unidentified: If no two cores are of one kind.
    """

    def __init__(self, lab: Lab) -> None:
        values = lab.all_on_one()
        self._lab = lab
        step = EQUAL * values.max()
        if not step > 0.0:  # of numbers that the floats can hardly tell apart
            raise Unidentified("values are too small")
        self.kinds: IntArray = np.unique(np.round(values / step), return_inverse=True)[1]
        counts = np.bincount(self.kinds)
        self.num_jobs, self.num_kinds = lab.num_jobs, len(counts)
        self.main = int(np.argmax(counts))
        if counts[self.main] < 2:
            raise Unidentified("no two cores are equal")
        self._base = int(np.flatnonzero(self.kinds == self.main)[0])
        self._others = [int(np.flatnonzero(self.kinds == kind)[-1]) for kind in range(self.num_kinds)]
        self.totals: FloatArray = values[self._others]
        self.total = float(values[self._base])

    def saved_there(self, kind: int, order: IntArray) -> FloatArray:
        """Return what it saves ``(G,)`` to move each job from the base to the other core of ``kind``."""
        return self.total - self._lab.one_moved(self._base, self._others[kind], order)

    def saved_back(self, kind: int, order: IntArray) -> FloatArray:
        """Return what it saves ``(G,)`` to move each job from the core of ``kind`` to the base."""
        total = float(self.totals[kind])
        return total - self._lab.one_moved(self._others[kind], self._base, order)

    def added_by_another(self, job: int, other: int, order: IntArray) -> float:
        """Return what it adds to move ``other`` to the other core of the base's kind, where ``job`` runs already."""
        cores = np.full((2, self.num_jobs), self._base)
        cores[:, job] = cores[1, other] = self._others[self.main]
        one, both = self._lab.values(cores, np.tile(order, (2, 1)))
        return float(both - one)
