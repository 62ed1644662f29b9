"""Limits on when networks are done: a plan that keeps them all is better than any that does not.

The *lateness* of a plan is by how much the latest network exceeds its limit, in cycles of real time; a plan is in time
up to 0. One that is late counts as if its makespan were a ceiling plus its lateness: the makespan of the best plan in
time, so that no late plan is ever better than that one, and yet a search may pass through plans that are a little late.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from optimizers.native.informed.arrays import Plan
from optimizers.native.informed.moves import Move
from problems.arrays import FloatArray, IntArray
from problems.foundation.checks import check_above_zero
from problems.foundation.compiling import borrowing
from problems.foundation.errors import InvalidInput, UnknownName
from problems.space import Jobs


class Limits(NamedTuple):
    """N limits.

    Attributes:
        networks: ``(G,)`` number of the limit of each job, -1 for none.
        cycles: ``(N,)`` when all jobs of a limit must have ended, in the unit of the latencies.
        latest: ``(N,)`` working array.
    """

    networks: IntArray
    cycles: FloatArray
    latest: FloatArray


def check_limits(limits: object) -> Mapping[str, float]:
    """Return the limits of networks, in cycles by name; None for none.

    Raises:
        InvalidInput: If they are no table, or one is not above 0.
    """
    if limits is None:
        return {}
    if not isinstance(limits, Mapping):
        raise InvalidInput("limits", expected="cycles by network", actual=limits)
    return {network: check_above_zero(f"limit of {network!r} in cycles", limit) for network, limit in limits.items()}


def limits_of(jobs: Jobs, limits: Mapping[str, float] | None, exponent: int = 0) -> Limits:
    """Return the limits of networks, in cycles by name, times two to the power of ``exponent``.

    Raises:
        InvalidInput: If they are no table, one is not above 0, or only the energy counts.
        UnknownName: If one is of no network whose jobs are mapped.
    """
    limits = check_limits(limits)
    if limits and jobs.objective == "energy":
        raise InvalidInput("limits", expected="an objective that depends on time", actual="energy")
    known = set(jobs.networks) - {""}
    for network in limits:
        if network not in known:
            raise UnknownName("network with a limit:", network, known)
    places = {network: number for number, network in enumerate(limits)}
    numbers = [places.get(own, -1) for own in jobs.networks]
    cycles = np.array(list(limits.values()), dtype=np.float64) * (1.0 - 1e-12)  # the suite may round otherwise
    return Limits(np.array(numbers, dtype=np.int64), np.ldexp(cycles, exponent), np.zeros(len(limits)))


@borrowing
def lateness_of(plan: Plan, limits: Limits) -> float:
    """Return the lateness of a plan whose schedule is up to date."""
    limits.latest[:] = 0.0
    for j in range(len(limits.networks)):
        n = limits.networks[j]
        if n >= 0:
            limits.latest[n] = max(limits.latest[n], plan.ends[j])
    late = -np.inf
    for n in range(len(limits.cycles)):
        late = max(late, _real(plan, limits.latest[n]) - limits.cycles[n])
    return late


@borrowing
def _real(plan: Plan, time: float) -> float:
    """Return the real time at a breakpoint's virtual ``time``."""
    low, high = 0, plan.num_breakpoints[0]
    while high - low > 1:
        middle = (low + high) // 2
        if plan.times[middle] <= time:
            low = middle
        else:
            high = middle
    real: float = time + plan.stretched[low] + (time - plan.times[low]) * max(0.0, plan.demands[low] - 1.0)
    return real


@borrowing
def counted_span(makespan: float, lateness: float, ceiling: float) -> float:
    """Return the makespan of a plan in time, and what that of another counts as."""
    return makespan if lateness <= 0.0 else max(makespan, ceiling + lateness)


@borrowing
def is_better(value: float, lateness: float, best_value: float, best_lateness: float) -> bool:
    """Whether a plan is better than the best: if only one of them is in time, that one."""
    if (lateness <= 0.0) != (best_lateness <= 0.0):
        return lateness <= 0.0
    return value < best_value


@borrowing
def inverse(move: Move) -> Move:
    """Return the move that takes back ``move``."""
    kind, a, i, b, q = move
    return kind, b, q, a, i
