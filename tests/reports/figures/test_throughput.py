from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import problems
from reports.figures import FIGURES, make_figure, paper_style
from reports.figures.marks import CROSS
from reports.figures.style import COLUMN, FULL, Look
from reports.figures.throughput import FLOOR, MEAN, MOST, throughput_gaps
from reports.frames.summary import make_tables

PROBLEM = "mix/S2/bw1/g10/i0"
OTHER_TASK = "vision/S2/bw1/g10/i0"
KNOWN = "mix/S2/bw1/g100/i0"
TASKS = ("vision", "language", "recommendation", "mix")


(THROUGHPUT,) = (drawing for drawing in FIGURES if drawing.name == "throughput")


def dots_of(campaign):
    table = throughput_gaps(make_tables(campaign))
    return {(row.panel, row.case, row.optimizer): row for row in table.itertuples()}


def drawn(campaign):
    return make_figure(THROUGHPUT, make_tables(campaign))[0]


def rows_of(axis):
    return [text.get_text() for text in axis.get_yticklabels()]


def spots_of(axis):
    """Positions of all dots of a panel."""
    return np.concatenate([line.get_xdata() for line in axis.lines if line.get_linestyle() == "None"])


def test_gaps_are_to_the_bound_with_quartiles(tiny):
    dots = dots_of(tiny)
    dot = dots["mix", PROBLEM, "random"]  # at 2, 3 and 4 times the bound
    assert (dot.low, dot.value, dot.high) == pytest.approx((1.5, 2.0, 2.5))
    assert dots["vision", "vision/S1/bw4/g10/i0", "random"].value == pytest.approx(0.5)
    assert {dot.reference for dot in dots.values()} == {"lower bound"}


def test_where_all_problems_have_a_best_known_gaps_are_to_it(make_run, make_campaign):
    known, bound = problems.get(KNOWN).best_known().value, problems.get(KNOWN).lower_bound()
    dot = dots_of(make_campaign([make_run("a", best=1.2 * known / bound, problem=KNOWN)]))["mix", KNOWN, "a"]
    assert dot.reference == "best known"
    assert dot.value == pytest.approx(0.2)
    both = dots_of(make_campaign([make_run("a", best=1.3, problem=p) for p in (KNOWN, "vision/S1/bw4/g10/i0")]))
    assert {dot.reference for dot in both.values()} == {"lower bound"}
    assert both["mix", KNOWN, "a"].value == pytest.approx(0.3)


def test_without_bound_and_best_known_gaps_are_to_the_best_median(make_run, make_campaign):
    runs = [make_run("a", best=2.0, suite_version=99), make_run("b", best=3.0, suite_version=99)]
    dots = {dot.optimizer: dot for dot in dots_of(make_campaign(runs)).values()}
    assert dots["b"].reference == "best median"
    assert (dots["a"].value, dots["b"].value) == pytest.approx((0.0, 0.5))


def test_problems_of_a_task_enter_a_geometric_mean(make_run, make_campaign):
    ratios = {PROBLEM: 2.0, "mix/S2/bw1/g10/i1": 8.0, OTHER_TASK: 1.5}
    dots = dots_of(make_campaign([make_run("a", best=r, problem=p) for p, r in ratios.items()]))
    assert dots["mix", MEAN, "a"].value == pytest.approx(3.0)
    assert np.isnan(dots["mix", MEAN, "a"].low)
    assert ("vision", MEAN, "a") not in dots


def test_an_optimizer_without_a_valid_mapping_has_a_cross(make_run, make_campaign):
    campaign = make_campaign([make_run("magma"), make_run("a", best=None)])
    assert dots_of(campaign)["mix", PROBLEM, "a"].value == np.inf
    (axis,) = drawn(campaign).axes
    assert [text.get_text() for text in axis.texts] == [CROSS]


def test_only_makespans_and_throughputs_have_dots_and_the_figure_says_so(make_run, make_campaign):
    options = ("", "/throughput", "/energy", "/edp")
    campaign = make_campaign([make_run(problem=f"mix/S2/bw1/g10/i0/corrected{o}") for o in options])
    cases = {case for _, case, _ in dots_of(campaign)}
    assert cases == {f"{PROBLEM}/corrected", f"{PROBLEM}/corrected/throughput", MEAN}
    label = drawn(campaign).get_supxlabel()
    assert label.splitlines()[2:] == ["left out: 2 problems whose objective is energy, edp"]
    (axis,) = drawn(make_campaign(campaign.runs[2:])).axes
    assert "left out: 2 problems" in axis.texts[0].get_text()


def test_rows_are_ids_without_what_the_panel_and_the_axis_tell(make_run, make_campaign):
    ids = (PROBLEM, f"{PROBLEM}/dep", f"{PROBLEM}/corrected", OTHER_TASK)
    figure = drawn(make_campaign([make_run(problem=p) for p in ids]))
    assert [(axis.get_title(), rows_of(axis)) for axis in figure.axes] == [
        ("mix", ["S2/bw1/g10/i0", "dep", "corrected", MEAN]),
        ("vision", ["S2/bw1/g10/i0"]),
    ]
    assert "all problems S2/bw1/g10/i0" in figure.get_supxlabel()


def test_budgets_have_rows_of_their_own(make_run, make_campaign):
    (axis,) = drawn(make_campaign([make_run(budget=10), make_run(budget=100)])).axes
    assert [row.partition(", ")[2] for row in rows_of(axis)] == ["budget 10", "budget 100", ""]


def test_small_differences_near_the_best_can_be_seen(make_run, make_campaign):
    gaps = (0.001, 0.002, 0.004, 0.008)
    figure = drawn(make_campaign([make_run(f"o{gap}", best=1.0 + gap) for gap in gaps]))
    (axis,) = figure.axes
    width = axis.get_window_extent(FigureCanvasAgg(figure).get_renderer()).width
    places = [axis.transData.transform((spot, 0.0))[0] for spot in sorted(spots_of(axis))]
    assert np.diff(places).min() > 0.1 * width


def test_gaps_too_small_for_the_axis_are_drawn_at_its_start_and_the_tick_says_so(make_run, make_campaign):
    (axis,) = drawn(make_campaign([make_run("a", best=1.0), make_run("b", best=1.1)])).axes
    assert min(spots_of(axis)) == FLOOR
    assert axis.xaxis.get_major_formatter()(FLOOR) == "≤ 0.01 %"


def large(ids, optimizers):
    """The figure of so many optimizers on the problems."""
    rows = [(p.partition("/")[0], p, f"m{o}", 0.01 + 0.1 * o) for p in ids for o in range(optimizers)]
    rows += [(task, MEAN, f"m{o}", 0.05) for task in dict.fromkeys(row[0] for row in rows) for o in range(optimizers)]
    dots = pd.DataFrame(rows, columns=["panel", "case", "optimizer", "value"])
    dots = dots.assign(low=dots["value"] / 2, high=dots["value"] * 2, reference="lower bound", left_out="")
    markers, colours = "os^Dv", ("#D55E00", "#A6A6A6", "#0072B2")
    look = {f"m{o}": Look(colours[o % 3], markers[o % 5], "", "-") for o in range(optimizers)}
    with paper_style():
        figure = THROUGHPUT.draw(dots, look)
        figure.draw_without_rendering()
    return figure


@pytest.mark.parametrize(("number", "optimizers"), [(4, 3), (27, 6), (80, 20)])
def test_many_problems_have_a_panel_for_each_task_and_stay_legible(number, optimizers):
    figure = large([f"{TASKS[i % 4]}/S{1 + i // 4 % 6}/bw{1 + i // 24}/g100/i0" for i in range(number)], optimizers)
    tasks = [axis.get_title().partition(",")[0] for axis in figure.axes]
    assert list(dict.fromkeys(tasks)) == list(TASKS)
    assert figure.get_figwidth() == (COLUMN if number == 4 else FULL)
    renderer = FigureCanvasAgg(figure).get_renderer()
    for axis in figure.axes:
        assert len(rows_of(axis)) <= MOST + 1
        labels = [text.get_window_extent(renderer) for text in axis.get_yticklabels()]
        assert all(above.y0 >= below.y1 for above, below in pairwise(labels))
        assert axis.get_window_extent(renderer).height / len(rows_of(axis)) > 0.12 * figure.dpi
        assert axis.get_window_extent(renderer).width > 1.5 * figure.dpi
    boxes = [axis.get_tightbbox(renderer) for axis in figure.axes]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_a_task_with_very_many_problems_goes_on_in_another_panel():
    figure = large([f"mix/S{1 + i % 6}/bw{1 + i // 6}/g10/i0" for i in range(40)], 2)
    assert [axis.get_title() for axis in figure.axes] == ["mix, 1 of 3", "mix, 2 of 3", "mix, 3 of 3"]
    assert [rows_of(axis)[-1] == MEAN for axis in figure.axes] == [False, False, True]
