"""List scheduling: takes jobs in a fixed order, and assigns each to a core by a rule (Braun et al. 2001, section 3).

MET (minimum execution time) and the earliest finish time are its rules for heterogeneous machines; by the latter HEFT
(Topcuoglu et al. 2002) selects a processor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from optimizers.native.mapper import Mapper, mean_over_cores
from problems.arrays import FloatArray, IntArray
from problems.foundation.errors import UnknownName
from problems.space import Jobs, SearchSpace

ORDERS: Mapping[str, Callable[[FloatArray], IntArray]] = {
    "fcfs": lambda lengths: np.arange(len(lengths)),
    "sjf": lambda lengths: np.argsort(lengths, kind="stable"),
    "ljf": lambda lengths: np.argsort(-lengths, kind="stable"),
}
"""Functions from mean latencies ``(G,)`` over the cores to the order of the jobs ``(G,)``.

First come first served, shortest job first, longest job first.
"""

CORE_RULES: Mapping[str, Callable[[int, FloatArray, FloatArray], FloatArray]] = {
    "rr": lambda number, loads, latency: np.roll(np.arange(len(loads), dtype=np.float64), number),
    "idle": lambda number, loads, latency: loads,
    "met": lambda number, loads, latency: latency,
    "heft": lambda number, loads, latency: loads + latency,
}
"""Functions from a job's position, the cores' loads ``(A,)`` and the job's latencies ``(A,)`` to a cost ``(A,)``.

A job goes to the cheapest core that can run it. Round-robin, earliest idle, minimum execution time, earliest finish.
"""


class ListScheduling(Mapper):
    """List scheduling with a given job order and core rule.

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
        self._order = ORDERS[order]
        self._rule = CORE_RULES[core_rule]

    def place(self, jobs: Jobs) -> tuple[IntArray, IntArray]:
        """Place the jobs in order; ties go to the lower index."""
        order = self._order(mean_over_cores(jobs.latency, jobs.latency))
        cores = np.empty(len(order), dtype=np.int64)
        loads = np.zeros(jobs.latency.shape[1])
        for number, job in enumerate(order):
            latency = jobs.latency[job]
            cost = self._rule(number, loads, latency)
            core = int(np.argmin(np.where(np.isfinite(latency), cost, np.inf)))
            cores[job] = core
            loads[core] += latency[core]
        return cores, order
