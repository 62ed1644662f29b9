"""The paper's bandwidth allocator as it is told: event by event, in real time (M3E, Kao & Krishna 2022).

Slow and plain on purpose: it is the oracle of the two closed-form evaluators.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def makespan(
    latency: Sequence[Sequence[float]],
    bandwidth: Sequence[Sequence[float]],
    system_bandwidth: float,
    cores: Sequence[int],
    priorities: Sequence[float],
) -> float:
    """Makespan in cycles of one mapping of G jobs on A cores.

    Args:
        latency: G rows of A no-stall cycles.
        bandwidth: G rows of A bytes/cycle.
        system_bandwidth: Bytes/cycle that the cores share.
        cores: The core of each job.
        priorities: A core runs low ones first, ties by job index.
    """
    queues: list[list[int]] = [[] for _ in latency[0]]
    for job in sorted(range(len(cores)), key=lambda j: (priorities[j], j), reverse=True):
        queues[cores[job]].append(job)
    remaining: dict[int, float] = {}  # no-stall cycles left of each core's running job
    running: dict[int, int] = {}
    now = 0.0
    for core, queue in enumerate(queues):
        _start_next(core, queue, latency, running, remaining)
    while running:
        speeds = _allocate(running, bandwidth, system_bandwidth)
        step = min(remaining[core] / speed for core, speed in speeds.items())
        if math.isinf(step):  # only jobs are left that their core cannot run
            return step
        now += step
        for core, speed in speeds.items():
            left = remaining[core] / speed
            remaining[core] -= step * speed
            if left <= step:
                _start_next(core, queues[core], latency, running, remaining)
    return now


def _start_next(
    core: int,
    queue: list[int],
    latency: Sequence[Sequence[float]],
    running: dict[int, int],
    remaining: dict[int, float],
) -> None:
    """Give ``core`` the last job of its reversed queue, or take it out when there is none."""
    if queue:
        running[core] = queue.pop()
        remaining[core] = latency[running[core]][core]
    else:
        running.pop(core, None)
        remaining.pop(core, None)


def _allocate(
    running: dict[int, int], bandwidth: Sequence[Sequence[float]], system_bandwidth: float
) -> dict[int, float]:
    """Speed of each running job, as a share of its no-stall speed.

    A job moves its bytes as fast as its share of the bandwidth lets it; one that moves none keeps step with the others.
    """
    demand = sum(bandwidth[job][core] for core, job in running.items())
    speeds = {}
    for core, job in running.items():
        request = bandwidth[job][core]
        share = request if demand <= system_bandwidth else system_bandwidth * request / demand
        speeds[core] = share / request if request > 0.0 else min(1.0, system_bandwidth / demand if demand else 1.0)
    return speeds
