"""The paper's bandwidth allocator as described: event by event, in real time (M3E, Kao & Krishna 2022).

Slow and plain on purpose: it is the test oracle for the two closed-form evaluators.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence


def makespan(
    latency: Sequence[Sequence[float]],
    bandwidth: Sequence[Sequence[float]],
    system_bandwidth: float,
    cores: Sequence[int],
    priorities: Sequence[float],
    predecessors: Sequence[Sequence[int]] = (),
) -> float:
    """Return the makespan in cycles of one mapping of G jobs on A cores.

    Args:
        latency: G rows of A no-stall cycles.
        bandwidth: G rows of A bytes/cycle.
        system_bandwidth: Bytes/cycle that the cores share.
        cores: Core of each job.
        priorities: Priority of each job; a core runs low ones first, ties by job index.
        predecessors: Predecessors of each job, or empty for none. With them, the priority of a job counts as no less
            than those of its predecessors, and ties go by topological order. A core whose next job waits is idle.
    """
    waiting = [set(before) for before in predecessors]
    queues: list[list[int]] = [[] for _ in latency[0]]
    for job in reversed(_order(priorities, waiting)):
        queues[cores[job]].append(job)
    all_cores = range(len(queues))
    remaining: dict[int, float] = {}  # no-stall cycles left of each core's running job
    running: dict[int, int] = {}
    now = 0.0
    _start_ready(all_cores, queues, waiting, latency, running, remaining)
    while running:
        speeds = _allocate(running, bandwidth, system_bandwidth)
        step = min(remaining[core] / speed for core, speed in speeds.items())
        if math.isinf(step):  # every running job is on a core that cannot run it
            return step
        now += step
        ended = []
        for core, speed in speeds.items():
            left = remaining[core] / speed
            remaining[core] -= step * speed
            if left <= step:
                ended.append(core)
        for core in ended:
            _end(core, waiting, running, remaining)
        _start_ready(all_cores if waiting else ended, queues, waiting, latency, running, remaining)
    return now


def _order(priorities: Sequence[float], predecessors: Sequence[set[int]]) -> list[int]:
    """Return the jobs in queue order: by priority, raised to those of the predecessors, ties by topological order."""
    raised = list(priorities)
    topological = [] if predecessors else list(range(len(raised)))
    while len(topological) < len(raised):
        done = set(topological)
        job = next(j for j in range(len(raised)) if j not in done and predecessors[j] <= done)
        raised[job] = max([raised[job], *(raised[before] for before in predecessors[job])])
        topological.append(job)
    return sorted(topological, key=lambda j: raised[j])


def _start_ready(
    cores: Iterable[int],
    queues: list[list[int]],
    waiting: list[set[int]],
    latency: Sequence[Sequence[float]],
    running: dict[int, int],
    remaining: dict[int, float],
) -> None:
    """On each idle core of ``cores``, start the next job (the last of its reversed queue) unless it has to wait."""
    for core in cores:
        queue = queues[core]
        if core not in running and queue and not (waiting and waiting[queue[-1]]):
            running[core] = queue.pop()
            remaining[core] = latency[running[core]][core]


def _end(core: int, waiting: list[set[int]], running: dict[int, int], remaining: dict[int, float]) -> None:
    """End the job of ``core``; no job waits for it any more."""
    job = running.pop(core)
    del remaining[core]
    for before in waiting:
        before.discard(job)


def _allocate(
    running: dict[int, int], bandwidth: Sequence[Sequence[float]], system_bandwidth: float
) -> dict[int, float]:
    """Return the speed of each core's running job, as a fraction of its no-stall speed.

    A job moves its bytes as fast as its share of the bandwidth allows; a job that moves none is slowed down like the
    others.
    """
    demand = sum(bandwidth[job][core] for core, job in running.items())
    speeds = {}
    for core, job in running.items():
        request = bandwidth[job][core]
        share = request if demand <= system_bandwidth else system_bandwidth * request / demand
        speeds[core] = share / request if request > 0.0 else min(1.0, system_bandwidth / demand if demand else 1.0)
    return speeds
