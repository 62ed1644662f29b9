"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import problems
from bench.store import StoredCampaign
from reports.figures import Drawing
from reports.figures.style import looks
from reports.formats import LABEL
from reports.names import distinct, shorten
from reports.page.assets import REPORT, render_page
from reports.page.colours import line_of
from reports.page.parts import Part, parts_of
from reports.page.rows import breakable, heads_of, rows_of
from reports.provenance import LONGEST, origins, progress, warnings_of
from reports.readable import readable, readable_id
from reports.summary import Tables
from reports.table import Table

REPLACED = "convergence"
"""The figure in whose place the instances' charts are; a page without scripts shows it."""


def render_html(
    campaign: StoredCampaign,
    tables: Tables,
    report_tables: Sequence[Table],
    figures: Sequence[tuple[Drawing, bytes]],
) -> str:
    """The page.

    Args:
        campaign: Where progress and provenance come from.
        tables: Of the campaign.
        report_tables: What to show as tables, in this order.
        figures: What to show as figures, each with its SVG.
    """
    campaign = readable(campaign)
    parts = parts_of(campaign, tables)
    short = _short(tables)
    shown = [_figure(drawing, svg) for drawing, svg in figures]
    return render_page(
        "report.html",
        REPORT,
        _data(tables, parts) | {"short": short},
        name=campaign.name,
        progress=progress(campaign),
        scope=scope(tables),
        makespan=tables.objectives == ["latency"],
        warnings=warnings_of(campaign),
        figures=[figure for figure in shown if figure["drawing"].name != REPLACED],
        convergence=[figure for figure in shown if figure["drawing"].name == REPLACED],
        tables=[{"table": table, "heads": heads_of(table), "rows": rows_of(table)} for table in report_tables],
        parts=parts,
        anchors={part.case: part.anchor for part in parts},
        lists=_lists(campaign, tables),
        origins=[
            {"origin": origin, "parameters": shorten(json.dumps(origin.parameters, indent=1), LONGEST)}
            for origin in origins(campaign)
        ],
        short=short,
        suites=sorted({run.spec.suite_version for run in campaign.runs}) or [problems.SUITE_VERSION],
        breakable=breakable,
    )


def scope(tables: Tables) -> str:
    """What was run: the numbers of problems, optimizers and seeds, and the budgets."""
    runs = tables.runs
    budgets = " or ".join(f"{budget:,}" for budget in sorted(runs["budget"].unique()))
    parts = (("problem", runs["problem"]), ("optimizer", runs["optimizer"]), ("seed", runs["seed"]))
    counts = [f"{(n := column.nunique()):,} {word}{'s' * (n != 1)}" for word, column in parts]
    return f"{', '.join(counts)}; {budgets or 'no'} evaluations a run"


def _short(tables: Tables) -> dict[str, str]:
    """What stands for names that take too much room on the page, be they of optimizers, tasks or platforms."""
    names = [*tables.registered, *tables.runs["task"], *tables.runs["platform"]]
    return {name: text for name, text in distinct(names, LABEL).items() if name != text and name}


def _data(tables: Tables, parts: Sequence[Part]) -> dict[str, Any]:
    """What the page's scripts draw and filter by."""
    look = looks(tables)
    lines = [{"name": name, **line_of(look[name])} for name in tables.optimizers]
    return {"optimizers": lines, "cases": [part.data() for part in parts]}


def _figure(drawing: Drawing, svg: bytes) -> dict[str, Any]:
    """Figures of two columns of a paper must not shrink to a phone's width: those scroll."""
    size = re.search(rb'<svg[^>]* width="([0-9.]+)pt" height="([0-9.]+)pt"', svg)
    width, height = (float(size[1]), float(size[2])) if size else (600.0, 400.0)
    shape, ratio = "full" if width > 300.0 else "column", f"{width:g} / {height:g}"
    return {"drawing": drawing, "data": base64.b64encode(svg).decode(), "shape": shape, "ratio": ratio}


def _lists(campaign: StoredCampaign, tables: Tables) -> dict[str, list[Mapping[str, Any]]]:
    """By kind the runs that are not complete, each with its id and what is known of it."""
    columns = ["run_id", "case", "optimizer", "message"]
    lists = {
        status: tables.runs.loc[tables.runs["status"] == status, columns].to_dict("records")
        for status in ("failed", "cut", "unfinished")
    }
    known = {run.id for run in campaign.runs} | set(campaign.unreadable)
    lists["not started"] = [
        {"run_id": run.id, "case": readable_id(run.problem), "optimizer": run.label, "message": ""}
        for run in campaign.planned
        if run.id not in known
    ]
    beside = {
        "unreadable": campaign.unreadable,
        "foreign": dict.fromkeys(campaign.foreign, "in the folder, but not named by the campaign"),
    }
    for kind, messages in beside.items():
        lists[kind] = [dict.fromkeys(columns, "") | {"run_id": i, "message": m} for i, m in messages.items()]
    return {kind: rows for kind, rows in lists.items() if rows}
