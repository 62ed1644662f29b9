"""Dependencies between the jobs of a group."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import index

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import InvalidInput


@dataclass(frozen=True)
class Precedence:
    """The predecessors of each of G jobs: a job starts only after all of them have ended.

    Attributes:
        predecessors: G tuples of job numbers.

    Raises:
        InvalidInput: If a number is not that of another job, or the dependencies form a cycle.
    """

    predecessors: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        num_jobs = len(self.predecessors)
        for job, before in enumerate(self.predecessors):
            for other in before:
                if isinstance(other, bool) or not 0 <= other < num_jobs or other == job:
                    expected = f"other jobs, from 0 to {num_jobs - 1}"
                    raise InvalidInput(f"predecessors of job {job}", expected=expected, actual=other)
        if len(self.order) < num_jobs:
            stuck = sorted(set(range(num_jobs)) - set(self.order.tolist()))
            raise InvalidInput("predecessors", expected="no circle", actual=f"jobs {stuck} wait for each other")

    @classmethod
    def of(cls, predecessors: Sequence[Sequence[int]]) -> Precedence:
        """Make an instance from any sequences of integers."""
        try:
            return cls(tuple(tuple(index(j) for j in before) for before in predecessors))
        except TypeError as error:
            expected = "for each job a list of job numbers"
            raise InvalidInput("predecessors", expected=expected, actual=str(error)) from error

    @cached_property
    def order(self) -> IntArray:
        """Jobs ``(G,)`` in topological order; the lowest number first where several are ready."""
        waiting = [len(set(before)) for before in self.predecessors]
        followers: list[list[int]] = [[] for _ in self.predecessors]
        for job, before in enumerate(self.predecessors):
            for other in set(before):
                followers[other].append(job)
        ready = [job for job, count in enumerate(waiting) if not count]
        order = []
        while ready:
            job = heapq.heappop(ready)
            order.append(job)
            for follower in followers[job]:
                waiting[follower] -= 1
                if not waiting[follower]:
                    heapq.heappush(ready, follower)
        return np.array(order, dtype=np.int64)

    @cached_property
    def flat(self) -> tuple[IntArray, IntArray, IntArray]:
        """Dependencies in flat form ``(order, starts, ranks)``; the rank of a job is its position in ``order``.

        The predecessors of job ``order[r]`` have the ranks ``ranks[starts[r]:starts[r + 1]]``, all below r.
        """
        rank = np.empty(len(self.order), dtype=np.int64)
        rank[self.order] = np.arange(len(self.order))
        lists = [sorted({int(rank[p]) for p in self.predecessors[job]}) for job in self.order]
        starts = np.cumsum([0, *map(len, lists)], dtype=np.int64)
        return self.order, starts, np.array([r for ranks in lists for r in ranks], dtype=np.int64)

    def longest_path(self, durations: FloatArray) -> float:
        """Return the largest sum of ``durations`` ``(G,)`` along a chain of dependencies."""
        return float(self._ends(durations).max())

    def longest_chain(self, durations: FloatArray) -> list[int]:
        """Return the jobs of that chain, first to last."""
        order, starts, ranks = self.flat
        ends = self._ends(durations)
        rank = int(ends.argmax())
        chain = [rank]
        while (before := ranks[starts[rank] : starts[rank + 1]]).size:
            rank = int(before[ends[before].argmax()])
            chain.append(rank)
        return [int(order[r]) for r in reversed(chain)]

    def heads(self, durations: FloatArray) -> FloatArray:
        """Return the largest sum ``(G,)`` of ``durations`` ``(G,)`` along a chain that must end before each job."""
        heads = np.zeros(len(durations))
        for job in self.order.tolist():
            for other in self.predecessors[job]:
                heads[job] = max(heads[job], heads[other] + durations[other])
        return heads

    def tails(self, durations: FloatArray) -> FloatArray:
        """Return the largest sum ``(G,)`` of ``durations`` ``(G,)`` along a chain that must follow each job."""
        tails = np.zeros(len(durations))
        for job in self.order[::-1].tolist():
            for other in self.predecessors[job]:
                tails[other] = max(tails[other], durations[job] + tails[job])
        return tails

    def _ends(self, durations: FloatArray) -> FloatArray:
        """Return when each job ends at the earliest ``(G,)``, in the order of ``order``."""
        order, starts, ranks = self.flat
        ends = np.zeros(len(order))
        for r, job in enumerate(order):
            before = ends[ranks[starts[r] : starts[r + 1]]]
            ends[r] = durations[job] + (before.max() if before.size else 0.0)
        return ends
