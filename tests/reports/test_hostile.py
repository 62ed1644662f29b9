"""Texts that some output could take for something else, or that are long: no output breaks, grows, or is injected."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rich.console import Console

from reports.frames.summary import make_tables
from reports.page.report_page import render_html
from reports.published import published
from reports.storage.campaign_folder import PlannedRun
from reports.storage.design import Absent
from reports.storage.readable import readable
from reports.storage.replay import replayed
from reports.terminal import print_summary
from reports.writing import write_report

EVIL = "</script><script>alert(1)</script><!-- ]]> {{ x }} \\end{table} \x1b[31m\x00\ud800\u202e [bold]a|b & 5 % '\"\n"
LONG = EVIL * 300_000


@pytest.fixture
def campaign(hostile_labels, make_run, make_campaign):
    """Hostile texts wherever a stored campaign has texts."""
    labels = (*hostile_labels[:6], *hostile_labels[-4:], EVIL, "magma")
    runs = [make_run(n, s, 1.1 + s, parameters={EVIL: i}, optimizer=EVIL) for i, n in enumerate(labels) for s in (0, 1)]
    runs[0] = replace(runs[0], status="failed", message=LONG)
    runs[1] = replace(runs[1], environment={"versions": {EVIL: EVIL}, "settings": {EVIL: LONG}, "python": EVIL})
    runs += [
        replace(make_run("magma", 9, status="missing", problem=problem), status="failed")
        for problem in (EVIL, f"{EVIL}/S2/bw1/g9/i0", "")
    ]
    later = PlannedRun("later", EVIL, EVIL, 100, 0)
    return make_campaign(
        runs,
        name=EVIL,
        planned=(*(PlannedRun.of(run.spec, run.label) for run in runs), later),
        unreadable={EVIL: LONG, EVIL + "\x07": "no"},
        unasked=(EVIL,),
        absent={EVIL + " absent": Absent(EVIL, EVIL)},
    )


class Elements(HTMLParser):
    """The names of elements and attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(f"{tag}.{name}" for name, _ in attrs)}
        self.scripts += tag == "script"


def test_a_report_of_hostile_texts_is_whole(campaign, tiny, tmp_path):
    page = write_report(campaign, tmp_path)
    for path in tmp_path.rglob("*.*"):
        if path.suffix in (".html", ".csv", ".tex"):
            text = path.read_bytes().decode("utf-8")
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", text), path
        assert path.stat().st_size < 12e6, path
    tables = make_tables(tiny)
    own, usual = Elements(page.read_text(encoding="utf-8")), Elements(render_html(tables, published(tables), []))
    assert own.scripts == usual.scripts
    assert not {name for name in own.found - usual.found if name.startswith("script") or ".on" in name}
    data = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.S
    )
    assert len(json.loads(data[1])["optimizers"]) == len(make_tables(campaign).optimizers)
    for path in (tmp_path / "tables").glob("*.csv"):
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        assert {len(row) for row in rows} == {len(rows[0])}
    for path in (tmp_path / "tables").glob("*.tex"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"\\(begin|end){table\*?}", text)[:2] == ["begin", "end"]
        assert text.count(r"\begin{table") == text.count(r"\end{table")


def test_a_terminal_gets_no_control_characters_and_no_markup(campaign):
    console = Console(file=io.StringIO(), width=80, force_terminal=False, highlight=False)
    print_summary(replayed(campaign), console)
    text = console.file.getvalue()
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    text.encode("utf-8")
    assert "[bold]" in text
    assert len(text) < 20_000


def test_readable_texts_stay_as_they_are(tiny, campaign):
    assert readable(tiny) is tiny
    cleaned = readable(campaign)
    assert readable(cleaned) is cleaned
    assert len(cleaned.unreadable) == 2
    assert all(text.isprintable() for run in cleaned.runs for text in (run.id, run.label, run.message))
