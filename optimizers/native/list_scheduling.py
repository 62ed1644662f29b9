"""List scheduling: jobs in a fixed order, each to the core that a rule tells (Braun et al. 2001, section 3).

MET (minimum execution time) and the earliest finish are its rules for unequal machines; the latter is also how HEFT
(Topcuoglu et al. 2002) chooses a processor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bench.errors import UnknownName
from optimizers.contract import FloatArray, IntArray, Jobs, SearchSpace
from optimizers.native.mapper import Mapper, mean_over_cores

ORDERS: Mapping[str, Callable[[FloatArray], IntArray]] = {
    "fcfs": lambda lengths: np.arange(len(lengths)),
    "sjf": lambda lengths: np.argsort(lengths, kind="stable"),
    "ljf": lambda lengths: np.argsort(-lengths, kind="stable"),
}
"""Jobs ``(G,)`` in order: as they come, shortest first, longest first, by mean latency ``(G,)`` over the cores."""

CORE_RULES: Mapping[str, Callable[[int, FloatArray, FloatArray], FloatArray]] = {
    "rr": lambda number, loads, latency: np.roll(np.arange(len(loads), dtype=np.float64), number),
    "idle": lambda number, loads, latency: loads,
    "met": lambda number, loads, latency: latency,
    "heft": lambda number, loads, latency: loads + latency,
}
"""What each core ``(A,)`` costs the n-th job, given loads and its latency: the least of those that can run it wins.

In turn (round-robin), earliest idle, minimum execution time, earliest finish.
"""


class ListScheduling(Mapper):
    """One of the rules that the field has used for ever.

    Args:
        order: ``fcfs``, ``sjf`` or ``ljf``.
        core_rule: ``rr``, ``idle``, ``met`` or ``heft``.

    Raises:
        UnknownName: If there is no such order or rule.
    """

    def __init__(
        self, space: SearchSpace, *, budget: int, seed: int, order: str = "ljf", core_rule: str = "heft"
    ) -> None:
        super().__init__(space, budget=budget, seed=seed)
        if order not in ORDERS:
            raise UnknownName("order of list scheduling", order, ORDERS)
        if core_rule not in CORE_RULES:
            raise UnknownName("core rule of list scheduling", core_rule, CORE_RULES)
        self._order, self._rule = ORDERS[order], CORE_RULES[core_rule]

    def place(self, jobs: Jobs) -> tuple[IntArray, IntArray]:
        """Take the jobs in order; ties go to the lower index."""
        order = self._order(mean_over_cores(jobs.latency, jobs.latency))
        cores, loads = np.empty(len(order), dtype=np.int64), np.zeros(jobs.latency.shape[1])
        for number, job in enumerate(order):
            latency = jobs.latency[job]
            cost = self._rule(number, loads, latency)
            core = int(np.argmin(np.where(np.isfinite(latency), cost, np.inf)))
            cores[job] = core
            loads[core] += latency[core]
        return cores, order
