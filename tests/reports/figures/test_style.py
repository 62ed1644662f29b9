from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reports.figures.lettering import safe
from reports.figures.marks import dot_handle, draw_dots
from reports.figures.style import LEADERS, MOST_LOUD, Look, legend_above, legend_of, log_ticks, looks, new_figure
from reports.frames.summary import make_tables


def test_no_two_of_many_optimizers_look_alike(make_run, make_campaign):
    labels = ["magma", *(f"m{i}" for i in range(MOST_LOUD - 1))]
    look = looks(make_tables(make_campaign([make_run(label) for label in labels])))
    assert len({(own.colour, own.marker) for own in look.values()}) == MOST_LOUD
    assert len({(own.colour, own.hatch) for own in look.values()}) == MOST_LOUD
    assert len({own.colour for own in list(look.values())[:12]}) == 12
    assert not any(own.quiet for own in look.values())


def test_of_too_many_the_first_by_mean_rank_magma_and_random_search_stand_out(make_run, make_campaign):
    labels = [*(f"m{i}" for i in range(MOST_LOUD)), "magma", "random"]  # from the best to the worst
    runs = [make_run(label, best=1.0 + 0.01 * place) for place, label in enumerate(labels)]
    look = looks(make_tables(make_campaign(runs[::-1])))
    loud = {label for label, own in look.items() if not own.quiet}
    assert loud == {*labels[:LEADERS], "magma", "random"}
    assert list(look) == labels[::-1]
    assert len({(own.colour, own.marker) for own in look.values()}) == LEADERS + 3
    figure = new_figure(7.16, 3.0)
    legend_of(figure, look, list(look), dot_handle)
    assert "8 others" in {text.get_text() for text in figure.legends[0].get_texts()}


def test_the_quiet_have_dots_where_a_dot_is_all():
    (axis,) = new_figure(3.5, 2.0).subplots(1, squeeze=False)[0]
    own = {name: Look("#c9c9c9", "", "", "-", quiet=name == "b") for name in ("a", "b")}
    dots = pd.DataFrame({"group": "g", "optimizer": ["a", "b"], "value": 1.0, "low": np.nan, "high": np.nan})
    draw_dots(axis, dots, own, ["g"], 0.1)
    assert {line.get_marker() for line in axis.lines} == {"o"}


def test_magma_looks_the_same_wherever_it_stands(make_run, make_campaign):
    first = looks(make_tables(make_campaign([make_run("magma"), make_run("a")])))
    last = looks(make_tables(make_campaign([make_run("a"), make_run("magma")])))
    assert first == last


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a$b", r"a\$b"),
        ("\u4e2d\n", r"\u4e2d"),
        ("", "(no name)"),
        ("x" * 40, "x" * 15 + "…" + "x" * 14),
    ],
)
def test_labels_are_drawn_to_the_letter(text, shown):
    assert safe(text) == shown


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.5, 2000.0, [1, 10, 100, 1000]),
        (0.9, 50.0, [1, 3, 10, 30]),
        (0.9, 6.0, [1, 2, 5]),
        (1.1, 1.9, []),
        (1e-4, 1e8, [1e-4, 1e-1, 1e2, 1e5, 1e8]),
    ],
)
def test_logarithmic_ticks_are_few_and_round(low, high, ticks):
    assert log_ticks(low, high) == pytest.approx(ticks)


def test_a_legend_reads_row_by_row():
    figure = new_figure(7.16, 2.0)
    labels = [f"optimizer-number-{i}" for i in range(7)]
    legend_above(figure, [figure.patch] * 7, labels)
    (legend,) = figure.legends
    assert sorted(text.get_text() for text in legend.get_texts()) == labels
    assert legend.get_texts()[0].get_text() == labels[0]
    assert legend.get_texts()[1].get_text() != labels[1]
