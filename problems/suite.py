"""The problem registry: ids, and the instances that they name."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.errors import InvalidInput, UnknownName
from problems.job_table import FloatArray, JobTable
from problems.layers import Layer, layer_rows
from problems.maestro import LayerCosts, maestro_costs
from problems.platforms import PLATFORMS, Platform
from problems.problem import Problem
from problems.tasks import TASKS, draw_group

SUITE_VERSION = 0
"""Within a version an id means the same numbers for ever; 0 until the set of networks is final."""

MOST_JOBS = 1_000_000

EXAMPLE = "mix/S2/bw1/g100/i0"

_PATTERN = re.compile(
    r"(?P<task>[^/]+)/(?P<platform>[^/]+)/bw(?P<bandwidth>[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?)/g(?P<jobs>[0-9]+)/i(?P<instance>[0-9]+)"
)


class ProblemId(NamedTuple):
    """The parts of an id ``task/platform/bwB/gG/iI``."""

    task: str
    platform: str
    bandwidth_gbps: float
    num_jobs: int
    instance: int

    def __str__(self) -> str:
        bandwidth = repr(self.bandwidth_gbps).removesuffix(".0")
        return f"{self.task}/{self.platform}/bw{bandwidth}/g{self.num_jobs}/i{self.instance}"


def parse_id(text: str) -> ProblemId:
    """The parts of ``text``.

    Raises:
        UnknownName: (also a ``KeyError``) If it is not of that form, or names no task or platform.
        InvalidInput: If the group is empty or the bandwidth not above 0.
    """
    match = _PATTERN.fullmatch(text) if len(text) < 200 else None
    if match is None:
        raise UnknownName("problem", text, [EXAMPLE], hint="ids read task/platform/bwB/gG/iI: GB/s, jobs, instance")
    bandwidth, jobs = float(match["bandwidth"]), int(match["jobs"])
    if not 0.0 < bandwidth < np.inf:
        raise InvalidInput(f"problem {text!r}: bandwidth", expected="a number above 0", actual=match["bandwidth"])
    if not 1 <= jobs <= MOST_JOBS:
        raise InvalidInput(f"problem {text!r}: group", expected=f"at least 1 job, at most {MOST_JOBS:,}", actual=jobs)
    TASKS.get(match["task"])
    PLATFORMS.get(match["platform"])
    return ProblemId(match["task"], match["platform"], bandwidth, jobs, int(match["instance"]))


def get(problem_id: str) -> Problem:
    """The problem of that id, e.g. ``mix/S2/bw1/g100/i0``.

    Raises:
        UnknownName: (also a ``KeyError``) With a suggestion.
        InvalidInput: If the group is empty or the bandwidth not above 0.
    """
    parts = parse_id(problem_id)
    platform = PLATFORMS.get(parts.platform)
    group = draw_group(parts.task, parts.num_jobs, parts.instance)
    layers = [layer for _, layer in group]
    return Problem(
        id=str(parts),
        job_table=analyze_jobs(layers, platform),
        system_bandwidth=parts.bandwidth_gbps,
        total_macs=int(maestro_costs(layer_rows(layers)).num_macs.sum()),
        job_names=tuple(f"{network}/{layer.name}" for network, layer in group),
        core_names=tuple(f"{i}: {core}" for i, core in enumerate(platform.cores)),
    )


def analyze_jobs(layers: list[Layer], platform: Platform) -> JobTable:
    """The job analysis table of ``layers`` on ``platform``, by the ``maestro`` cost model.

    MAESTRO's odd regions ask for less than no bandwidth: that counts as none.
    """
    rows = layer_rows(layers)
    kinds = {
        core: maestro_costs(rows, style=core.style, num_pes=core.num_pes, cluster=core.cluster)
        for core in set(platform.cores)
    }
    costs = [_columns(kinds[core]) for core in platform.cores]
    return JobTable(np.stack([c[0] for c in costs], axis=1), np.stack([c[1] for c in costs], axis=1))


def _columns(costs: LayerCosts) -> tuple[FloatArray, FloatArray]:
    latency = np.where(costs.valid, costs.runtime_cycles, np.inf)
    return latency, np.where(costs.valid, np.maximum(costs.bandwidth, 0.0), 0.0)


def from_job_table(latency: npt.ArrayLike, bandwidth: npt.ArrayLike, system_bandwidth: float) -> Problem:
    """A problem from a ready job table; its id names the content.

    Args:
        latency: ``(G, A)`` no-stall cycles, at least 0; ``inf`` where a core cannot run a job.
        bandwidth: ``(G, A)`` bytes/cycle, at least 0 and finite.
        system_bandwidth: Bytes/cycle, above 0.

    Raises:
        InvalidInput: Naming the first value that does not fit.
    """
    table = JobTable(latency, bandwidth)  # type: ignore[arg-type]  # it converts them
    problem = Problem("table", table, system_bandwidth)
    content = table.latency.tobytes() + table.bandwidth.tobytes() + np.float64(problem.system_bandwidth).tobytes()
    object.__setattr__(problem, "id", f"table/{hashlib.sha256(content).hexdigest()[:12]}")
    return problem
