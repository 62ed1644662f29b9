from __future__ import annotations

import pytest

from reports.figures.lettering import safe
from reports.figures.style import legend_above, log_ticks, looks, new_figure
from reports.frames.summary import make_tables


def test_no_two_of_many_optimizers_look_alike(make_run, make_campaign):
    labels = ["magma", *(f"m{i}" for i in range(24))]
    look = looks(make_tables(make_campaign([make_run(label) for label in labels])))
    assert len({(own.colour, own.marker) for own in look.values()}) == 25
    assert len({(own.colour, own.hatch) for own in look.values()}) == 25
    assert len({own.colour for own in list(look.values())[:12]}) == 12


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
