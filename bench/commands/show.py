"""``m3e show``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

import problems
from bench.console.console import kinds_counted, open_console, plain_table
from problems.best_known.entry import MAPPING
from problems.foundation.errors import InvalidInput
from problems.foundation.files import is_there
from problems.sampling import RANDOM_MAPPINGS
from reports.schedules.deciding import costs_of
from reports.storage.mapping_file import MAPPING as MAPPING_FILE
from reports.wording.units import exact


@click.command()
@click.argument("problem")
def show(problem: str) -> None:
    """Describe PROBLEM: its job table, a certified lower bound, and whether it tells optimizers apart."""
    if is_there(Path(problem) / MAPPING_FILE) or Path(problem).name == MAPPING_FILE:
        raise InvalidInput(f"problem {problem!r}", expected="a problem id", actual="a mapping", hint="See m3e replay.")
    open_console().show(*problem_tables(problem))


def problem_tables(problem_id: str) -> Iterator[RenderableType]:
    """Yield the facts, the bound and the job table of a problem.

    Raises:
        UnknownName: If the id names nothing.
    """
    p = problems.get(problem_id)
    facts = Table.grid(Column(no_wrap=True), "", padding=(0, 2))
    for name, value in _facts(p):
        facts.add_row(name, value)
    yield facts
    yield Text("")
    yield _job_table_summary(p)


def _facts(p: problems.Problem) -> Iterator[tuple[str, str]]:
    facts = problems.facts_of(p)
    unit = p.objective.units[0]
    networks = kinds_counted([n.split("/")[0] for n in p.job_names]) if p.job_names else ""
    yield "problem", p.id
    yield "jobs", f"{p.num_jobs}" + (f" ({networks})" if networks else "")
    yield "cores", kinds_counted([n.split(": ")[-1] for n in p.core_names]) if p.core_names else str(p.num_cores)
    yield "shared bandwidth", f"{p.system_bandwidth:g} bytes/cycle (GB/s at 1 GHz)"
    if p.precedence is not None:
        yield "dependencies", f"{sum(map(len, p.precedence.predecessors))} between the jobs"
    yield "costs", costs_of(p)
    yield "objective", f"{p.objective.name}: {p.objective.summary}"
    rate = p.gflops(facts.lower_bound)
    most = "" if np.isnan(rate) else f", {rate:,.1f} GFLOP/s at most"
    yield "lower bound", f"{exact(facts.lower_bound)} {unit} (certified){most}"
    yield "best known", _best_known(p)
    level = "undefined, as the bound is 0" if np.isnan(facts.random_level) else f"{facts.random_level:.3f} x the bound"
    yield "random search", f"{level} (best of {RANDOM_MAPPINGS:,} mappings)"
    forced = "one job alone" if p.precedence is None else "the longest chain of jobs"
    yield forced, f"forces {facts.longest_job_share:.0%} of the least possible makespan"
    yield "verdict", facts.verdict


def _best_known(p: problems.Problem) -> str:
    known = p.best_known()
    if known is None:
        return "none is stored"
    found = known.last(MAPPING)
    told = f"{exact(known.value)} {p.objective.units[0]}, {known.gap:.2%} above the best bound known: {known.status}"
    return f"{told} ({found.by.split(',')[0]}, {found.on})"


def _job_table_summary(p: problems.Problem) -> Table:
    """Return quantiles of latency and bandwidth over the jobs, a row per kind of core."""
    table = plain_table("core", "latency, cycles: least", "median", "most", "bandwidth, bytes/cycle: median", "most")
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
