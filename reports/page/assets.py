"""Pages that need nothing but themselves: style, scripts and data are in them, and they may ask for nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

PLOTLY = "vendor/plotly-basic.min.js"
"""Runs when the first chart is drawn, for it takes its time."""

CHARTS = ("core.js", "legend.js", "charts.js", "schedule.js")
"""The scripts that draw a schedule."""

REPORT = (*CHARTS, "convergence.js", "tables.js", "filters.js", "pictures.js", "report.js")
"""Those of the report."""


def render_page(template: str, scripts: Sequence[str], data: object, **content: object) -> str:
    """The page made of ``template``.

    Args:
        template: A file of ``templates`` that extends ``page.html``.
        scripts: Files there, in the order in which they run; the only scripts that the page's policy lets run.
        data: JSON values for them.
        content: What the template names.
    """
    texts = [_text(name) for name in scripts]
    return (
        _environment()
        .get_template(template)
        .render(
            **content,
            policy=_policy([_text(PLOTLY), *texts]),
            plotly=Markup(_text(PLOTLY)),
            style=Markup(_text("page.css")),
            scripts=[Markup(text) for text in texts],
            data=Markup(_json(data)),
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _text(name: str) -> str:
    return (resources.files("reports") / "templates" / name).read_text(encoding="utf-8")


def _policy(scripts: Sequence[str]) -> str:
    """A Content Security Policy: no requests, and no scripts but these."""
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    rest = "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; script-src {allowed}; {rest}"


def _json(data: object) -> str:
    """Compact, and without anything that ends a script element."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
