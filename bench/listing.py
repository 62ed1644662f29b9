"""What ``m3e list`` and ``m3e show`` print."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

import problems
from bench.campaign import campaign_names, load_campaign
from optimizers import OPTIMIZERS
from problems.suite import EXAMPLE


def problems_tables() -> Iterable[RenderableType]:
    """Tasks, platforms, and how ids are made of them."""
    yield Text(f"A problem id is task/platform/bwB/gG/iI, e.g. {EXAMPLE}: shared bandwidth B in GB/s,")
    yield Text("G jobs in the group, instance I; any B > 0, G >= 1 and I >= 0 will do.\n")
    tasks = _table("task", "jobs are drawn from the layers of")
    for name in problems.TASKS.names():
        entry = problems.TASKS.get(name)
        networks = entry.load()(**entry.parameters)
        tasks.add_row(name, f"{entry.summary}: {', '.join(networks)}" if name != "mix" else entry.summary)
    yield tasks
    platforms = _table("platform", "", "cores", "bandwidth in the paper, GB/s")
    for name in problems.PLATFORMS.names():
        platform = problems.PLATFORMS.get(name)
        low, high = platform.bandwidths_gbps
        platforms.add_row(name, platform.summary, _count([str(c) for c in platform.cores]), f"{low:g} to {high:g}")
    yield platforms


def optimizers_tables() -> Iterable[RenderableType]:
    """All optimizers, by family."""
    table = _table("optimizer", "family", "", "source")
    for name in OPTIMIZERS.names():
        entry = OPTIMIZERS.get(name)
        table.add_row(name, entry.family, entry.summary, entry.source)
    yield table


def campaigns_tables() -> Iterable[RenderableType]:
    """The campaigns that ship with the suite."""
    table = _table("campaign", "", "problems", "optimizers", "seeds", "budget")
    for name in campaign_names():
        c = load_campaign(name)
        counts = (len(c.problems), len(c.contenders), len(c.seeds), c.budget)
        table.add_row(name, c.description, *map(str, counts))
    yield table


def problem_tables(problem_id: str) -> Iterable[RenderableType]:
    """Facts, bound and job table of one problem.

    Raises:
        UnknownName: If the id names nothing.
    """
    p = problems.get(problem_id)
    bound = p.lower_bound()
    facts = Table.grid(padding=(0, 2))
    for name, value in (
        ("problem", p.id),
        ("jobs", f"{p.num_jobs} ({_count([n.split('/')[0] for n in p.job_names])})"),
        ("cores", _count([n.split(": ")[1] for n in p.core_names])),
        ("shared bandwidth", f"{p.system_bandwidth:g} bytes/cycle (GB/s at 1 GHz)"),
        ("work", f"{(p.total_macs or 0) / 1e9:.3f} GMAC"),
        ("lower bound", f"{bound:,.0f} cycles (certified), {float(p.throughput(bound)):,.1f} GFLOP/s at most"),
    ):
        facts.add_row(name, value)
    yield facts
    yield Text("")
    yield _job_table_summary(p)


def _job_table_summary(p: problems.Problem) -> Table:
    """Quantiles of latency and bandwidth over the jobs, a row for each kind of core."""
    table = _table("core", "latency, cycles: least", "median", "most", "bandwidth, bytes/cycle: median", "most")
    kinds: dict[str, int] = {}
    for index, name in enumerate(p.core_names):
        kinds.setdefault(name.split(": ")[1], index)
    for kind, core in kinds.items():
        latency, bandwidth = p.job_table.latency[:, core], p.job_table.bandwidth[:, core]
        table.add_row(
            kind,
            *(f"{v:,.0f}" for v in (latency.min(), np.median(latency), latency.max())),
            *(f"{v:.4g}" for v in (np.median(bandwidth), bandwidth.max())),
        )
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column)
    return table


def _count(names: list[str]) -> str:
    """``3 x dla-2048, 1 x eye-2048`` of a list with repetitions, in order of appearance."""
    return ", ".join(f"{names.count(name)} x {name}" for name in dict.fromkeys(names))
