from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from reports.html import breakable, notes, percent, rank, ratio, render_html, seconds
from reports.statistics import make_tables

VOID = {"meta", "img", "br", "link", "hr", "input", "wbr"}


class Page(HTMLParser):
    """Checks that elements nest, and collects what the page points to and shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.targets: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets += [value or "" for name, value in attrs if name in ("src", "href", "action", "srcset")]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def render(campaign) -> str:
    return render_html(campaign, make_tables(campaign), [])


def test_every_campaign_makes_a_page_that_nests_and_points_nowhere_else(any_campaign):
    text = render(any_campaign)
    page = Page(text)
    assert all(target.startswith(("#", "data:")) for target in page.targets)
    assert {target[1:] for target in page.targets if target.startswith("#")} <= set(page.ids)
    assert not re.search(r"https?://|@import|url\(", text)


def test_the_page_says_what_was_run(tiny):
    assert "2 problems, 2 optimizers, 3 seeds; 100 evaluations a run" in Page(render(tiny)).text


def test_the_page_says_how_many_runs_of_how_many_there_are(make_run, make_campaign, plan):
    runs = [make_run(seed=0), make_run(seed=1, status="failed", message="ValueError: no")]
    page = Page(render(make_campaign(runs, planned=plan(runs, "later"))))
    assert "1 of 3 runs" in page.text
    for count in ("1 complete", "1 failed", "1 not started"):
        assert count in page.text
    assert not re.search(r"\b0 (cut|unfinished|unreadable|foreign)", page.text)


def test_every_instance_is_on_the_page_with_its_verdict(make_run, make_campaign):
    text = render(make_campaign([make_run(problem="mix/S2/bw1/g100/i0"), make_run(problem="vision/S1/bw4/g10/i0")]))
    part = Page(text[text.index('<section id="instances">') : text.index('<section id="provenance">')]).text
    assert "separates optimizers" in part
    assert "degenerate: random search is within 2 %" in part
    assert text.count('<tr class="degenerate">') == 1


def test_values_are_told_with_their_objective_and_unit(make_run, make_campaign):
    energy, front = "mix/S2/bw16/g8/i0/corrected/energy", "mix/S2/bw16/g8/i0/corrected/latency+energy"
    assert "Values: makespan in cycles." in Page(render(make_campaign([make_run()]))).text
    assert "Values: energy in nJ." in Page(render(make_campaign([make_run(problem=energy)]))).text
    mixed = Page(render(make_campaign([make_run(), make_run(problem=energy), make_run(problem=front)]))).text
    for part in ("Values in the unit below", "makespan in cycles", "energy in nJ", "hypervolume shortfall"):
        assert part in mixed


def test_hostile_labels_and_messages_are_escaped(make_run, make_campaign):
    evil = "<script>alert('x')</script>"
    runs = [make_run(evil), make_run("b", status="failed", message=evil), make_run("c", parameters={evil: evil})]
    campaign = make_campaign(runs, name=evil, unreadable={evil: evil}, foreign=(evil,))
    page = Page(render(campaign))
    assert "script" not in page.tags
    assert evil in page.text


def test_runs_that_are_not_complete_are_listed_with_their_messages(make_run, make_campaign):
    runs = [
        make_run(seed=0, status="failed", message="MemoryError: big"),
        make_run(seed=1, status="cut", message="wall limit of 1 s reached"),
        make_run(seed=2, status="unfinished"),
    ]
    page = Page(render(make_campaign(runs, unreadable={"folder-x": "spec.json is damaged"}, foreign=("stranger",))))
    for text in ("MemoryError: big", "wall limit of 1 s reached", runs[2].id, "spec.json is damaged", "stranger"):
        assert text in page.text


def test_warnings_are_on_the_page(make_run, make_campaign):
    page = Page(render(make_campaign([make_run(seed=0), make_run(seed=1, versions={"numpy": "1.0"})])))
    assert "different versions of numpy" in page.text


def test_names_of_problems_may_break_after_slashes_and_stay_escaped():
    assert breakable("mix/<b>/bw1") == "mix/<wbr>&lt;b&gt;/<wbr>bw1"


def test_the_best_of_each_problem_is_marked(tiny):
    text = render(tiny)
    problems_part = text[text.index('id="problems"') : text.index('id="provenance"')]
    assert len(re.findall(r'<tr class="best', problems_part)) == 2


@pytest.mark.parametrize(
    ("show", "value", "text"),
    [
        (ratio, float("inf"), "\N{INFINITY}"),
        (ratio, 1.0234, "1.023"),
        (ratio, 402.0, "402.00"),
        (percent, 0.01234, "1.23 %"),
        (percent, 12.5, "1,250 %"),
        (rank, 1.0, "1"),
        (rank, 2.5, "2.5"),
        (rank, 10.0, "10"),
        (rank, 2.375, "2.38"),
        (seconds, 0.0091234, "0.00912"),
        (seconds, 1234.5, "1,234"),
    ],
)
def test_numbers_read_well(show, value, text):
    assert show(value) == text


def test_notes_name_only_what_there_is():
    assert notes({"num_cut": 0, "num_failed": 2, "num_infeasible": 1}) == " (2 failed, 1 without a valid mapping)"
    assert notes({"num_cut": 0}) == ""
