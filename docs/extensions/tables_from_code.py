"""Tables of what is registered in the suite, written before the pages are read: ``{include} made/NAME.md``."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer

import optimizers
import problems
import reports
from bench.campaigns.reading import campaign_names, load_campaign
from bench.campaigns.reference import reference
from bench.commands.list_ import FAMILIES
from optimizers.costs import costs
from problems.best_known.entry import MAPPING
from problems.best_known.registry import FOLDER, entry_at, ids_in
from problems.ids import known_options
from problems.networks import Network
from reports.paper import PAPER

Rows = Iterable[Sequence[str]]


def _table(heads: Sequence[str], rows: Rows) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}" if value < 1e4 else f"{value:,.0f}"


def tasks() -> str:
    """Tasks and the networks that their jobs are drawn from."""
    return _table(("task", ""), ((f"`{name}`", problems.TASKS.get(name).summary) for name in problems.TASKS.names()))


def options() -> str:
    """Options at the end of a problem id."""
    return _table(("option", ""), ((f"`{name}`", meaning) for name, meaning in known_options().items()))


def platforms() -> str:
    """Platforms with their cores."""

    def rows() -> Iterator[Sequence[str]]:
        for name in problems.PLATFORMS.names():
            p = problems.PLATFORMS.get(name)
            studied = "{:g} to {:g}".format(*p.bandwidths_gbps) if p.bandwidths_gbps else ""
            cores = {str(core): p.cores.count(core) for core in p.cores}
            shown = "; ".join(f"{count} x {core}" for core, count in cores.items())
            yield f"`{name}`", p.summary, shown, f"{p.bandwidth_gbps:g}", studied

    return _table(("platform", "", "cores", "GB/s unless told", "studied, GB/s"), rows())


def networks() -> str:
    """Networks with their figures, and their deviation from published ones."""

    def percent(deviation: float | None) -> str:
        return "" if deviation is None else f"{deviation:+.1%}"

    def dimensions(network: Network) -> str:
        shown = {name: str(default) for name, default in network.dims.items()}
        shown |= {name: " or ".join(words) for name, words in network.choices.items()}
        return ", ".join(f"`{name}` {value}" for name, value in shown.items())

    def rows() -> Iterator[Sequence[str]]:
        for row in problems.figures_table():
            gmacs, parameters = _number(row.macs / 1e9), _number(row.parameters and row.parameters / 1e6)
            deviations = percent(row.macs_deviation), percent(row.parameters_deviation)
            network = problems.NETWORKS.get(row.name)
            figures = (gmacs, deviations[0], parameters, deviations[1])
            yield f"`{row.name}`", row.task, str(row.layers), *figures, dimensions(network)

    heads = ("network", "task", "layers", "GMAC", "off by", "M parameters", "off by", "dimensions and their defaults")
    return _table(heads, rows())


def optimizer_tables() -> str:
    """Optimizers by family, with sources, encodings and costs."""
    entries = [optimizers.OPTIMIZERS.get(name) for name in optimizers.OPTIMIZERS.names()]
    known = costs()

    def seconds(name: str) -> tuple[str, str]:
        cost = known.get(name)
        return ("", "") if cost is None else (f"{cost.few:.2g}", "" if cost.many is None else f"{cost.many:.2g}")

    def encoding(name: str) -> str:
        absent = optimizers.OPTIMIZERS.get(name).missing_libraries()
        return "" if absent else str(optimizers.resolve_parameters(name, {}).get("encoding", ""))

    def row(entry: optimizers.Entry) -> Sequence[str]:
        needs = f"; needs `{entry.requires}`" if entry.requires else ""
        return f"`{entry.name}`", entry.summary + needs, entry.source, encoding(entry.name), *seconds(entry.name)

    heads = ("optimizer", "", "source", "encoding", "s for 1,000", "s for 10,000")
    parts = []
    for family in dict.fromkeys(entry.family for entry in entries):
        table = _table(heads, (row(entry) for entry in entries if entry.family == family))
        remark = f"{FAMILIES[family]}.\n\n" if family in FAMILIES else ""
        parts.append(f"## {family}\n\n{remark[:1].upper()}{remark[1:]}{table}")
    return "\n\n".join(parts)


def library() -> str:
    """Instances of shipped campaigns with the best mapping and bound known."""

    def rows() -> Iterator[Sequence[str]]:
        for problem_id in ids_in(FOLDER):
            entry = entry_at(FOLDER, problem_id)
            assert entry is not None
            found = entry.last(MAPPING)
            values = f"{entry.value:,.6g}", f"{entry.bound:,.6g}", f"{entry.gap:.3%}"
            yield f"`{problem_id}`", *values, entry.status, found.by.split(",")[0]

    return _table(("instance", "best known", "bound", "gap", "status", "found by"), rows())


def campaigns() -> str:
    """Campaigns that ship."""

    def rows() -> Iterator[Sequence[str]]:
        for name in campaign_names():
            c = load_campaign(name)
            counts = (len(c.problems), len(c.contenders), len(c.seeds), c.budget)
            yield f"`{name}`", c.description, *(f"{count:,}" for count in counts)

    return _table(("campaign", "", "problems", "optimizers", "seeds", "budget"), rows())


def figures() -> str:
    """Figures of the paper that can be drawn."""
    rows = ((f"`{f.name}`", f.drawing.title, f"`{f.campaign}`" if f.campaign else "") for f in PAPER)
    return _table(("figure", "", "campaign"), rows)


SHOWN_ROWS = 6
"""Most rows of an example."""


def statistics() -> str:
    """Every published table: how to read it, an example from the archive ``dev``, and what its columns mean."""
    tables = reports.make_tables(reports.read_results([reference("dev").folder]))
    return "\n\n".join(_statistic(table) for table in reports.published(tables))


def _statistic(table: reports.Table) -> str:
    example = table.shown().head(SHOWN_ROWS)
    rows = ([str(cell) for cell in row] for row in example.itertuples(index=False))
    columns = "\n".join(f"`{name}`\n: {meaning}" for name, meaning in table.meaning.items())
    more = f"\n\n... and {len(table.frame) - SHOWN_ROWS} more rows." if len(table.frame) > SHOWN_ROWS else ""
    shown = f"{_table(list(example.columns), rows)}{more}"
    folded = f":::{{dropdown}} Columns of `{table.name}.csv`\n{columns}\n:::"
    return f"## {table.title}\n\n{table.note}\n\n{shown}\n\n{folded}"


PACKAGES = ("problems", "optimizers", "reports", "bench")


def python() -> str:
    """Directives that document what each package exports, and nothing else."""
    parts = []
    for package in PACKAGES:
        module = importlib.import_module(package)
        blocks = "\n\n".join(_documented(package, name, getattr(module, name)) for name in sorted(module.__all__))
        parts.append(f"## {package}\n\n```{{eval-rst}}\n.. automodule:: {package}\n\n{blocks}\n```")
    return "\n\n".join(parts)


def _documented(package: str, name: str, value: object) -> str:
    if inspect.isclass(value):
        return f".. autoclass:: {package}.{name}\n   :members:"
    if callable(value):
        return f".. autofunction:: {package}.{name}"
    where = f"{package}.{_home(package, name)}"
    (said,) = (doc for (_, own), doc in ModuleAnalyzer.for_module(where).find_attr_docs().items() if own == name)
    return f".. py:data:: {name}\n   :module: {package}\n\n   {' '.join(said)}"


def _home(package: str, name: str) -> str:
    """The module that a package takes a name from, by its stub."""
    stub = ast.parse((Path(importlib.import_module(package).__path__[0]) / "__init__.pyi").read_text())
    imports = (node for node in stub.body if isinstance(node, ast.ImportFrom))
    return next(str(node.module) for node in imports if name in [alias.name for alias in node.names])


TABLES: dict[str, Callable[[], str]] = {
    "tasks": tasks,
    "options": options,
    "platforms": platforms,
    "networks": networks,
    "optimizers": optimizer_tables,
    "library": library,
    "campaigns": campaigns,
    "figures": figures,
    "statistics": statistics,
    "python": python,
}


def write_tables(app: Sphinx) -> None:
    """Write each table into ``made/``, where it has changed."""
    folder = Path(app.srcdir) / "made"
    folder.mkdir(exist_ok=True)
    for name, table in TABLES.items():
        path, text = folder / f"{name}.md", f"{table()}\n"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Have the tables written."""
    app.connect("builder-inited", write_tables)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
