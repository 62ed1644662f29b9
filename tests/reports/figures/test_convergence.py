from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reports.figures import FIGURES, make_figure
from reports.figures.convergence import best_so_far, convergence_numbers, improvements_by_run
from reports.frames.effort import CPU
from reports.frames.runs import trajectories_table
from reports.frames.summary import make_tables

(CONVERGENCE,) = (drawing for drawing in FIGURES if drawing.name == "convergence")


def by_run(campaign):
    return improvements_by_run(trajectories_table(campaign))


def test_the_best_so_far_is_a_step_function_up_to_the_budget(make_run, make_campaign):
    run = make_run()  # improves at evaluations 1, 10 and 50
    grid = np.array([1, 9, 10, 49, 50, 1000])
    best = best_so_far(by_run(make_campaign([run])), [run.id], grid)
    assert best.tolist() == [[run.trace_values[i] for i in (0, 0, 1, 1, 2, 2)]]


@pytest.mark.parametrize(
    ("options", "label"),
    [
        (("",), "gap to lower bound (makespan)"),
        (("/energy",), "gap to lower bound (energy)"),
        (("", "/energy"), "gap to lower bound"),
        (("/latency+energy",), "hypervolume shortfall"),
        (("", "/energy", "/latency+energy"), "gap to lower bound, or hypervolume shortfall"),
    ],
)
def test_the_axis_tells_what_it_shows(make_run, make_campaign, options, label):
    runs = [make_run(problem=f"mix/S2/bw16/g8/i0/corrected{option}") for option in options]
    figure, _ = make_figure(CONVERGENCE, make_tables(make_campaign(runs)))
    assert figure.get_supylabel() == label
    notes = {text.get_text() for axis in figure.axes for text in axis.texts}
    assert notes == ({"hypervolume\nshortfall"} if len(options) == 3 else set())


def test_shortfalls_are_drawn_as_they_are(make_run, make_campaign):
    run = make_run(best=2.0, problem="mix/S2/bw16/g8/i0/corrected/latency+energy")
    numbers = convergence_numbers(make_tables(make_campaign([run])))
    assert sorted(set(numbers["median"])) == pytest.approx([0.2, 0.3, 0.4])


def test_the_numbers_hold_a_row_where_a_quartile_changes(make_run, make_campaign):
    numbers = convergence_numbers(make_tables(make_campaign([make_run()])))
    assert numbers["evaluation"].tolist() == [1, 10, 51, 100]  # on a grid: 50 is seen at 51
    assert numbers["median"].tolist() == pytest.approx([3.0, 2.0, 1.0, 1.0])


def test_before_half_of_the_runs_have_a_valid_mapping_there_is_no_median(make_run, make_campaign):
    late = make_run("a", 1)
    late = replace(late, trace_evaluations=late.trace_evaluations + 20)
    numbers = convergence_numbers(make_tables(make_campaign([make_run("a", 0, None), make_run("a", 2, None), late])))
    assert numbers.empty


def test_a_run_without_a_valid_mapping_stays_infinite(make_run, make_campaign):
    run = make_run(best=None)
    best = best_so_far(by_run(make_campaign([run])), [run.id], np.array([1, 100]))
    assert best.tolist() == [[np.inf, np.inf]]


def test_over_cpu_seconds_a_value_holds_until_the_longest_run_ends(make_run, make_campaign):
    slow = replace(make_run("slow"), seconds={"cpu": 50.0})
    numbers = convergence_numbers(make_tables(make_campaign([make_run(), slow])), CPU)
    own = numbers[numbers["optimizer"] == "magma"]
    assert (own["cpu_seconds"].iloc[0], own["cpu_seconds"].iloc[-1]) == (0.2, 50.0)
    assert own["median"].tolist() == pytest.approx([3.0, 2.0, 1.0, 1.0])
    assert own["cpu_seconds"].iloc[1:3].to_numpy() == pytest.approx([0.4, 0.6], rel=0.06)  # on a grid


def test_an_optimizer_without_cpu_times_is_left_out_over_them(make_run, make_campaign):
    campaign = make_campaign([make_run(), replace(make_run("unknown"), seconds={})])
    assert set(convergence_numbers(make_tables(campaign), CPU)["optimizer"]) == {"magma"}


@pytest.mark.parametrize("name", ["convergence-cpu", "ecdf-cpu", "profiles-cpu"])
def test_what_is_drawn_over_cpu_seconds_is_a_variant_of_a_figure_and_names_its_axis(tiny, name):
    (drawing,) = (drawing for drawing in FIGURES if drawing.name == name)
    assert f"{drawing.variant_of}-cpu" == name
    figure, _ = make_figure(drawing, make_tables(tiny))
    assert "CPU seconds" in "".join([figure.get_supxlabel(), *(axis.get_xlabel() for axis in figure.axes)])
