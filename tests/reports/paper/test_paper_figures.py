"""Every figure of the paper bears every campaign, and is legible."""

from __future__ import annotations

import io

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from bench.campaigns.reading import campaign_names, load_campaign
from reports.figures import make_figure, paper_style
from reports.frames.summary import make_tables
from reports.paper import PAPER
from reports.paper.fig07 import FIG07
from reports.storage.design import Absent

FROM_RUNS = [figure for figure in PAPER if figure.campaign]
DRAWINGS = list({(d.numbers, d.draw): d for f in PAPER for d in (f.gap, f.drawing) if d}.values())
"""Drawings that differ in more than name and title."""

DRAWN_FROM_RUNS = [drawing for drawing in DRAWINGS if drawing is not FIG07]


def saved(drawing, tables):
    drawn, numbers = make_figure(drawing, tables)
    with paper_style():
        drawn.savefig(io.BytesIO(), format="png", dpi=80)
    return drawn, numbers


def check_legible(drawn):
    assert drawn.get_figwidth() in (3.5, 7.16)
    renderer = FigureCanvasAgg(drawn).get_renderer()
    for text in drawn.findobj(matplotlib.text.Text):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent(renderer)
            assert text.get_fontsize() >= 7.0, text.get_text()
            assert box.x0 >= -1, text.get_text()
            assert box.x1 <= drawn.bbox.x1 + 1, text.get_text()


@pytest.mark.parametrize("drawing", DRAWN_FROM_RUNS, ids=lambda drawing: drawing.name)
def test_every_figure_bears_every_campaign_and_is_legible(drawing, any_tables):
    drawn, numbers = saved(drawing, any_tables)
    assert drawn.axes
    assert list(numbers.columns) == list(drawing.columns)
    check_legible(drawn)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.name)
def test_every_figure_bears_an_absent_method(drawing, tiny, make_campaign):
    campaign = make_campaign(tiny.runs, absent={"PPO2": Absent("sb3-ppo", "m3e[rl]")})
    check_legible(saved(drawing, make_tables(campaign))[0])


@pytest.mark.parametrize("drawing", DRAWN_FROM_RUNS, ids=lambda drawing: drawing.name)
def test_a_figure_without_data_says_so(drawing, make_campaign):
    drawn, numbers = saved(drawing, make_tables(make_campaign([])))
    (axis,) = drawn.axes
    assert numbers.empty
    assert drawing.title in axis.texts[0].get_text()


@pytest.mark.parametrize("figure", FROM_RUNS, ids=lambda figure: figure.name)
def test_every_campaign_ships_with_a_full_and_a_smaller_quick_form(figure):
    assert figure.campaign in campaign_names()
    full, quick = (load_campaign(figure.campaign, quick=quick) for quick in (False, True))
    sizes = [len(c.problems) * len(c.seeds) * c.budget for c in (full, quick)]
    assert sizes[1] < sizes[0]
    assert full.description


def test_figures_are_in_the_order_of_the_paper():
    names = [figure.name for figure in PAPER]
    assert names == sorted(names)
    assert len(set(names)) == len(names)


def test_no_number_behind_a_figure_is_infinite(any_tables):
    for figure in FROM_RUNS:
        numbers = figure.drawing.numbers(any_tables).select_dtypes("number")
        assert not np.isinf(numbers.to_numpy(dtype=float)).any(), figure.name
