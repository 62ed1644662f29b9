"""The worst configuration for given prices, compiled: two multiple-choice knapsacks on a grid of bandwidths.

A configuration runs at most one job on each core. With prices p and its demand D (bandwidth over the system's) it must
satisfy ``sum p <= max(1, D)``. The violation ``sum p - max(1, D)`` is at most the larger of

- *light*: ``max sum p - 1`` with D <= 1. Demands are rounded **down** to the grid, so that no configuration is missed;
- *crowded*: ``max sum (p - d)`` with D >= 1. Demands are rounded **up**, and levels beyond 1 count as 1.

Both are over-estimates. Some kinds of jobs are *tracked*: a configuration holds each no more often than it has jobs,
and only such as may run at once. The state of a partial configuration says which of them it holds; ``steps`` ``(S, H)``
is the state after one more of each, or -1 where that may not be. Of the other jobs only those matter that no job of
less demand pays more for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from problems.arrays import FloatArray, IntArray
from problems.foundation.compiling import compiled

EPSILON = 2.0**-52


class Choices(NamedTuple):
    """What a core of each of a kinds may run: m untracked jobs at most, and the H tracked ones.

    Attributes:
        counts: ``(a,)`` number of untracked jobs.
        job: ``(a, m)`` kinds of jobs.
        level: ``(a, m)`` grid levels of their demands.
        gain: ``(a, m)`` what they add to the knapsack's value.
        tracked_level: ``(a, H)`` the same of tracked jobs; -1 where they do not fit.
        tracked_gain: ``(a, H)`` what they add.
    """

    counts: IntArray
    job: IntArray
    level: IntArray
    gain: FloatArray
    tracked_level: IntArray
    tracked_gain: FloatArray


@compiled
def light_choices(
    price: FloatArray, demand: FloatArray, tracked: IntArray, is_tracked: IntArray, levels: int
) -> Choices:
    """Return the choices for the light knapsack; arguments ``(n, a)``, ``(n, a)``, ``(H,)``, ``(n,)``."""
    n, a = price.shape
    count = np.zeros(a, np.int64)
    job, level = np.zeros((a, n), np.int64), np.zeros((a, n), np.int64)
    gain = np.zeros((a, n))
    best, holder = np.empty(levels + 1), np.empty(levels + 1, np.int64)
    tracked_level = np.full((a, len(tracked)), -1)
    tracked_gain = np.zeros((a, len(tracked)))
    down = levels * (1.0 - 4.0 * EPSILON)
    for k in range(a):
        best[:] = 0.0
        for j in range(n):
            if price[j, k] > 0.0 and not is_tracked[j] and demand[j, k] * down < levels + 1:
                w = int(demand[j, k] * down)
                if price[j, k] > best[w]:
                    best[w], holder[w] = price[j, k], j
        highest = 0.0
        for w in range(levels + 1):
            if best[w] > highest:
                highest = best[w]
                i = count[k]
                job[k, i], level[k, i], gain[k, i] = holder[w], w, highest
                count[k] += 1
        for h in range(len(tracked)):
            j = tracked[h]
            if price[j, k] > 0.0 and demand[j, k] * down < levels + 1:
                tracked_level[k, h], tracked_gain[k, h] = int(demand[j, k] * down), price[j, k]
    return Choices(count, job, level, gain, tracked_level, tracked_gain)


@compiled
def crowded_choices(
    price: FloatArray, demand: FloatArray, tracked: IntArray, is_tracked: IntArray, levels: int
) -> Choices:
    """Return the choices for the crowded knapsack; arguments as in ``light_choices``."""
    n, a = price.shape
    count = np.zeros(a, np.int64)
    job, level = np.zeros((a, n), np.int64), np.zeros((a, n), np.int64)
    gain = np.zeros((a, n))
    best, holder = np.empty(levels + 1), np.empty(levels + 1, np.int64)
    tracked_level = np.full((a, len(tracked)), -1)
    tracked_gain = np.zeros((a, len(tracked)))
    up, less = levels * (1.0 + 4.0 * EPSILON), 1.0 - 4.0 * EPSILON
    for k in range(a):
        best[:] = -np.inf
        for j in range(n):
            if price[j, k] > 0.0 and not is_tracked[j]:
                w = int(np.ceil(min(demand[j, k] * up, float(levels))))
                worth = price[j, k] - demand[j, k] * less
                if worth > best[w]:
                    best[w], holder[w] = worth, j
        highest = -np.inf
        for w in range(levels, -1, -1):
            if best[w] > highest and (w > 0 or best[w] > 0.0):
                highest = best[w]
                i = count[k]
                job[k, i], level[k, i], gain[k, i] = holder[w], w, highest
                count[k] += 1
        for h in range(len(tracked)):
            j = tracked[h]
            if price[j, k] > 0.0:
                tracked_level[k, h] = int(np.ceil(min(demand[j, k] * up, float(levels))))
                tracked_gain[k, h] = price[j, k] - demand[j, k] * less
    return Choices(count, job, level, gain, tracked_level, tracked_gain)


@compiled
def _take(before: FloatArray, after: FloatArray, level: int, gain: float, crowded: bool) -> None:
    """Improve the values ``after`` ``(levels + 1,)`` of a state by one more job on top of ``before``."""
    n = len(before)
    if crowded:
        first = before[0] + gain
        for d in range(min(level, n - 1) + 1):
            after[d] = max(after[d], first)
    for d in range(level + 1 if crowded else level, n):
        value = before[d - level] + gain
        after[d] = value if value > after[d] else after[d]


@compiled
def _fill(before: FloatArray, after: FloatArray, choices: Choices, k: int, steps: IntArray, crowded: bool) -> None:
    """Fill the values ``after`` ``(S, levels + 1)`` once one more core, of kind ``k``, has its job or none."""
    count, _, level, gain, tracked_level, tracked_gain = choices
    after[:] = before
    top = before.shape[1] - 1
    for s in range(len(before)):
        if before[s, 0 if crowded else top] == -np.inf:
            continue  # no configuration is in this state yet
        for i in range(count[k]):
            _take(before[s], after[s], level[k, i], gain[k, i], crowded)
        for h in range(steps.shape[1]):
            if steps[s, h] >= 0 and tracked_level[k, h] >= 0:
                _take(before[s], after[steps[s, h]], tracked_level[k, h], tracked_gain[k, h], crowded)


@compiled
def knapsack(kind_of_core: IntArray, choices: Choices, steps: IntArray, levels: int, crowded: bool) -> FloatArray:
    """Return the values ``(A + 1, S, levels + 1)`` of the best partial configurations of the first cores.

    Light: with a demand of at most that level; crowded: of at least that level.
    """
    values = np.empty((len(kind_of_core) + 1, len(steps), levels + 1))
    values[0] = -np.inf
    if crowded:
        values[0, 0, 0] = 0.0
    else:
        values[0, 0, :] = 0.0
    for c in range(len(kind_of_core)):
        _fill(values[c], values[c + 1], choices, kind_of_core[c], steps, crowded)
    return values


@compiled
def worst_value(kind_of_core: IntArray, choices: Choices, steps: IntArray, levels: int, crowded: bool) -> float:
    """Return the best value of a whole configuration; as ``knapsack`` without keeping the tables."""
    before = np.full((len(steps), levels + 1), -np.inf)
    after = np.empty_like(before)
    if crowded:
        before[0, 0] = 0.0
    else:
        before[0, :] = 0.0
    for c in range(len(kind_of_core)):
        _fill(before, after, choices, kind_of_core[c], steps, crowded)
        before, after = after, before
    return float(before[:, levels].max())


@compiled
def trace(
    values: FloatArray,
    kind_of_core: IntArray,
    choices: Choices,
    steps: IntArray,
    tracked: IntArray,
    state: int,
    level: int,
    crowded: bool,
    found: IntArray,
) -> None:
    """Fill ``found`` ``(A,)`` with the kind of job on each core, or -1, of the configuration behind a value.

    Only cores before the first that is filled from the end are traced: entries of ``found`` of -2 are to be found.
    """
    count, job, weight, gain, tracked_level, tracked_gain = choices
    for c in range(len(kind_of_core) - 1, -1, -1):
        if found[c] != -2:
            continue
        k = kind_of_core[c]
        value = values[c + 1, state, level]
        found[c] = -1
        if values[c, state, level] == value:
            continue
        done = False
        for i in range(count[k]):
            rest = level - weight[k, i]
            if crowded:
                rest = max(rest, 0)
            if rest >= 0 and values[c, state, rest] + gain[k, i] == value:
                found[c], level, done = job[k, i], rest, True
                break
        if done:
            continue
        for s in range(len(steps)):
            for h in range(steps.shape[1]):
                rest = level - tracked_level[k, h]
                if crowded:
                    rest = max(rest, 0)
                fits = steps[s, h] == state and tracked_level[k, h] >= 0 and rest >= 0
                if not done and fits and values[c, s, rest] + tracked_gain[k, h] == value:
                    found[c], level, state, done = tracked[h], rest, s, True


@compiled
def several(
    values: FloatArray,
    kind_of_core: IntArray,
    choices: Choices,
    steps: IntArray,
    tracked: IntArray,
    crowded: bool,
    least: float,
    most: int,
) -> IntArray:
    """Return at most ``most`` configurations ``(r, A)``, of values above ``least``: by state and last core's job."""
    num_cores, levels = len(kind_of_core), values.shape[2] - 1
    k = kind_of_core[num_cores - 1]
    options = choices.counts[k] + 1
    worth = np.full(len(steps) * options, -np.inf)
    for s in range(len(steps)):
        worth[s * options] = values[num_cores, s, levels]
        for i in range(choices.counts[k]):
            rest = levels - choices.level[k, i]
            if rest >= 0:
                worth[s * options + i + 1] = values[num_cores - 1, s, rest] + choices.gain[k, i]
    found = np.full((most, num_cores), -2)
    r = 0
    while r < most:
        place = worth.argmax()
        if not worth[place] > least:
            break
        s, i = place // options, place % options - 1
        level = levels
        if i >= 0:
            found[r, num_cores - 1] = choices.job[k, i]
            level -= choices.level[k, i]
        trace(values, kind_of_core, choices, steps, tracked, s, level, crowded, found[r])
        worth[place] = -np.inf
        r += 1
    return found[:r]
