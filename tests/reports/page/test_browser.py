"""The pages in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread

import problems
from reports.figures import FIGURES, DrawnFigure, draw_files
from reports.frames.summary import make_tables
from reports.page.report_page import REPLACED, render_html
from reports.page.schedule_page import render_schedule_html
from reports.published import published
from reports.storage.campaign_folder import PlannedRun, StoredCampaign
from reports.storage.record import StoredRun
from reports.storage.replay import known_problem
from reports.storage.spec import RunSpec
from reports.wording.units import INFINITE, MISSING

CASES = ("mix/S2/bw1/g30/i0", "vision/S1/bw4/g10/i0", "mix/S1/bw16/g10/i0")
OPTIMIZERS = ("magma", "random", '<b>bold</b> %{y} & "co"')
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="515pt" height="400pt"><path d="M0 0"/></svg>'
DARK = "rgb(22, 24, 27)"


def a_run(problem_id: str, optimizer: str, seed: int, gap: float, *, points: int = 60) -> StoredRun:
    """A run with a mapping and so many improvements that end at ``gap``."""
    problem = known_problem(problem_id)
    random = np.random.default_rng(seed)
    spec = RunSpec(problems.SUITE_VERSION, problem_id, optimizer, {}, seed, 10_000)
    evaluations = np.unique(np.geomspace(1, spec.budget, points).astype(np.int64))
    gaps = gap + np.append(np.sort(random.exponential(1.0, evaluations.size - 1))[::-1], 0.0)
    values = problem.lower_bound() * (1.0 + gaps)
    return StoredRun(
        id=spec.id,
        spec=spec,
        label=optimizer,
        environment={"python": "3.11.7", "versions": {"numpy": "2.4.6"}},
        status="complete",
        num_evaluations=spec.budget,
        best_value=values[-1],
        trace_evaluations=evaluations,
        trace_values=values,
        trace_seconds=evaluations / 1e3,
        trace_cpu_seconds=evaluations / 1e3,
        seconds={"ask": 0.1, "tell": 0.2, "evaluate": 0.5, "total": 1.0, "cpu": 1.0},
        front_values=values[-1:, None],
        front_cores=problem.repair(random.integers(problem.num_cores, size=(1, problem.num_jobs))),
        front_priorities=random.random((1, problem.num_jobs)),
    )


def a_campaign(runs: list[StoredRun]) -> StoredCampaign:
    return StoredCampaign("tried", tuple(runs), tuple(PlannedRun.of(run.spec, run.label) for run in runs), {}, ())


def small_campaign() -> StoredCampaign:
    """Three optimizers on three problems; one failed run, and one optimizer that found nothing on the last problem."""
    places = [(c, o, s) for c in range(len(CASES)) for o in range(len(OPTIMIZERS)) for s in range(3)]
    runs = [a_run(CASES[c], OPTIMIZERS[o], s, 0.1 * (1 + c + o) + 0.01 * s) for c, o, s in places]
    runs[0] = replace(runs[0], status="failed", message="ValueError: <i>no</i>")
    nothing = {"best_value": np.nan, "trace_evaluations": np.zeros(0, dtype=np.int64), "trace_values": np.zeros(0)}
    return a_campaign([*runs[:-3], *(replace(run, **nothing) for run in runs[-3:])])


def page_of(campaign: StoredCampaign, figures: list[Any]) -> str:
    tables = make_tables(campaign)
    return render_html(tables, published(tables), figures)


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = page_of(small_campaign(), [(drawing, DrawnFigure({"svg": SVG}, 515.0, 400.0)) for drawing in FIGURES[:3]])
    return written(page, tmp_path_factory.mktemp("report"))


def written(page: str, folder: Path) -> Path:
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture
def opened(browser: Any, report: Path) -> Iterator[Any]:
    """Opens a page, the report unless told, and sees afterwards that it was silent and asked for nothing."""
    contexts, complaints, requests = [], [], []

    def open_page(path: Path = report, fragment: str = "", **options: Any) -> Any:
        context = browser.new_context(**({"viewport": {"width": 1200, "height": 900}} | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{path.as_uri()}{fragment}", wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in requests)
    assert sum(url.startswith("file:") for url in requests) == len(contexts)


def column(page: Any, table: str, head: str, *, shown: bool = False) -> list[str]:
    """The texts of a column, of all rows or of those shown."""
    script = """([table, head, shown]) => {
      const found = document.querySelector(`#${table} table`);
      const place = [...found.tHead.rows[0].cells].findIndex((cell) => cell.textContent.trim() === head);
      const rows = [...found.tBodies[0].rows].filter((row) => !(shown && row.hidden));
      return rows.map((row) => row.cells[place].textContent);
    }"""
    return page.evaluate(script, [table, head, shown])


def sort_by(page: Any, table: str, name: str) -> str | None:
    """Presses a head of a table; how it is sorted then."""
    button = page.locator(f"#{table} thead").get_by_role("button", name=name, exact=True)
    button.press("Enter")
    return button.locator("..").get_attribute("aria-sort")


def numbers(texts: list[str]) -> list[float]:
    return [float(text.replace(",", "").replace(INFINITE, "inf")) for text in texts if text != MISSING]


def pick(page: Any, facet: str, *values: str) -> None:
    page.locator(f"[data-facet={facet}] > summary").click()
    for value in values:
        page.locator(f"input[name={facet}][value={value!r}]").check()
    page.locator(f"[data-facet={facet}] > summary").click()


def part(page: Any, case: str) -> Any:
    return page.locator(f"details[data-case='{case}']")


def chart(page: Any, kind: str, case: str = CASES[0]) -> Any:
    """A chart, scrolled to and drawn."""
    found = part(page, case).locator(f"[data-kind={kind}]")
    found.scroll_into_view_if_needed()
    found.locator(".main-svg").first.wait_for()
    return found


def background(page: Any) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_numbers_sort_up_and_down_with_missing_ones_last(opened):
    page = opened()
    texts = column(page, "summary", "Median")
    assert sort_by(page, "summary", "Median") == "ascending"
    assert numbers(column(page, "summary", "Median")) == sorted(numbers(texts))
    assert column(page, "summary", "Median")[-1] == INFINITE
    page.locator("#summary").get_by_role("button", name="Median", exact=True).click()
    assert numbers(column(page, "summary", "Median")) == sorted(numbers(texts), reverse=True)
    page.evaluate("document.querySelectorAll('#summary tbody td.number')[0].dataset.value = ''")
    first = page.locator("#summary tbody tr").first.text_content()
    for _ in range(2):
        sort_by(page, "summary", "Median")
        assert page.locator("#summary tbody tr").last.text_content() == first


def test_texts_sort_naturally_and_equal_ones_keep_their_order(opened):
    page = opened()
    assert sort_by(page, "summary", "Problem") == "ascending"
    assert column(page, "summary", "Problem") == [case for case in sorted(CASES) for _ in OPTIMIZERS]
    assert column(page, "summary", "Optimizer") == list(OPTIMIZERS) * len(CASES)
    assert sort_by(page, "summary", "Optimizer") == "ascending"
    assert page.locator("#summary th[aria-sort]").count() == 1


@pytest.mark.parametrize(
    ("facet", "value", "cases"),
    [("task", "vision", CASES[1:2]), ("platform", "S1", CASES[1:]), ("bandwidth", "16 GB/s", CASES[2:])],
)
def test_rows_and_instances_are_filtered_by_their_problem(opened, facet, value, cases):
    page = opened()
    pick(page, facet, value)
    assert column(page, "summary", "Problem", shown=True) == [case for case in cases for _ in OPTIMIZERS]
    assert column(page, "instances", "Problem", shown=True) == list(cases)
    assert [case for case in CASES if part(page, case).is_visible()] == list(cases)
    assert page.locator("#parts .count").text_content() == f"{len(cases)} of 3 instances"
    assert page.locator("#summary .count").text_content() == f"{3 * len(cases)} of 9 rows"
    assert page.locator("#overall .count").text_content() == "3 rows"


def test_rows_and_curves_are_filtered_by_optimizer(opened):
    page = opened()
    curves = chart(page, "convergence").locator("path.js-line")
    before = curves.count()
    pick(page, "optimizer", "magma")
    assert column(page, "overall", "Optimizer", shown=True) == ["magma"]
    assert column(page, "summary", "Optimizer", shown=True) == ["magma"] * 3
    pairs = zip(*(column(page, "pairwise", name, shown=True) for name in ("Optimizer", "Against")), strict=True)
    assert all("magma" in pair for pair in pairs)
    assert page.locator("#pairwise .count").text_content() == "2 of 3 rows"
    chart(page, "convergence")
    assert 0 < curves.count() < before
    assert part(page, CASES[0]).locator(".legend").first.text_content() == "magma"


def test_several_facets_and_values_act_together_and_reset_clears_them(opened):
    page = opened()
    pick(page, "optimizer", "magma", "random")
    pick(page, "task", "mix")
    page.get_by_role("searchbox").fill("S2 magma")
    assert column(page, "summary", "Optimizer", shown=True) == ["magma"]
    assert page.get_by_text("Hidden rows still count").is_visible()
    page.get_by_role("button", name="Reset", exact=True).click()
    # Locators wait without eval, which the page's security policy forbids in whatever is polled.
    page.locator("#summary tr[hidden]").first.wait_for(state="detached")
    assert not page.get_by_text("Hidden rows still count").is_visible()
    assert page.locator("#summary .count").text_content() == "9 rows"


def test_a_search_for_a_problem_keeps_the_optimizers_that_are_over_all_problems(opened):
    page = opened()
    page.get_by_role("searchbox").fill("vision")
    assert column(page, "summary", "Problem", shown=True) == [CASES[1]] * 3
    assert page.locator("#overall .count").text_content() == "3 rows"
    page.get_by_role("searchbox").fill("magma")
    assert column(page, "overall", "Optimizer", shown=True) == ["magma"]
    assert page.locator("#instances .count").text_content() == "3 rows"
    page.get_by_role("searchbox").fill("no such thing")
    assert page.locator("#summary .count").text_content() == "0 of 9 rows"
    assert page.locator("#parts .count").text_content() == "0 of 3 instances"


def test_the_address_keeps_the_filters(opened):
    page = opened()
    pick(page, "task", "vision")
    again = opened(fragment=page.evaluate("location.hash"))
    assert column(again, "instances", "Problem", shown=True) == [CASES[1]]


def test_facets_with_one_value_are_not_there(opened, tmp_path):
    page = opened(written(page_of(a_campaign([a_run(CASES[0], "magma", 0, 0.1)]), []), tmp_path))
    assert page.locator(".facet").count() == 0
    assert page.get_by_role("searchbox").is_visible()


def test_pointing_at_a_convergence_plot_tells_all_medians(opened):
    page = opened()
    box = chart(page, "convergence").locator(".nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.5 * box["height"])
    told = chart(page, "convergence").locator(".hoverlayer")
    told.locator("text").first.wait_for()
    for text in ("magma : ", "random : ", "<b>bold</b> %{y} &", " %"):
        assert text in told.text_content()


def test_a_switch_draws_convergence_over_cpu_seconds(opened):
    page = opened()
    title = chart(page, "convergence").locator(".xtitle")
    assert title.text_content() == "evaluations"
    page.get_by_label("Convergence over").select_option("CPU seconds")
    title.filter(has_text="CPU seconds").wait_for()
    assert chart(page, "convergence").locator("path.js-line").count() >= len(OPTIMIZERS)


def test_the_first_instance_is_open_and_holds_gantt_and_bandwidth(opened):
    page = opened()
    drawn = chart(page, "schedule")
    assert drawn.locator(".bars .point").count() == 30
    assert drawn.locator("path.js-line").count() >= 2
    assert "limit, 1 GB/s" in part(page, CASES[0]).locator(".legend").last.text_content()
    box = drawn.locator(".bars .point").nth(3).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    drawn.locator(".hoverlayer text").first.wait_for()
    assert "cycles" in drawn.locator(".hoverlayer").text_content()


def test_links_in_tables_open_the_instance(opened):
    page = opened()
    assert part(page, CASES[2]).get_attribute("open") is None
    page.locator("#instances").get_by_role("link", name=CASES[2]).click()
    chart(page, "schedule", CASES[2])
    assert part(page, CASES[2]).locator("summary").first.is_visible()
    assert "latency" in part(page, CASES[2]).text_content()
    top = part(page, CASES[2]).bounding_box()["y"]
    assert -900 < top < 900


def test_an_address_with_an_instance_opens_it(opened):
    page = opened(fragment=f"#case:{CASES[1]}")
    assert part(page, CASES[1]).get_attribute("open") is not None
    assert abs(part(page, CASES[1]).bounding_box()["y"]) < 900


def test_charts_follow_the_colour_scheme(opened):
    page = opened(color_scheme="light")
    paper = chart(page, "convergence").locator(".main-svg").first
    expect = pytest.importorskip("playwright.sync_api").expect
    expect(paper).not_to_have_css("background-color", DARK)
    page.emulate_media(color_scheme="dark")
    assert background(page) == DARK
    expect(paper).to_have_css("background-color", DARK)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_the_page_without_scrolling_sideways(opened, scheme):
    phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "color_scheme": scheme}
    page = opened(**phone)
    page.locator("#filters > summary").click()
    page.locator("[data-facet=optimizer] > summary").click()
    assert page.locator("input[name=optimizer]").first.is_visible()
    page.locator("#filters > summary").click()
    chart(page, "convergence")
    chart(page, "schedule")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390


def test_wide_tables_and_figures_scroll_in_their_boxes_and_say_so(opened):
    page = opened(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    expect = pytest.importorskip("playwright.sync_api").expect
    for box in ("#summary .wide", "#figure-throughput .plate"):
        wide = page.locator(box)
        wide.scroll_into_view_if_needed()
        cue = page.locator(f"{box.split()[0]} .cue")
        expect(cue).to_be_visible()
        assert "scroll sideways" in cue.text_content()
        expect(wide).to_have_attribute("data-more", "right")
        assert "linear-gradient" in wide.evaluate("box => getComputedStyle(box).maskImage")
        wide.evaluate("box => box.scrollLeft = 50")
        expect(wide).to_have_attribute("data-more", "left right")
        wide.evaluate("box => box.scrollLeft = box.scrollWidth")
        expect(wide).to_have_attribute("data-more", "left")
    assert page.evaluate("document.scrollingElement.scrollWidth") == 390


def test_what_fits_has_no_cue(opened):
    page = opened()
    for box in ("#overall", "#figure-throughput"):
        page.locator(box).scroll_into_view_if_needed()
        page.locator(f"{box} .cue").wait_for(state="attached")
        assert not page.locator(f"{box} .cue").is_visible()
        assert page.locator(f"{box} [data-more]").count() == 0


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_the_first_screen_tells_who_leads_and_how_ids_read(opened, size):
    page = opened(viewport={"width": size[0], "height": size[1]})
    for found, text in ((".leading", "leads by mean rank"), (".reading", "bw1 = 1 GB/s memory bandwidth")):
        assert text in page.locator(found).inner_text().replace("\N{NO-BREAK SPACE}", " ")
        box = page.locator(found).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size[1]


@pytest.fixture(scope="session")
def illustrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with its real figures."""
    campaign = small_campaign()
    tables = make_tables(campaign)
    page = page_of(campaign, [(drawing, draw_files(drawing, tables)) for drawing in FIGURES])
    return written(page, tmp_path_factory.mktemp("illustrated"))


def pixels(element: Any) -> np.ndarray:
    """``(height, width, 3)`` colours of what is shown of an element, from 0 to 1."""
    return imread(BytesIO(element.screenshot()))[..., :3]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_have_the_colours_of_the_page(opened, illustrated, scheme):
    page = opened(illustrated, color_scheme=scheme, viewport={"width": 1280, "height": 1200})
    page.locator("#figures details").evaluate_all("folded => folded.forEach((each) => { each.open = true; })")
    for drawing in FIGURES:
        if REPLACED not in (drawing.name, drawing.variant_of):
            picture = page.locator(f"#figure-{drawing.name} img")
            page.locator(f"#figure-{drawing.name}").scroll_into_view_if_needed()
            picture.wait_for()
            picture.evaluate("image => image.decode()")
            grey = pixels(picture).mean(axis=2)
            light, dark = (grey > 0.8).mean(), (grey < 0.2).mean()
            paper, ink = (dark, light) if scheme == "dark" else (light, dark)
            assert paper > 0.7, drawing.name
            assert 0.002 < ink < 0.15, drawing.name


def test_without_scripts_the_page_can_be_read(opened):
    page = opened(java_script_enabled=False)
    for text in ("26 of 27 runs", "Instance by instance", "Results by problem", "ValueError: <i>no</i>"):
        assert page.get_by_text(text).first.is_visible()
    assert page.locator(".picture img").count() == 3
    assert not page.locator("#filters").is_visible()
    assert page.locator("#summary tbody tr").count() == 9


def test_figures_come_when_they_are_in_view(opened):
    page = opened()
    assert page.locator("#figure-time img").count() == 0
    page.locator("#figure-time").scroll_into_view_if_needed()
    page.locator("#figure-time img").wait_for()
    assert page.locator("#figure-time img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_hostile_labels_and_messages_are_shown_to_the_letter(opened):
    page = opened()
    assert "ValueError: <i>no</i>" in page.locator("#incomplete").text_content()
    chart(page, "convergence")
    assert page.locator("main b, main i").count() == 0
    assert OPTIMIZERS[2] in column(page, "summary", "Optimizer")
    assert OPTIMIZERS[2] in part(page, CASES[0]).locator(".legend").first.text_content()


def test_hostile_labels_are_shown_alike_in_tables_filters_and_charts(opened, tmp_path):
    names = ["__proto__", "%{x} {{ y }} ]]>", f"{'long ' * 9}1{' name' * 9}", f"{'long ' * 9}2{' name' * 9}"]
    page = opened(written(page_of(a_campaign([a_run(CASES[0], name, 0, 0.1) for name in names]), []), tmp_path))
    shown = column(page, "summary", "Optimizer")
    assert shown[:2] == names[:2]
    assert len(set(shown)) == 4
    chart(page, "convergence")
    assert sorted(part(page, CASES[0]).locator(".legend").first.locator("li").all_text_contents()) == sorted(shown)
    page.locator("[data-facet=optimizer] > summary").click()
    assert page.locator("[data-facet=optimizer] label").all_text_contents() == shown
    page.locator("input[name=optimizer]").nth(0).check()
    assert column(page, "summary", "Optimizer", shown=True) == ["__proto__"]


def test_every_kind_of_campaign_opens_and_draws_without_complaint(opened, any_campaign, any_tables, tmp_path):
    page = opened(written(render_html(any_tables, published(any_tables), []), tmp_path))
    for found in page.locator("details.instance[open] .chart").all():
        found.scroll_into_view_if_needed()
        found.locator(".main-svg").first.wait_for()
    if any_campaign.runs:
        page.get_by_role("searchbox").fill("random")


def test_a_schedule_has_a_page_of_its_own(opened, tmp_path):
    problem = problems.get(CASES[0])
    schedule = problem.schedule(np.arange(30) % problem.num_cores, np.arange(30.0))
    page = opened(written(render_schedule_html(problem, schedule, "One schedule"), tmp_path), color_scheme="dark")
    page.locator(".chart .main-svg").first.wait_for()
    assert page.locator(".bars .point").count() == 30
    assert background(page) == DARK
    assert "bandwidth used" in page.locator(".legend").text_content()


def test_many_jobs_are_drawn_as_the_bars_that_can_be_seen(opened, tmp_path):
    problem = problems.get("mix/S2/bw1/g20000/i0")
    schedule = problem.schedule(np.arange(20_000) % problem.num_cores, np.arange(20_000.0))
    page = opened(written(render_schedule_html(problem, schedule, "Many jobs"), tmp_path))
    page.locator(".chart .main-svg").first.wait_for()
    data = page.evaluate("JSON.parse(document.getElementById('data').textContent).cases[0].schedule")
    assert page.locator(".bars .point").count() == len(data["core"]) < 10_000
    texts = page.evaluate("document.querySelector('.js-plotly-plot').data.flatMap((trace) => trace.hovertext || [])")
    assert any("short jobs</b>" in text for text in texts)
    assert "jobs are shorter than 1/" in page.locator("main").text_content()


def large_page() -> str:
    """2,000 runs on 40 problems of 100 jobs, with as many bytes of figures as such a campaign has."""
    parts = [(t, p, b) for t in ("vision", "language", "recommendation", "mix") for p in range(1, 6) for b in (1, 16)]
    names = ["magma", "random", *(f"method-{number}" for number in range(8))]
    runs = [
        a_run(f"{task}/S{platform}/bw{bandwidth}/g100/i0", name, seed, 0.05 * (1 + place) + 0.01 * seed)
        for task, platform, bandwidth in parts
        for place, name in enumerate(names)
        for seed in range(5)
    ]
    assert len(runs) == 2000
    large, small = (SVG.replace(b"M0 0", b"M0 0" + b" L1 1" * number) for number in (120_000, 40_000))
    pictures = [(drawing, small if drawing.variant_of else large) for drawing in FIGURES]  # variants: lines alone
    return page_of(a_campaign(runs), [(drawing, DrawnFigure({"svg": svg}, 515.0, 400.0)) for drawing, svg in pictures])


def test_a_page_of_2000_runs_is_small_and_opens_at_once(opened, tmp_path):
    path = written(large_page(), tmp_path)
    assert path.stat().st_size < 10e6
    pages = [opened(path) for _ in range(3)]
    loaded = "performance.getEntriesByType('navigation')[0].loadEventEnd / 1e3"
    assert min(page.evaluate(loaded) for page in pages) < 2.0
    drawn = """async () => {
      const start = performance.now();
      document.querySelector(".chart").scrollIntoView();
      while (!document.querySelector(".chart .main-svg")) await new Promise(requestAnimationFrame);
      return (performance.now() - start) / 1e3;
    }"""
    assert min(page.evaluate(drawn) for page in pages) < 5.0
