"""Render self-contained pages: style, scripts and data are inline, and no request is allowed."""

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
"""Plotting library; slow to load, so it runs only when the first chart is drawn."""

CHARTS = ("core.js", "legend.js", "charts.js", "schedule.js")
"""Scripts of a schedule page."""

REPORT = (*CHARTS, "convergence.js", "tables.js", "filters.js", "pictures.js", "sideways.js", "report.js")
"""Scripts of the report."""


def render_page(template: str, scripts: Sequence[str], data: object, **content: object) -> str:
    """Render a page.

    Args:
        template: File in ``templates`` that extends ``page.html``.
        scripts: Script files in ``templates``, in execution order; the page's policy allows no others.
        data: JSON values for the scripts.
        content: Variables of the template.
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
    """Content Security Policy that forbids requests and all scripts but these."""
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    rest = "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; script-src {allowed}; {rest}"


def _json(data: object) -> str:
    """Compact JSON that cannot end a script element."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
