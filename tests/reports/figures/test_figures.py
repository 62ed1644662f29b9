from __future__ import annotations

import io
import re

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from reports.figures import FIGURES, draw_files, make_figure, paper_style
from reports.frames.summary import make_tables

EMPTY = {
    "throughput": "valid mapping",
    "convergence": "valid mapping",
    "time": "no run with results",
    "ecdf": "valid mapping",
    "profiles": "no optimizer has reached",
    "ranks": "two optimizers",
    "winrates": "two optimizers",
}


def saved(drawing, tables):
    figure, _ = make_figure(drawing, tables)
    with paper_style():
        figure.savefig(io.BytesIO(), format="png", dpi=80)
    return figure


@pytest.mark.parametrize("drawing", FIGURES, ids=lambda drawing: drawing.name)
def test_every_figure_bears_every_campaign_and_is_legible(drawing, any_tables):
    figure = saved(drawing, any_tables)
    assert figure.axes
    assert figure.get_figwidth() in (3.5, 7.16)
    renderer = FigureCanvasAgg(figure).get_renderer()
    for text in figure.findobj(matplotlib.text.Text):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent(renderer)
            assert text.get_fontsize() >= 7.0
            assert box.x0 >= -1, text.get_text()
            assert box.x1 <= figure.bbox.x1 + 1, text.get_text()


@pytest.mark.parametrize("drawing", FIGURES, ids=lambda drawing: drawing.name)
def test_a_figure_without_data_says_why(drawing, make_campaign):
    (axis,) = saved(drawing, make_tables(make_campaign([]))).axes
    assert EMPTY[drawing.variant_of or drawing.name] in axis.texts[0].get_text()


def test_a_drawn_figure_has_the_size_of_its_picture(tiny):
    drawn = draw_files(FIGURES[0], make_tables(tiny))
    size = re.search(rb'<svg[^>]* width="([0-9.]+)pt" height="([0-9.]+)pt"', drawn.files["svg"])
    assert (drawn.width_pt, drawn.height_pt) == pytest.approx((float(size[1]), float(size[2])))


def test_drawing_leaves_the_settings_of_the_caller_alone(tiny):
    before = dict(matplotlib.rcParams)
    tables = make_tables(tiny)
    for drawing in FIGURES:
        saved(drawing, tables)
    assert dict(matplotlib.rcParams) == before
