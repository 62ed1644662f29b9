"""Identifying the jobs from values: what each costs on each kind of core.

Of a job, L is the latency, u the demand as a share of the bandwidth, V = L u the volume, E = max(0, V - L) the
*excess*: alone it takes L + E. Let all jobs run on one core, but one, which runs on another core from the start. That
adds to what the others take the integral of max(1, u + r) - max(1, r) over its latency, where r is the demand of the
jobs that the core of all runs meanwhile: the *ruler*. Next to a quiet ruler, r near 0, it adds E; next to a loud one,
r at least 1, it adds V. So moving a job from kind a to kind b saves L + E on a, less E or V on b.

A job is *loud* if u is at least 1. Two things are approximate: no ruler is quite silent, and loud rulers may be short.
Where nothing is loud, two jobs at a time tell only demands that add up to more than 1; others are taken for less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizers.native.identifying.bench import EQUAL, Bench
from problems.arrays import BoolArray, FloatArray, IntArray

ROUNDS = 2
"""How often loud and quiet rulers are chosen anew, by what those before have told."""

BISECTIONS = 22
"""Steps to the demand that explains a value."""

LOUD = 0.98
"""Demand from which on a job may be loud: short rulers tell a little less than there is."""

ALL = 0.99
"""Share of a latency from which on an experiment has added all of it: no ruler is quite silent."""

OUTLAST = 0.02
"""By what share one job must outlast what it is compared with: latencies may still miss so much of the excess."""

NOISE = 10.0 * EQUAL
"""Excess, as a share of the total, that may be rounding: it is a difference of values that agree to ``EQUAL``."""

SURELY_LOUD, HIGHEST = 1.0 - 1e-7, 1.0 - 1e-5
"""Demands that count as 1: of a saving that vanishes but for rounding, and of a bisection that ended at its end."""

LOUDNESS, QUIETNESS = 6, 3
"""Digits to which demands order the rulers: of loud ones all that are sure; quiet ones are then the longest first."""


@dataclass(frozen=True)
class Costs:
    """What the jobs cost, in units of the values.

    Attributes:
        latency: ``(G, K)`` on each kind of core.
        volume: ``(G, K)`` latency times demand, where the bandwidth is 1.
    """

    latency: FloatArray
    volume: FloatArray


def evaluations_needed(bench: Bench) -> int:
    """Return how many evaluations ``identify`` takes: three experiments more for each kind of core."""
    return 2 + (2 + 2 * ROUNDS + 2 * (bench.num_kinds - 1) + bench.num_kinds) * bench.num_jobs


def identify(bench: Bench, rng: np.random.Generator) -> Costs:
    """Return what the jobs cost; where values cannot tell it, what explains them.

    Raises:
        Unidentified: If a mapping cannot run.
    """
    own, demand = _own_costs(bench, rng)
    quiet = _quietest_first(own, demand)
    giant = _giant(bench, own, quiet)
    moved = _all_moved(bench, quiet)
    if giant.any():
        own[giant] = bench.total - own[giant]
        _, excess, _ = _by_quiet_ruler(bench, own, giant, moved)
        own[giant] -= excess[~giant, bench.main].sum()
    latency, excess, seen = _by_quiet_ruler(bench, own, giant, moved)
    demand[excess[:, bench.main] > 0.0] = 1.0
    demands = _by_loud_ruler(bench, latency, excess[:, bench.main], demand)
    latency, excess = _with_rest(bench, latency, excess, demands, seen)
    return Costs(latency, np.where(excess > 0.0, latency + excess, demands * latency))


def _own_costs(bench: Bench, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return latency and demand ``(G,)`` on the main kind; the demand is 1 of what is loud.

    Within a kind a job saves at most its latency, and next to a quiet ruler all of it, L + E - E.
    """
    saved = bench.saved_there(bench.main, rng.permutation(bench.num_jobs))
    own = np.maximum(saved, EQUAL * bench.total)
    own = np.maximum(own, bench.saved_there(bench.main, np.argsort(-own, kind="stable")))
    for _ in range(ROUNDS):
        saved = bench.saved_there(bench.main, _loudest_first(own, _demand(own, saved)))
        own = np.maximum(own, bench.saved_there(bench.main, _quietest_first(own, _demand(own, saved))))
    return own, _demand(own, saved)


def _demand(own: FloatArray, saved: FloatArray) -> FloatArray:
    """Return the demand ``(G,)`` of jobs of latency ``own`` that ``saved`` so much next to a loud ruler."""
    demand = np.clip(1.0 - saved / own, 0.0, 1.0)
    demand[demand > SURELY_LOUD] = 1.0
    return demand


def _loudest_first(own: FloatArray, demand: FloatArray) -> IntArray:
    """Return the jobs by falling demand, of equals the longest first."""
    return np.lexsort((-own, -np.round(demand, LOUDNESS)))


def _quietest_first(own: FloatArray, demand: FloatArray) -> IntArray:
    """Return the jobs by rising demand, of nearly equals the longest first."""
    return np.lexsort((-own, np.round(demand, QUIETNESS)))


def _giant(bench: Bench, own: FloatArray, quiet: IntArray) -> BoolArray:
    """Mark the job ``(G,)`` that takes longer than all others together, if there is one.

    Moving it saves what these take; where it runs, each job more adds all that it takes.
    """
    marked = np.zeros(bench.num_jobs, dtype=np.bool_)
    if bench.num_jobs > 2:
        longest, second = np.argsort(-own, kind="stable")[:2].tolist()
        marked[longest] = bench.added_by_another(longest, second, quiet) > ALL * own[second]
    return marked


def _all_moved(bench: Bench, quiet: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return what moving each job saves next to a quiet ruler, ``(K, G)``: to each kind from the main one, and back."""
    kinds = [kind for kind in range(bench.num_kinds) if kind != bench.main]
    there, back = np.zeros((2, bench.num_kinds, bench.num_jobs))
    for kind in kinds:
        there[kind], back[kind] = bench.saved_there(kind, quiet), bench.saved_back(kind, quiet)
    return there, back


def _by_quiet_ruler(
    bench: Bench, own: FloatArray, giant: BoolArray, moved: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return latency and excess ``(G, K)``, and where the excess is seen.

    Experiments tell L + E on one kind less E on another. So all E of a job are known but for one number, which is such
    that the least is 0: it is for a job that is not loud everywhere.
    """
    there, back = (saved.T for saved in moved)
    others = (own.sum() - own)[:, None]
    is_main = np.arange(bench.num_kinds) == bench.main
    excess = np.where(is_main, 0.0, own[:, None] - there)
    latency = np.where(is_main, own[:, None], back - excess)
    alone = own.sum() - there  # what a job takes that outlasts all others: then their excess is all that is added
    seen = is_main | ((back <= others) & (latency <= (1.0 - OUTLAST) * others))
    latency = np.where(seen, latency, alone)
    outlasted = (
        bench.totals - back > (1.0 + OUTLAST) * own[:, None]
    )  # even a giant, moved to the base, ends before the others
    of_giant = np.where(is_main, own[:, None], np.where(outlasted, back, alone))
    latency = np.where(giant[:, None], of_giant, latency)
    excess[giant] = 0.0
    least = np.where(seen, excess, np.inf).min(axis=1, keepdims=True)
    excess = np.where(seen, excess - least, 0.0)
    excess[excess < NOISE * bench.total] = 0.0
    latency = np.where(seen, latency, latency - least)
    return np.maximum(latency, EQUAL * bench.total), excess, seen


def _by_loud_ruler(bench: Bench, latency: FloatArray, excess: FloatArray, demand: FloatArray) -> FloatArray:
    """Return demands ``(G, K)``, of loud jobs 1; ``excess`` and ``demand`` ``(G,)`` are those on the main kind."""
    own, order = latency[:, bench.main], _loudest_first(latency[:, bench.main], demand)
    demands = np.zeros_like(latency)
    kinds = [bench.main] + [kind for kind in range(bench.num_kinds) if kind != bench.main]
    for kind in kinds:
        overlaps = _overlaps(own, latency[:, kind], order)
        alone = latency[:, kind] - overlaps.sum(axis=1)
        added = own + excess - bench.saved_there(kind, order) - alone
        for _ in range(3 if kind == bench.main else 1):  # the ruler's own demands are known better each time
            demands[:, kind] = _demands_that_add(added, overlaps, demand[order])
            if kind == bench.main:
                demand = np.where(demand == 1.0, 1.0, demands[:, kind])
    demands[:, bench.main] = demand
    return demands


def _overlaps(own: FloatArray, latency: FloatArray, order: IntArray) -> FloatArray:
    """Return how long each job, moved, runs beside each of the ruler ``(G, G)``, all others in this order."""
    runs = np.tile(own[order], (len(own), 1))
    runs[order, np.arange(len(own))] = 0.0
    ends = np.cumsum(runs, axis=1)
    return np.clip(latency[:, None] - (ends - runs), 0.0, runs)


def _demands_that_add(added: FloatArray, overlaps: FloatArray, ruler: FloatArray) -> FloatArray:
    """Return the least demands ``(G,)`` up to 1 that add so much to the makespan, by bisection.

    Beside a ruler of demand r a job of demand u adds max(0, u + r - 1).
    """
    low, high = np.zeros(len(added)), np.ones(len(added))
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        adds = (overlaps * np.maximum(0.0, middle[:, None] + ruler - 1.0)).sum(axis=1)
        low, high = np.where(adds < added, middle, low), np.where(adds < added, high, middle)
    return np.where(high > HIGHEST, 1.0, np.where(low == 0.0, 0.0, high))


def _with_rest(
    bench: Bench, latency: FloatArray, excess: FloatArray, demands: FloatArray, seen: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Give the excess that is left of the total to the jobs that are loud wherever that is seen.

    How it is shared among them makes no difference to a mapping on kinds where it is seen: it adds up.
    """
    loud = ((demands > LOUD) | ~seen).all(axis=1) & (demands[:, bench.main] == 1.0)
    rest = bench.total - latency[:, bench.main].sum() - excess[:, bench.main].sum()
    share = np.where(loud, max(0.0, rest) / max(1, loud.sum()), 0.0)[:, None]
    return np.where(seen, latency, latency + share), np.where(seen, excess + share, excess)
