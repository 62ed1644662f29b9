"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import problems
from bench.store import StoredCampaign
from reports.figures import Drawing
from reports.names import shorten
from reports.provenance import origins, progress, warnings_of
from reports.statistics import Tables
from reports.units import INFINITE, MISSING, amount, is_front, title_of

LABEL = 40
"""Characters of an optimizer's label in tables."""


def render_html(campaign: StoredCampaign, tables: Tables, figures: Sequence[tuple[Drawing, bytes]]) -> str:
    """The page.

    Args:
        campaign: Where progress and provenance come from.
        tables: Of the campaign.
        figures: What to show, each with its SVG.
    """
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = {f.__name__: f for f in (amount, ratio, percent, rank, seconds, raw, notes, short, title_of, breakable)}
    environment.filters |= filters
    return environment.get_template("report.html").render(
        name=campaign.name,
        progress=progress(campaign),
        warnings=warnings_of(campaign),
        overall=tables.overall.to_dict("records"),
        num_cases=len(tables.cases),
        scope=scope(tables),
        figures=[_figure(drawing, svg) for drawing, svg in figures],
        summary=tables.summary.to_dict("records"),
        objectives=tables.objectives,
        fronts=any(is_front(objective) for objective in tables.objectives),
        instances=tables.instances.to_dict("records"),
        lists=_lists(campaign, tables),
        origins=[{"origin": o, "parameters": json.dumps(o.parameters, indent=1)} for o in origins(campaign)],
        suites=sorted({run.spec.suite_version for run in campaign.runs}) or [problems.SUITE_VERSION],
    )


def scope(tables: Tables) -> str:
    """What was run: the numbers of problems, optimizers and seeds, and the budgets."""
    runs = tables.runs
    budgets = " or ".join(f"{budget:,}" for budget in sorted(runs["budget"].unique()))
    parts = (("problem", runs["problem"]), ("optimizer", runs["optimizer"]), ("seed", runs["seed"]))
    counts = [f"{(n := column.nunique()):,} {word}{'s' * (n != 1)}" for word, column in parts]
    return f"{', '.join(counts)}; {budgets or 'no'} evaluations a run"


def _figure(drawing: Drawing, svg: bytes) -> dict[str, Any]:
    """Figures of two columns of a paper must not shrink to a phone's width: those scroll."""
    width = re.search(rb'<svg[^>]* width="([0-9.]+)pt"', svg)
    wide = width is None or float(width[1]) > 300.0
    return {"drawing": drawing, "data": base64.b64encode(svg).decode(), "shape": "full" if wide else "column"}


def _lists(campaign: StoredCampaign, tables: Tables) -> dict[str, list[Mapping[str, Any]]]:
    """By kind the runs that are not complete, each with its id and what is known of it."""
    columns = ["run_id", "optimizer", "message"]
    lists = {
        status: tables.runs.loc[tables.runs["status"] == status, columns].to_dict("records")
        for status in ("failed", "cut", "unfinished")
    }
    known = {run.id for run in campaign.runs} | set(campaign.unreadable)
    beside = {
        "not started": {run.id: "" for run in campaign.planned if run.id not in known},
        "unreadable": campaign.unreadable,
        "foreign": dict.fromkeys(campaign.foreign, "in the folder, but not named by the campaign"),
    }
    for kind, messages in beside.items():
        lists[kind] = [dict.fromkeys(columns, "") | {"run_id": i, "message": m} for i, m in messages.items()]
    return {kind: rows for kind, rows in lists.items() if rows}


def notes(row: Mapping[str, Any]) -> str:
    """What is remarkable about the runs behind a row of the summary or overall table."""
    kinds = {
        "num_cut": "cut",
        "num_failed": "failed",
        "num_unfinished": "unfinished",
        "num_infeasible": "without a valid mapping",
    }
    found = [f"{row[key]} {text}" for key, text in kinds.items() if row.get(key)]
    return f" ({', '.join(found)})" if found else ""


def raw(value: float) -> str:
    """For sorting: all digits."""
    return repr(float(value))


def ratio(value: float) -> str:
    """Four significant digits, two places at least."""
    return _shown(value, f"{value:.3f}" if value < 10.0 else f"{value:,.2f}")


def percent(value: float) -> str:
    """A fraction in percent."""
    shown = 100.0 * value
    return _shown(value, f"{shown:.2f} %" if abs(shown) < 100.0 else f"{shown:,.0f} %")


def rank(value: float) -> str:
    """Whole, or two places at most where it is a mean."""
    return _shown(value, f"{value:.2f}".removesuffix("0").removesuffix(".0"))


def seconds(value: float) -> str:
    """Three significant digits."""
    return _shown(value, f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}")


def short(label: str) -> str:
    """A label that leaves room for the columns beside it."""
    return shorten(label, LABEL)


def breakable(name: str) -> Markup:
    """A problem's name that may go on in a new line after each slash."""
    return Markup("/<wbr>").join(name.split("/"))


def _shown(value: float, text: str) -> str:
    if math.isnan(value):
        return MISSING
    return INFINITE if math.isinf(value) else text
