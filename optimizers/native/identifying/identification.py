"""Identifying the jobs from values: what each costs on each kind of core.

Of a job, L is the latency, u the demand as a share of the bandwidth, V = L u the volume, E = max(0, V - L) the
*excess*: alone it takes L + E. Let all jobs run on one core, but one, which runs on another core from the start. That
adds to the makespan, beside what the others take, the integral of max(1, u + r) - max(1, r) over its latency, where r
is the demand of the jobs that run first on the core of all: the *ruler*. Next to a quiet ruler, r near 0, it adds E;
next to a loud one, r at least 1, it adds V.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizers.native.identifying.lab import Lab, Unidentified
from problems.arrays import BoolArray, FloatArray, IntArray

RULERS = 3
"""How many jobs are tried as quiet ruler."""

EQUAL = 1e-10
"""By how much of the makespan equal values may differ, from rounding."""


@dataclass(frozen=True)
class Costs:
    """What the jobs cost, in units of the values.

    Attributes:
        kinds: ``(A,)`` kind of each core.
        latency: ``(G, K)`` on each kind of core.
        volume: ``(G, K)`` latency times demand, where the bandwidth is 1.
    """

    kinds: IntArray
    latency: FloatArray
    volume: FloatArray


def evaluations_needed(num_jobs: int, num_kinds: int) -> int:
    """Return how many evaluations ``identify`` takes; those of ``Bench`` are spent."""
    return (1 + RULERS + 2 * (num_kinds - 1) + 2 + num_kinds) * num_jobs


class Bench:
    """The cores that the experiments use: ``base`` with all jobs but one, and a core ``others`` of each kind.

    Attributes:
        kinds: ``(A,)`` kind of each core.
        main: Kind of ``base``, the one with most cores.
        base: First core of that kind.
        others: Core of each kind, none of them ``base``.
        totals: ``(K,)`` value of all jobs on a core of each kind.
    """

    def __init__(self, lab: Lab) -> None:
        totals = lab.all_on_one()
        rounded = np.round(totals / (EQUAL * totals.max()))
        self.kinds: IntArray = np.unique(rounded, return_inverse=True)[1]
        counts = np.bincount(self.kinds)
        self.main = int(np.argmax(counts))
        if counts[self.main] < 2:
            raise Unidentified
        self.base = int(np.flatnonzero(self.kinds == self.main)[0])
        self.others = [int(np.flatnonzero(self.kinds == kind)[-1]) for kind in range(len(counts))]
        self.totals: FloatArray = totals[self.others]


def identify(lab: Lab, bench: Bench, rng: np.random.Generator) -> Costs:
    """Return what the jobs cost; where values cannot tell, what explains them.

    Raises:
        Unidentified: If a mapping cannot run.
    """
    main, base, total = bench.main, bench.base, bench.totals[bench.main]
    kinds = range(len(bench.totals))
    quiet, saved = _quiet_ruler(lab, bench, rng)
    latency = np.max(saved, axis=0)[:, None].repeat(len(kinds), axis=1)
    excess = np.zeros_like(latency)
    known = np.ones(latency.shape, dtype=np.bool_)
    span = latency[:, main].sum() - latency[:, main]
    for kind in kinds:
        if kind == main:
            continue
        back = bench.totals[kind] - lab.one_moved(bench.others[kind], base, quiet)
        there = total - lab.one_moved(base, bench.others[kind], quiet)
        excess[:, kind] = latency[:, main] - there
        latency[:, kind] = back - excess[:, kind]
        long = (back > span) | (latency[:, kind] > 0.98 * span)  # longer than all the others together: E is not seen
        known[long, kind] = False
        latency[long, kind] = back[long]
    lowest = np.where(known, excess, np.inf).min(axis=1, keepdims=True)  # of a job that is light anywhere, E is 0 there
    excess = np.where(known, excess - lowest, 0.0)
    latency = np.where(known, latency, latency - lowest)
    latency = np.maximum(latency, EQUAL * total)
    return _with_volumes(lab, bench, latency, excess, known, saved[0])


def _quiet_ruler(lab: Lab, bench: Bench, rng: np.random.Generator) -> tuple[IntArray, list[FloatArray]]:
    """Find an order that begins with a quiet ruler; return it, and what moving each job saves with all that were tried.

    What a job saves is never more than its latency, and with a quiet ruler that.
    """
    order = rng.permutation(lab.num_jobs)
    total, other = bench.totals[bench.main], bench.others[bench.main]
    tried, saved = [order], [total - lab.one_moved(bench.base, other, order)]
    longest = np.argsort(-saved[0], kind="stable")
    for job in longest[:RULERS]:
        order = np.concatenate([[job], longest[longest != job]])
        tried.append(order)
        saved.append(total - lab.one_moved(bench.base, other, order))
    return tried[int(np.argmax([s.sum() for s in saved]))], saved


def _with_volumes(
    lab: Lab, bench: Bench, latency: FloatArray, excess: FloatArray, known: BoolArray, saved: FloatArray
) -> Costs:
    """Complete the costs with what loud rulers tell; ``known`` ``(G, K)`` says where the excess was seen."""
    main, base, total = bench.main, bench.base, bench.totals[bench.main]
    own = latency[:, main]
    heavy = excess[:, main] > 1e-9 * total
    demand = np.where(heavy, 1.0, np.clip(1.0 - saved / own, 0.0, 1.0))
    for _ in range(2):
        saved = total - lab.one_moved(base, bench.others[main], _loudest_first(demand, own))
        demand = np.where(heavy, 1.0, np.clip(1.0 - saved / own, 0.0, 1.0))
        demand[demand > 1.0 - 1e-7] = 1.0
    order = _loudest_first(demand, own)
    loud = demand == 1.0
    lasts = np.where(loud.any(), own[loud].sum() - np.where(loud, own, 0.0), np.inf)
    demands = np.zeros_like(latency)
    span = own.sum() - own
    for kind in range(latency.shape[1]):
        value = lab.one_moved(base, bench.others[kind], order)
        overhang = np.maximum(0.0, latency[:, kind] - span)
        added = value - (total - own - excess[:, main]) - overhang
        demands[:, kind] = np.clip(added / np.maximum(np.minimum(latency[:, kind], lasts), EQUAL * total), 0.0, 1.0)
    demands[:, main] = np.maximum(demands[:, main], demand)
    _share_rest(total, main, latency, excess, demands, known)
    volume = np.where(excess > 1e-9 * total, latency + excess, demands * latency)
    return Costs(bench.kinds, latency, volume)


def _loudest_first(demand: FloatArray, latency: FloatArray) -> IntArray:
    return np.lexsort((-latency, -np.round(demand, 6)))


def _share_rest(
    total: float, main: int, latency: FloatArray, excess: FloatArray, demands: FloatArray, known: BoolArray
) -> None:
    """Give the excess that no experiment tells to the jobs that are loud wherever it was seen.

    How it is shared among them makes no difference to any mapping: it adds up.
    """
    loud = ((demands > 0.98) | ~known).all(axis=1) & (demands[:, main] == 1.0)
    rest = (total - (latency[:, main] + excess[:, main]).sum()) / max(1, loud.sum())
    if rest > 0.0:
        excess[loud] += np.where(known[loud], rest, 0.0)
        latency[loud] += np.where(known[loud], 0.0, rest)
