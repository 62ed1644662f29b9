from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from bench.campaigns.reading import load_campaign
from reports.figures import make_figure, paper_style
from reports.figures.ecdf import ECDF
from reports.figures.profiles import PROFILES
from reports.figures.ranks import RANKS
from reports.figures.style import COLUMN, FULL
from reports.figures.winrates import NUMBERED, WINRATES
from reports.frames.summary import make_tables

DRAWINGS = (ECDF, PROFILES, RANKS, WINRATES)
OTHER = "vision/S1/bw4/g10/i0"


def drawn(drawing, campaign):
    figure, numbers = make_figure(drawing, make_tables(campaign))
    with paper_style():
        figure.savefig(BytesIO(), format="png", dpi=100)
    return figure, numbers


def campaign_of(number, make_run, make_campaign, cases=3):
    rng = np.random.default_rng(0)
    labels = ["magma", *(f"some-long-name-{i}" for i in range(1, number))]
    runs = [
        make_run(o, best=1.0 + rng.random() + i / 10, problem=f"mix/S1/bw1/g10/i{p}")
        for i, o in enumerate(labels)
        for p in range(cases)
    ]
    return make_campaign(runs)


def overlaps(axis, figure):
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = np.array([text.get_window_extent(renderer).padded(-0.5).extents for text in axis.texts])
    low, high = boxes[:, None, :2], boxes[None, :, 2:]
    below = (low < high).all(axis=2)
    return (below & below.T).sum() > len(boxes)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.name)
def test_a_figure_of_nothing_says_why(drawing, make_campaign):
    figure, numbers = drawn(drawing, make_campaign([]))
    assert numbers.empty
    assert drawing.title in figure.axes[0].texts[0].get_text()


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.name)
def test_the_caption_says_how_to_read_it(drawing):
    assert any(word in drawing.caption for word in ("higher is better", "Darker is better", "best at the left"))


@pytest.mark.parametrize("number", [2, 10, 20, 30])
def test_labels_of_the_critical_difference_diagram_do_not_overlap(number, make_run, make_campaign):
    figure, _ = drawn(RANKS, campaign_of(number, make_run, make_campaign))
    (axis,) = figure.axes
    assert len(axis.texts) == number + 1
    assert not overlaps(axis, figure)
    assert figure.get_figwidth() == (COLUMN if number <= 20 else FULL)


def test_the_critical_difference_diagram_names_each_optimizer_with_its_rank(tiny):
    figure, _ = drawn(RANKS, tiny)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert "magma  1.50" in texts
    assert "1.50  random" in texts


def test_the_diagram_has_the_whole_names_of_the_suites_own_campaigns(make_run, make_campaign):
    names = [contender.label for name in ("quick", "core") for contender in load_campaign(name).contenders]
    runs = [
        make_run(name, 0, 1.0 + place, problem=problem, optimizer="random", parameters={"place": place})
        for place, name in enumerate(dict.fromkeys(names))
        for problem in ("mix/S2/bw1/g10/i0", OTHER)
    ]
    figure, _ = drawn(RANKS, make_campaign(runs))
    texts = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert all(name in texts for name in names)
    assert figure.get_figwidth() == COLUMN


def test_one_problem_has_no_critical_difference(make_run, make_campaign):
    figure, numbers = drawn(RANKS, make_campaign([make_run("a"), make_run("b")]))
    assert numbers.empty
    assert "two" in figure.axes[0].texts[0].get_text()


def test_one_optimizer_has_no_win_rates(make_run, make_campaign):
    figure, numbers = drawn(WINRATES, make_campaign([make_run("a")]))
    assert numbers.empty
    assert "two optimizers" in figure.axes[0].texts[0].get_text()


@pytest.mark.parametrize("number", [2, 9, NUMBERED])
def test_win_rates_are_written_into_their_cells(number, make_run, make_campaign):
    figure, numbers = drawn(WINRATES, campaign_of(number, make_run, make_campaign))
    (axis,) = figure.axes
    assert len(axis.texts) == len(numbers) == number * (number - 1)
    assert not overlaps(axis, figure)


def test_many_win_rates_are_shades_alone(make_run, make_campaign):
    figure, _ = drawn(WINRATES, campaign_of(NUMBERED + 1, make_run, make_campaign))
    assert not figure.axes[0].texts
    assert "light" in figure.axes[0].get_xlabel()


def test_bands_need_more_than_one_run(tiny, make_run, make_campaign):
    figure, _ = drawn(ECDF, tiny)
    assert len(figure.axes[0].collections) == 2
    figure, _ = drawn(ECDF, make_campaign([make_run("a"), make_run("b")]))
    assert not figure.axes[0].collections


def test_profiles_of_problems_of_unknown_size_have_one_panel(make_run, make_campaign):
    campaign = make_campaign([make_run("a", suite_version=99), make_run("b", suite_version=99)])
    tables = make_tables(campaign)
    panels = 1 if tables.runs["num_jobs"].isna().all() else 2
    figure, _ = make_figure(PROFILES, tables)
    assert len(figure.axes) == panels


def test_a_problem_weighs_the_same_in_the_figure_whatever_its_runs(make_run, make_campaign):
    runs = [make_run(seed=s, best=1.0) for s in range(5)] + [make_run(problem=OTHER, best=None)]
    _, numbers = drawn(ECDF, make_campaign(runs))
    assert numbers["share"].iloc[-1] == pytest.approx(0.5)
