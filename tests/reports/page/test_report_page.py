from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import problems
from reports.figures import FIGURES, Drawing, DrawnFigure
from reports.figures.style import looks
from reports.frames.summary import make_tables
from reports.page.cases import anchors_of
from reports.page.colours import SEEN, line_of, luminance, on_dark
from reports.page.ids import reading_of
from reports.page.numbers import rounded
from reports.page.report_page import render_html
from reports.page.rows import breakable, heads_of, rows_of
from reports.page.schedule_data import MOST_JOBS
from reports.page.themed import INK, PAPER, themed
from reports.published import published
from reports.storage.design import Absent
from reports.wording.table import Column, Table

PROBLEM = "mix/S2/bw1/g10/i0"
VOID = {"meta", "img", "br", "link", "hr", "input", "wbr"}


class Page(HTMLParser):
    """Checks that elements nest, and collects what the page points to and shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.targets: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.targets += [value or "" for name, value in attrs if name in ("src", "href", "action", "srcset")]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.text += data


def render(campaign, figures=()) -> str:
    tables = make_tables(campaign)
    return render_html(tables, published(tables), figures)


def drawn() -> list[tuple[Drawing, DrawnFigure]]:
    """All figures, as small as can be."""
    return [(drawing, DrawnFigure({"svg": b"<svg></svg>"}, 252.0, 100.0)) for drawing in FIGURES]


@pytest.fixture
def mapped(make_run):
    """Makes runs with a mapping."""

    def make(**changes):
        run = make_run(**changes)
        problem = problems.get(run.spec.problem)
        random = np.random.default_rng(run.spec.seed)
        cores = problem.repair(random.integers(problem.num_cores, size=(1, problem.num_jobs)))[0]
        priorities = random.random(problem.num_jobs)
        front = {"front_cores": cores[None, :], "front_priorities": priorities[None, :]}
        return replace(run, front_values=np.array([[run.best_value]]), **front)

    return make


def data_of(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])


def small(**changes) -> Table:
    """A table of every kind of column."""
    frame = pd.DataFrame({"case": ["a/b", "c"], "optimizer": ["x" * 50, "y"], "value": [1.5, float("nan")]})
    content = {
        "name": "small",
        "title": "Small",
        "note": "A note.",
        "frame": frame,
        "meaning": {"case": "the case", "optimizer": "the optimizer", "value": "the value"},
        "view": {
            "case": Column("Problem", number=False),
            "optimizer": Column("Optimizer", lambda name: name[:10], number=False),
            "value": Column("Value", lambda value: f"{value:.1f}", hint="a hint"),
        },
        "marks": (True, False),
        "warnings": ("Too few seeds.",),
    }
    return Table(**(content | changes))


def test_every_campaign_makes_a_page_that_nests_and_points_nowhere_else(any_tables):
    tables = published(any_tables)
    text = render_html(any_tables, tables, drawn())
    page = Page(text)
    beside = {f"figures/{drawing.name}.{kind}" for drawing in FIGURES for kind in ("png", "pdf", "csv")}
    names = [table.name for table in tables]
    beside |= {f"tables/{name}.{kind}" for name in names for kind in ("csv", "tex")}
    beside |= {"tables/runs.csv", "tables/trajectories.csv", "tables/columns.csv"}
    assert {target for target in page.targets if not target.startswith(("#", "data:"))} == beside
    assert {target[1:] for target in page.targets if target.startswith("#")} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    own = re.sub(r'<script type="text/plain".*?</script>', "", text, flags=re.S)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(", own)


def test_the_policy_of_the_page_lets_its_own_scripts_run_and_nothing_else(tiny):
    text = render(tiny)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1].replace("&#39;", "'")
    scripts = re.findall(r'<script(?: type="text/plain" id="plotly")?>(.*?)</script>', text, re.S)
    allowed = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts}
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert set(re.findall(r"'sha256-([^']*)'", policy)) == allowed
    assert "unsafe-inline" not in policy.split(";")[1]


def test_the_page_says_what_was_run(tiny):
    assert "2 problems, 2 optimizers, 3 seeds; 100 evaluations a run" in Page(render(tiny)).text


def test_the_page_says_how_many_runs_of_how_many_there_are(make_run, make_campaign, plan):
    runs = [make_run(seed=0), make_run(seed=1, status="failed", message="ValueError: no")]
    page = Page(render(make_campaign(runs, planned=plan(runs, "later"))))
    assert "1 of 3 runs" in page.text
    for count in ("1 complete", "1 failed", "1 missing"):
        assert count in page.text
    assert not re.search(r"\b0 (cut|missing|unreadable|unasked)", page.text)


def test_every_instance_has_its_part_with_facts_and_verdict(make_run, make_campaign):
    text = render(make_campaign([make_run(problem="mix/S2/bw1/g100/i0"), make_run(problem="vision/S1/bw4/g10/i0")]))
    parts = re.findall(r'<details class="instance".*?\n</details>', text, re.S)
    assert [Page(part).ids for part in parts] == [["case:mix/S2/bw1/g100/i0"], ["case:vision/S1/bw4/g10/i0"]]
    assert "separates optimizers" in Page(parts[0]).text
    assert "degenerate: random search is within 2 %" in Page(parts[1]).text
    for fact in ("Jobs", "Cores", "Lower bound", "Random level", "Longest job"):
        assert fact in Page(parts[0]).text


def test_a_part_names_the_best_run(tiny):
    page = Page(render(tiny))
    best = next(run for run in tiny.runs if run.label == "magma" and run.spec.seed == 1)
    assert f"found by magma with seed 1 in the run {best.id};" in " ".join(page.text.split())


def test_without_a_mapping_a_part_says_why_it_has_no_schedule(make_run, make_campaign):
    assert "the run's mapping is not stored" in Page(render(make_campaign([make_run()]))).text
    assert "another version of the suite" in Page(render(make_campaign([make_run(suite_version=99)]))).text
    assert "nothing to draw" in Page(render(make_campaign([make_run(best=None)]))).text


def test_the_best_schedule_is_that_of_the_best_run(mapped, make_campaign):
    runs = [mapped(best=2.0), mapped(seed=1, best=1.5)]
    schedule = data_of(render(make_campaign(runs)))["cases"][0]["schedule"]
    assert schedule["core"] == runs[1].cores.tolist()
    assert max(schedule["end"]) == schedule["times"][-1] == pytest.approx(schedule["makespan"], rel=1e-6)
    assert len(schedule["times"]) == len(schedule["demands"]) + 1
    assert set(schedule["network"]) == set(range(len(schedule["networks"])))


def test_a_page_draws_no_more_jobs_than_it_can_bear(mapped, make_campaign, monkeypatch):
    monkeypatch.setattr("reports.page.cases.ALL_JOBS", 15)
    text = render(make_campaign([mapped(), mapped(problem="vision/S1/bw4/g10/i0")]))
    assert [case["schedule"] is None for case in data_of(text)["cases"]] == [False, True]
    assert "the page shows at most" in text


def test_a_mapping_that_is_none_is_told(mapped, make_campaign):
    run = mapped()
    broken = replace(run, front_cores=run.front_cores + 1000)
    assert "No schedule: " in render(make_campaign([broken]))


def test_curves_are_rounded_and_best_ones_first(tiny):
    data = data_of(render(tiny))
    assert [curve["optimizer"] for curve in data["cases"][1]["curves"]] == ["random", "magma"]
    curve = data["cases"][0]["curves"][0]
    assert curve["optimizer"] == "magma"
    assert curve["median"][-1] == pytest.approx(0.2)
    assert curve["runs"] == 3


def test_two_objectives_are_told_by_their_shortfall(make_run, make_campaign):
    front = "mix/S2/bw16/g8/i0/corrected/latency+energy"
    page = render(make_campaign([make_run(problem=front)]))
    assert "hypervolume shortfall" in Page(page).text
    assert data_of(page)["cases"][0]["measure"] == "hypervolume shortfall"


def test_optimizers_that_were_left_out_are_named(tiny):
    page = Page(render(replace(tiny, absent={"ppo": Absent("sb3-ppo", "m3e[rl]")})))
    assert "ppo has no results: it was left out" in page.text


def test_hostile_labels_and_messages_are_escaped(make_run, make_campaign):
    evil = "<script>alert('x')</script>"
    runs = [make_run(evil), make_run("b", status="failed", message=evil), make_run("c", parameters={evil: evil})]
    campaign = make_campaign(runs, name=evil, unreadable={evil: evil}, unasked=(evil,))
    text = render(campaign)
    page = Page(text)
    assert all(set(attributes) <= {"type", "id"} for tag, attributes in page.tags if tag == "script")
    assert "<script>alert" not in text
    assert page.text.count(evil) > 3


def test_runs_that_are_not_complete_are_listed_with_their_messages(make_run, make_campaign):
    runs = [
        make_run(seed=0, status="failed", message="MemoryError: big"),
        make_run(seed=1, status="cut", message="wall limit of 1 s reached"),
        make_run(seed=2, status="missing"),
    ]
    page = Page(render(make_campaign(runs, unreadable={"record-x": "record-x.json is damaged"}, unasked=("stranger",))))
    for text in ("MemoryError: big", "wall limit of 1 s reached", runs[2].id, "record-x.json is damaged", "stranger"):
        assert text in page.text


def test_warnings_are_on_the_page(make_run, make_campaign):
    page = Page(render(make_campaign([make_run(seed=0), make_run(seed=1, versions={"numpy": "1.0"})])))
    assert "different versions of numpy" in page.text


def test_names_of_problems_may_break_after_slashes_and_stay_escaped():
    assert breakable("mix/<b>/bw1") == "mix/<wbr>&lt;b&gt;/<wbr>bw1"


def test_tables_are_shown_as_they_say(tiny):
    text = render_html(make_tables(tiny), [small()], [])
    section = text[text.index('<section id="small">') : text.index("</section>", text.index("</table>"))]
    page = Page(section + "</section>")
    for part in ("Small", "A note.", "Too few seeds.", "Problem", "xxxxxxxxxx"):
        assert part in page.text
    hints = [attributes["title"] for tag, attributes in page.tags if tag == "th" and attributes.get("scope") == "col"]
    assert hints == ["the case", "the optimizer", "a hint"]
    rows = [attributes for tag, attributes in page.tags if tag == "tr"][1:]
    assert [row["data-optimizer"] for row in rows] == ["x" * 50, "y"]
    assert [(row.get("class") or "").split() for row in rows] == [["best"], ["begins"]]


def test_cells_keep_what_their_text_leaves_out():
    table = small()
    assert [head.kind for head in heads_of(table)] == ["case", "text", "number"]
    first, second = rows_of(table)
    assert first.cells[1].full == "x" * 50
    assert [first.cells[2].value, second.cells[2].value] == ["1.5", ""]


def test_infinite_numbers_are_as_scripts_read_them():
    frame = pd.DataFrame({"case": ["a", "b"], "optimizer": ["x", "y"], "value": [float("inf"), float("-inf")]})
    assert [row.cells[2].value for row in rows_of(small(frame=frame))] == ["Infinity", "-Infinity"]


def test_cases_get_anchors_of_their_own():
    anchors = anchors_of(["a/b, budget 100", "a/b, budget-100", "<x>"])
    assert list(anchors.values()) == ["case:a/b-budget-100", "case:a/b-budget-100-1", "case:-x-"]
    assert len(set(anchors_of(["a-b-1", "a-b", "a b", "a  b"]).values())) == 4


def test_the_page_says_how_ids_read(make_run, make_campaign):
    page = Page(render(make_campaign([make_run(problem="mix/S2/bw4/g100/i2"), make_run(problem=f"{PROBLEM}/dep")])))
    told = " ".join(page.text.replace("\N{NO-BREAK SPACE}", " ").split())
    example = "mix/S2/bw4/g100/i2, reads: mix = task, S2 = platform, bw4 = 4 GB/s memory bandwidth, "
    assert f"{example}g100 = 100 jobs in the group, i2 = instance 2, /dep = with dependencies." in told
    assert "vision, language and recommendation together" in told
    assert "jobs wait for the jobs of their network" in told


@pytest.mark.parametrize(
    ("problem", "parts"),
    [
        ("alexnet/S2/bw1/gall/i0", {"gall": "all jobs of the task, each once in the group"}),
        ("mix/S2/bw0.5/g1/i0/corrected/energy", {"bw0.5": "0.5 GB/s memory bandwidth", "g1": "1 job in the group"}),
        ("mix/S2/bw1/g8/i0/corrected/energy", {"/corrected": "cost model", "/energy": "objective"}),
    ],
)
def test_every_kind_of_id_is_read(problem, parts):
    reading = reading_of(["no id", f"{problem}, budget 100"])
    assert reading.example == problem
    assert parts.items() <= reading.parts.items()


def test_ids_that_cannot_be_read_are_not_explained():
    assert reading_of([]) is reading_of(["x", "file:a.csv#12345678/table/bw1/gall/i0/nothing"]) is None


def test_who_leads_and_how_ids_read_come_before_all_tables(tiny):
    text = Page(render(tiny)).text
    places = [
        text.index(part) for part in ("without a verdict", "A problem is a group of jobs", "Ranking", "Mean rank")
    ]
    assert places == sorted(places)


def test_figures_have_colours_for_dark_pages():
    svg = b"""<svg width="1pt"><rect style="fill: #ffffff; stroke: #000000"/><path fill="#0072b2" stroke="none"/>
    <path style="stroke: #a6a6a6; fill: url(#pabcdef)"/><path style="fill: #dcdcdc"/>
    <use xlink:href="#m123456"/></svg>"""
    text = themed(svg).decode()
    light, dark = (
        dict(re.findall("(--c[0-9]+):(#[0-9a-fA-F]{6})", part)) for part in text.split("prefers-color-scheme:dark")
    )
    used = re.findall(r"var\((--c[0-9]+)\)", text)
    assert "#" not in re.sub(r"<style>.*</style>|url\(#pabcdef\)|#m123456", "", text)
    assert sorted(light.values()) == ["#000000", "#0072b2", "#a6a6a6", "#dcdcdc", "#ffffff"]
    assert set(used) == light.keys() == dark.keys()
    by_colour = {colour: dark[name] for name, colour in light.items()}
    assert (by_colour["#ffffff"], by_colour["#000000"]) == (PAPER, INK)
    assert by_colour["#a6a6a6"] == on_dark("#a6a6a6")
    assert luminance(by_colour["#0072b2"]) >= SEEN
    assert luminance(PAPER) < luminance(by_colour["#dcdcdc"]) < 0.1


def test_figures_have_the_paper_and_the_ink_of_dark_pages(tiny):
    style = re.search(r"<style>(.*?)</style>", render(tiny), re.S)[1]
    assert f"--page: {PAPER}; --ink: {INK};" in style


def test_static_convergence_is_for_pages_without_scripts(tiny):
    text = render(tiny, drawn())
    outside = re.sub(r"<noscript>.*?</noscript>", "", text, flags=re.S)
    assert text.count("data:image/svg+xml;base64,") == len(FIGURES) - 1  # over CPU seconds, charts alone show it
    assert ";base64," not in re.sub(r"<script.*?</script>", "", outside, flags=re.S)
    assert 'id="figure-convergence"' not in outside
    assert "aspect-ratio: 252 / 100" in outside


def test_figures_over_cpu_seconds_are_folded_below_those_over_evaluations(tiny):
    text = render(tiny, drawn())
    folded = re.findall(r"<details><summary>[^<]*CPU seconds</summary>\s*<figure id=\"figure-([\w-]+)\"", text)
    assert folded == ["ecdf-cpu", "profiles-cpu"]
    assert [text.count(f'id="figure-{name}"') for name in folded] == [1, 1]
    assert 'href="#figure-ecdf-cpu"' not in text


def test_numbers_for_scripts_are_short():
    assert json.dumps(rounded([1.0, 123456.789, float("nan"), 0.000123456])) == "[1, 123460, null, 0.00012346]"


@pytest.mark.parametrize("colour", ["#0072B2", "#332288", "#882255", "#5B5B5B", "#000000"])
def test_colours_can_be_seen_on_a_dark_page(colour):
    assert luminance(on_dark(colour)) >= SEEN


def test_light_colours_stay_as_they_are_on_a_dark_page():
    assert on_dark("#56B4E9") == "#56B4E9"


def test_lines_are_dashed_as_in_the_figures(tiny):
    tables = make_tables(tiny)
    look = looks(tables)
    assert line_of(look["magma"])["dash"] == "solid"
    assert line_of(replace(look["random"], dashes=(0, (5, 1))))["dash"] == "10px,2px"


def test_schedules_of_very_many_jobs_are_left_out(make_run, make_campaign):
    run = make_run(problem=f"mix/S2/bw1/g{MOST_JOBS + 1}/i0")
    assert "too many for a chart" in render(make_campaign([run]))
