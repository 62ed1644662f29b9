"""What ``m3e list`` and ``m3e show`` print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

import numpy as np
from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

import problems
from bench.campaign import campaign_names, load_campaign
from bench.extras import install_command
from bench.registry import Entry
from optimizers import OPTIMIZERS
from problems.ids import EXAMPLE, known_options
from problems.sampling import RANDOM_MAPPINGS
from problems.suite import workload_named

MOST_SHOWN = 12
"""Networks that the list of tasks names."""

MOST_KINDS = 60
"""Networks of a problem, or kinds of its cores, that are named."""


def problems_tables() -> Iterable[RenderableType]:
    """Tasks, platforms, options, and how ids are made of them."""
    yield Text(
        f"A problem id is task/platform/bwB/gG/iI, e.g. {EXAMPLE}: shared bandwidth B in GB/s, G jobs in the group "
        "(gall: all of the task's, each once), instance I; any B > 0, G >= 1, I >= 0 will do. Options may follow, "
        "e.g. /dep or /corrected/energy. Instead of a task, any network of 'm3e list networks' will do, and instead "
        "of task or platform a file of your own: file:PATH. A ready job table has cores of its own, the platform "
        "'table': file:PATH/table/bw4/gall/i0.\n"
    )
    tasks = _table("task", "jobs are drawn from the layers of")
    for name in problems.TASKS.names():
        tasks.add_row(name, _task_summary(name))
    yield tasks
    platforms = _table("platform", "", "cores", "GB/s unless told", "studied, GB/s")
    for name in problems.PLATFORMS.names():
        p = problems.PLATFORMS.get(name)
        studied = "{:g} to {:g}".format(*p.bandwidths_gbps) if p.bandwidths_gbps else ""
        platforms.add_row(name, p.summary, _count([str(c) for c in p.cores]), f"{p.bandwidth_gbps:g}", studied)
    yield platforms
    options = _table("option", "")
    for name, meaning in known_options().items():
        options.add_row(name, meaning)
    yield options


def _task_summary(name: str) -> str:
    entry = problems.TASKS.get(name)
    workload = workload_named(name)
    if isinstance(workload, problems.JobTable):
        return f"{entry.summary}: {workload.num_jobs} jobs"
    return f"{entry.summary}: {', '.join(workload)}" if len(workload) <= MOST_SHOWN else entry.summary


def networks_tables() -> Iterable[RenderableType]:
    """All networks with their dimensions, what they count, and how far that is from what is published."""
    table = _table("network", "task", "layers", "GMAC", "", "M parameters", "")
    for row in problems.figures_table():
        table.add_row(
            row.name,
            row.task,
            str(row.layers),
            _figure(row.macs / 1e9),
            _percent(row.macs_deviation),
            "" if row.parameters is None else _figure(row.parameters / 1e6),
            _percent(row.parameters_deviation),
        )
    yield table
    yield Text("")
    published = ", ".join(f"{row.name} with {row.at}" for row in problems.figures_table() if row.at)
    yield Text(
        "Beside each figure its deviation from the published one, where there is one. Figures are those of the "
        f"dimensions or variant that is published ({published}), else of the defaults, which all groups are drawn "
        "with. "
        "'m3e import NETWORK --dim NAME=SIZE' makes a workload with other dimensions than the defaults:"
    )
    for name in problems.NETWORKS.names():
        yield Text(f"  {name}: " + ", ".join(f"{dim} {size}" for dim, size in problems.NETWORKS.get(name).dims.items()))


def _figure(value: float) -> str:
    """Four digits, never with an exponent."""
    return f"{value:,.0f}" if value >= 1e4 else f"{value:.4g}"


def _percent(deviation: float | None) -> str:
    return "-" if deviation is None else f"{deviation:+.1%}"


FAMILIES = {
    "native": "the suite's own",
    "mapper": "rules that make one mapping from the job table, without a search",
    "nevergrad": "any other by nevergrad:NAME, its name in Nevergrad's registry",
    "optuna": "any other by optuna:NAME, a class in optuna.samplers",
    "sb3": "reinforcement learning; sees the job table",
}
"""What is said of a family of optimizers."""


def optimizers_tables() -> Iterable[RenderableType]:
    """All optimizers, a table for each family."""
    entries = [OPTIMIZERS.get(name) for name in OPTIMIZERS.names()]
    width = max(len(entry.name) for entry in entries) + 2
    for family in dict.fromkeys(entry.family for entry in entries):
        members = [entry for entry in entries if entry.family == family]
        common = _needs(members[0]) if len({entry.requires for entry in members}) == 1 else ""
        remarks = [remark for remark in (FAMILIES.get(family, ""), common) if remark]
        yield Text.assemble((family or "other", "bold"), ": " if remarks else "", "; ".join(remarks))
        columns = (Column(no_wrap=True, min_width=width), Column(ratio=2), Column(ratio=1))
        table = Table.grid(*columns, padding=(0, 2, 0, 0), expand=True)
        for entry in members:
            needs = "" if common or not entry.requires else f"; {_needs(entry)}"
            table.add_row(f"  {entry.name}", Text(entry.summary + needs), entry.source)
        yield table
    yield Text("any other: package.module:Class, importable from where you call m3e, or a plug-in's")


def _needs(entry: Entry) -> str:
    """What an optimizer requires, whether it is there, and if not, what installs it."""
    if not entry.requires:
        return ""
    there = "(not installed): " + install_command(entry.requires) if entry.missing_libraries() else "(installed)"
    return f"needs {entry.requires} {there}"


def campaigns_tables() -> Iterable[RenderableType]:
    """The campaigns that ship with the suite."""
    table = _table("campaign", "", "problems", "optimizers", "seeds", "budget")
    for name in campaign_names():
        c = load_campaign(name)
        counts = (len(c.problems), len(c.contenders), len(c.seeds), c.budget)
        table.add_row(name, Text(c.description), *map(str, counts))
    yield table


def figures_tables() -> Iterable[RenderableType]:
    """The paper's figures that 'm3e figures' draws."""
    from reports.paper import PAPER

    table = _table("figure", "", "campaign")
    for figure in PAPER:
        table.add_row(figure.name, figure.drawing.title, figure.campaign or "none needed")
    yield table


def problem_tables(problem_id: str) -> Iterable[RenderableType]:
    """Facts, bound and job table of one problem.

    Raises:
        UnknownName: If the id names nothing.
    """
    p = problems.get(problem_id)
    facts = Table.grid("", Column(overflow="fold"), padding=(0, 2))
    for name, value in _facts(p):
        facts.add_row(name, value)
    yield facts
    yield Text("")
    yield _job_table_summary(p)


def _facts(p: problems.Problem) -> Iterable[tuple[str, str]]:
    facts = problems.facts_of(p)
    unit = p.objective.units[0]
    networks = _count([n.split("/")[0] for n in p.job_names]) if p.job_names else ""
    yield "problem", p.id
    yield "jobs", f"{p.num_jobs}" + (f" ({networks})" if networks else "")
    yield "cores", _count([n.split(": ")[-1] for n in p.core_names]) if p.core_names else str(p.num_cores)
    yield "shared bandwidth", f"{p.system_bandwidth:g} bytes/cycle (GB/s at 1 GHz)"
    if p.precedence is not None:
        yield "dependencies", f"{sum(map(len, p.precedence.predecessors))} between the jobs"
    if p.total_macs:
        yield "work", f"{p.total_macs / 1e9:.3f} GMAC"
    yield "objective", f"{p.objective.name}: {p.objective.summary}"
    most = f", {float(p.throughput(facts.lower_bound)):,.1f} GFLOP/s at most" if _is_timed(p) else ""
    yield "lower bound", f"{_amount(facts.lower_bound)} {unit} (certified){most}"
    level = "no multiple of a bound of 0" if np.isnan(facts.random_level) else f"{facts.random_level:.3f} x the bound"
    yield "random search", f"{level} (best of {RANDOM_MAPPINGS:,} mappings)"
    forced = "one job alone" if p.precedence is None else "the longest chain of jobs"
    yield forced, f"forces {facts.longest_job_share:.0%} of the least possible makespan"
    yield "verdict", facts.verdict


def _amount(value: float) -> str:
    """Whole numbers where they are large and not endless."""
    return f"{value:,.0f}" if 1e3 <= value < 1e12 else f"{value:.6g}"


def _is_timed(p: problems.Problem) -> bool:
    return p.objective_name == "latency" and bool(p.total_macs)


def _job_table_summary(p: problems.Problem) -> Table:
    """Quantiles of latency and bandwidth over the jobs, a row for each kind of core."""
    table = _table("core", "latency, cycles: least", "median", "most", "bandwidth, bytes/cycle: median", "most")
    kinds: dict[str, int] = {}
    for index, name in enumerate(p.core_names or map(str, range(p.num_cores))):
        kinds.setdefault(name.split(": ")[-1], index)
    for kind, core in kinds.items():
        latency, bandwidth = p.job_table.latency[:, core], p.job_table.bandwidth[:, core]
        possible = np.isfinite(latency)
        if not possible.any():
            table.add_row(kind, "can run none of the jobs")
            continue
        table.add_row(
            kind,
            *(f"{v:,.0f}" for v in (latency.min(), np.median(latency), latency[possible].max())),
            *(f"{v:.4g}" for v in (np.median(bandwidth), bandwidth.max())),
        )
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, no_wrap=not number, overflow="fold")
    return table


def _count(names: list[str]) -> str:
    """``3 x dla-2048, 1 x eye-2048`` of a list with repetitions, in order of appearance; of many kinds the first."""
    counts = Counter(names)
    shown = [f"{count} x {name}" for name, count in islice(counts.items(), MOST_KINDS)]
    return ", ".join([*shown, *([f"and {len(counts) - MOST_KINDS:,} more"] if len(counts) > MOST_KINDS else [])])
