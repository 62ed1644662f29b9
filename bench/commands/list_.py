"""``m3e list``."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
import numpy as np
from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

import problems
from bench.campaigns.campaign import Campaign
from bench.campaigns.reading import campaign_names, load_campaign
from bench.console.console import kinds_counted, open_console, plain_table
from optimizers import OPTIMIZERS
from optimizers.costs import NUM_JOBS, costs
from problems.foundation.errors import InvalidInput
from problems.foundation.extras import install_command
from problems.foundation.registry import Entry
from problems.ids import EXAMPLE, known_options
from problems.networks import Network
from problems.suite import workload_named
from reports.paper import PAPER

MOST_SHOWN = 12
"""Number of networks up to which a task's are listed."""

LEAST_HOURS = 0.001
"""What is less is not told apart."""


def problems_tables() -> Iterable[RenderableType]:
    """Yield tasks, platforms, options, and how ids are made of them."""
    yield Text(
        f"A problem id is task/platform/bwB/gG/iI, e.g. {EXAMPLE}: shared bandwidth B in GB/s, G jobs in the group "
        "(gall: all of the task's, each once), instance I; any B > 0, G >= 1, I >= 0 will do. Options may follow, "
        "e.g. /dep or /corrected/energy. Instead of a task, any network of 'm3e list networks' will do, and instead "
        "of task or platform a file of your own: file:PATH. A ready job table has cores of its own, the platform "
        "'table': file:PATH/table/bw4/gall/i0.\n"
    )
    tasks = plain_table("task", "jobs are drawn from the layers of")
    for name in problems.TASKS.names():
        tasks.add_row(name, _task_summary(name))
    yield tasks
    platforms = plain_table("platform", "", "cores", "GB/s unless told", "studied, GB/s")
    for name in problems.PLATFORMS.names():
        p = problems.PLATFORMS.get(name)
        studied = "{:g} to {:g}".format(*p.bandwidths_gbps) if p.bandwidths_gbps else ""
        platforms.add_row(name, p.summary, kinds_counted([str(c) for c in p.cores]), f"{p.bandwidth_gbps:g}", studied)
    yield platforms
    options = plain_table("option", "")
    for name, meaning in known_options().items():
        options.add_row(name, meaning)
    yield options


def _task_summary(name: str) -> str:
    entry = problems.TASKS.get(name)
    workload = workload_named(name)
    if isinstance(workload, problems.JobTable):
        return f"{entry.summary}: {workload.num_jobs} jobs"
    networks = workload.networks
    return f"{entry.summary}: {', '.join(networks)}" if len(networks) <= MOST_SHOWN else entry.summary


def networks_tables() -> Iterable[RenderableType]:
    """Yield all networks with their dimensions, their figures, and the deviation from published figures."""
    table = plain_table("network", "task", "layers", "GMAC", "", "M parameters", "")
    rows = problems.figures_table()
    for row in rows:
        table.add_row(
            row.name,
            row.task,
            f"{row.layers:,}",
            _figure(row.macs / 1e9),
            _percent(row.macs_deviation),
            "" if row.parameters is None else _figure(row.parameters / 1e6),
            _percent(row.parameters_deviation),
        )
    yield table
    yield Text("")
    published = ", ".join(f"{row.name} with {row.at}" for row in rows if row.at)
    yield Text(
        "Beside each figure its deviation from the published one, where there is one. Figures are those of the "
        f"dimensions or variant that is published ({published}), else of the defaults. Groups are drawn with the "
        "defaults, those of llm from both phases and all blocks. "
        "'m3e import NETWORK --dim NAME=SIZE' makes a workload with other dimensions than the defaults:"
    )
    for name in problems.NETWORKS.names():
        yield Text(f"  {name}: {_dimensions(problems.NETWORKS.get(name))}")


def _dimensions(network: Network) -> str:
    """Return the dimensions with their defaults; of words the first is the default."""
    shown = {dim: str(default) for dim, default in network.dims.items()}
    shown |= {dim: " or ".join(words) for dim, words in network.choices.items()}
    if "blocks" in shown:
        shown["blocks"] += f" of {network.blocks}"
    return ", ".join(f"{dim} {value}" for dim, value in shown.items())


def _figure(value: float) -> str:
    """Format with four digits, never with an exponent."""
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
"""Remarks on families of optimizers."""


def costs_table() -> Iterable[RenderableType]:
    """Yield what the optimizers cost, the cheapest first, and which were not measured."""
    yield Text(
        "CPU seconds of a run on a problem with 100 jobs, all told, on one core of a quiet machine; another may take "
        "two or three times as long, a busy one more. Runs go in proportion to the number of jobs, or a bit faster.\n"
    )
    known = costs()
    table = plain_table("optimizer", "1,000 evaluations", "10,000 evaluations")
    for name in sorted(known, key=lambda name: known[name].few):
        few, many = known[name].few, known[name].many
        table.add_row(name, _seconds(few), "-" if many is None else _seconds(many))
    yield table
    missing = [name for name in OPTIMIZERS.names() if name not in known]
    if missing:
        yield Text(f"\nnot measured: {', '.join(missing)}")


def _seconds(seconds: float) -> str:
    """Format with two digits, never with an exponent."""
    return f"{seconds:.0f}" if seconds >= 10 else np.format_float_positional(float(f"{seconds:.2g}"), trim="-")


def optimizers_tables() -> Iterable[RenderableType]:
    """Yield all optimizers, a table per family."""
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
    yield Text(
        "any other: package.module:Class, importable from where you call m3e, a plug-in's, or 'exec:./program --flag'"
    )


def _needs(entry: Entry) -> str:
    """Return what an optimizer requires, whether it is installed, and if not, the command that installs it."""
    if not entry.requires:
        return ""
    there = "(not installed): " + install_command(entry.requires) if entry.missing_libraries() else "(installed)"
    return f"needs {entry.requires} {there}"


def campaigns_tables() -> Iterable[RenderableType]:
    """Yield the campaigns that ship with the suite, and about how long each takes."""
    table = plain_table("campaign", "", "problems", "optimizers", "seeds", "budget", "CPU hours")
    for name in campaign_names():
        c = load_campaign(name)
        counts = (len(c.problems), len(c.contenders), len(c.seeds), c.budget)
        table.add_row(name, Text(c.description), *map(str, counts), _hours(c))
    yield table
    yield Text(
        "\nCPU hours of search by 'm3e list optimizers --costs', on a quiet machine, of optimizers that are installed; "
        "+: and those of optimizers that were not measured"
    )


def _hours(campaign: Campaign) -> str:
    """Return the expected CPU hours of a campaign, of the optimizers that can run here."""
    there = [c.name for c in campaign.contenders if not c.missing]
    known = [costs()[name] for name in there if name in costs()]
    jobs = [problems.parse_id(problem_id).num_jobs or NUM_JOBS for problem_id in campaign.problems]
    seconds = sum(cost.seconds(campaign.budget, num_jobs) for cost in known for num_jobs in jobs)
    more = "+" if len(known) < len(there) else ""
    hours = seconds * len(campaign.seeds) / 3600
    return f"{_seconds(hours) if hours >= LEAST_HOURS else f'< {LEAST_HOURS:g}'}{more}"


def figures_tables() -> Iterable[RenderableType]:
    """Yield the paper's figures that 'm3e figures' draws."""
    table = plain_table("figure", "", "campaign")
    for figure in PAPER:
        table.add_row(figure.name, figure.drawing.title, figure.campaign or "none needed")
    yield table


LISTS: dict[str, Callable[[], Iterable[RenderableType]]] = {
    "problems": problems_tables,
    "networks": networks_tables,
    "optimizers": optimizers_tables,
    "campaigns": campaigns_tables,
    "figures": figures_tables,
}


@click.command("list")
@click.argument("what", type=click.Choice(list(LISTS)))
@click.option("--costs", "with_costs", is_flag=True, help="Of optimizers: list what they cost instead.")
def list_(what: str, with_costs: bool) -> None:
    """List problems, networks, optimizers, campaigns or figures."""
    if with_costs and what != "optimizers":
        raise InvalidInput("--costs", expected="with 'm3e list optimizers'", actual=f"with 'm3e list {what}'")
    open_console().show(*(costs_table() if with_costs else LISTS[what]()))
