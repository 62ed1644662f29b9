"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

import problems
from reports.figures import Drawing, DrawnFigure
from reports.figures.style import looks
from reports.frames.provenance import LONGEST, origins, progress, warnings_of
from reports.frames.summary import Tables
from reports.page.assets import REPORT, render_page
from reports.page.cases import Part, parts_of
from reports.page.colours import line_of
from reports.page.ids import reading_of
from reports.page.rows import breakable, heads_of, rows_of
from reports.page.themed import themed
from reports.statistics.leading import headline
from reports.storage.readable import readable_id
from reports.storage.replay import CheckedCampaign
from reports.wording.names import distinct, shorten
from reports.wording.numbers import LABEL, counted
from reports.wording.table import Table
from reports.wording.units import is_front, name_of

REPLACED = "convergence"
"""The figure in whose place the instances' charts are; a page without scripts shows it, but not its variant."""


def render_html(
    tables: Tables,
    report_tables: Sequence[Table],
    figures: Sequence[tuple[Drawing, DrawnFigure]],
) -> str:
    """The page.

    Args:
        tables: Tables of a campaign.
        report_tables: What to show as tables, in this order.
        figures: What to show as figures, each with what was drawn.
    """
    campaign = tables.campaign
    parts = parts_of(tables)
    short = _short(tables)
    shown = [_figure(drawing, drawn) for drawing, drawn in figures if drawing.variant_of != REPLACED]
    variants = [drawing for drawing, _ in figures if drawing.variant_of == REPLACED]  # only their files are there
    plates = [figure for figure in shown if figure["drawing"].name != REPLACED]
    return render_page(
        "report.html",
        REPORT,
        _data(tables, parts) | {"short": short},
        name=campaign.name,
        progress=progress(campaign),
        scope=scope(tables),
        headline=headline(tables),
        value=_value(tables.objectives),
        reading=reading_of(tables.cases),
        warnings=warnings_of(campaign),
        figures=[figure for figure in plates if not figure["drawing"].variant_of],
        variants={figure["drawing"].variant_of: figure for figure in plates if figure["drawing"].variant_of},
        convergence_variants=[{"drawing": drawing} for drawing in variants],
        convergence=[figure for figure in shown if figure["drawing"].name == REPLACED],
        tables=[{"table": table, "heads": heads_of(table), "rows": rows_of(table)} for table in report_tables],
        parts=parts,
        anchors={part.case: part.anchor for part in parts},
        lists=_lists(campaign, tables),
        origins=[
            {"origin": origin, "parameters": shorten(json.dumps(origin.parameters, indent=1), LONGEST)}
            for origin in origins(campaign)
        ],
        tomls={name: toml for name, toml in campaign.tomls.items() if toml},
        requests=campaign.requests,
        short=short,
        suites=sorted({run.spec.suite_version for run in campaign.runs}) or [problems.SUITE_VERSION],
        breakable=breakable,
    )


def _value(objectives: Sequence[str]) -> str:
    """What is low for a good optimizer."""
    return name_of(objectives[0]) if len(objectives) == 1 and not is_front(objectives[0]) else "value"


def scope(tables: Tables) -> str:
    """What was run: the numbers of problems, optimizers and seeds, and the budgets."""
    runs = tables.runs[~tables.runs["optimizer"].isin(tables.campaign.reference)]
    budgets = " or ".join(f"{budget:,}" for budget in sorted(runs["budget"].unique()))
    parts = (("problem", runs["problem"]), ("optimizer", runs["optimizer"]), ("seed", runs["seed"]))
    counts = [counted(column.nunique(), word) for word, column in parts]
    beside = len(tables.optimizers) - runs["optimizer"].nunique()
    others = f"; beside {counted(beside, 'optimizer')} of an archive" if beside else ""
    return f"{', '.join(counts)}; {budgets or 'no'} evaluations a run{others}"


def _short(tables: Tables) -> dict[str, str]:
    """What stands for names that take too much room on the page, be they of optimizers, tasks or platforms."""
    names = [*tables.registered, *tables.runs["task"], *tables.runs["platform"]]
    return {name: text for name, text in distinct(names, LABEL).items() if name != text and name}


def _data(tables: Tables, parts: Sequence[Part]) -> dict[str, Any]:
    """What the page's scripts draw and filter by."""
    look = looks(tables)
    lines = [{"name": name, **line_of(look[name])} for name in tables.optimizers]
    return {"optimizers": lines, "cases": [part.data() for part in parts]}


def _figure(drawing: Drawing, drawn: DrawnFigure) -> dict[str, Any]:
    """A figure for the template; two-column figures (``full``) scroll on narrow screens instead of shrinking."""
    return {
        "drawing": drawing,
        "data": base64.b64encode(themed(drawn.files["svg"])).decode(),
        "shape": "full" if drawn.width_pt > 300.0 else "column",
        "ratio": f"{drawn.width_pt:g} / {drawn.height_pt:g}",
    }


def _lists(campaign: CheckedCampaign, tables: Tables) -> dict[str, list[Mapping[str, Any]]]:
    """By kind the runs that are not complete, each with its id and what is known of it."""
    columns = ["run_id", "case", "optimizer", "message"]
    lists = {
        status: tables.runs.loc[tables.runs["status"] == status, columns].to_dict("records")
        for status in ("failed", "cut")
    }
    known = {run.id for run in campaign.runs} | set(campaign.unreadable)
    lists["missing"] = [
        {"run_id": run.id, "case": readable_id(run.problem), "optimizer": run.label, "message": ""}
        for run in campaign.planned
        if run.id not in known
    ]
    beside = {
        "unreadable": campaign.unreadable,
        "unasked": dict.fromkeys(campaign.unasked, "in the folder, but not named by the campaign"),
    }
    for kind, messages in beside.items():
        lists[kind] = [dict.fromkeys(columns, "") | {"run_id": i, "message": m} for i, m in messages.items()]
    return {kind: rows for kind, rows in lists.items() if rows}
