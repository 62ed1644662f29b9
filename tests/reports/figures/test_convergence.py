from __future__ import annotations

import numpy as np
import pytest

from reports.figures.convergence import best_so_far, draw_convergence
from reports.statistics import make_tables
from reports.tables import trajectories_table


def test_the_best_so_far_is_a_step_function_up_to_the_budget(make_run, make_campaign):
    run = make_run()  # improves at evaluations 1, 10 and 50
    table = trajectories_table(make_campaign([run]))
    grid = np.array([1, 9, 10, 49, 50, 1000])
    best = best_so_far(table, [run.id], grid)
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
    figure = draw_convergence(make_tables(make_campaign(runs)))
    assert figure.get_supylabel() == label
    notes = {text.get_text() for axis in figure.axes for text in axis.texts}
    assert notes == ({"hypervolume\nshortfall"} if len(options) == 3 else set())


def test_shortfalls_are_drawn_as_they_are(make_run, make_campaign):
    run = make_run(best=2.0, problem="mix/S2/bw16/g8/i0/corrected/latency+energy")
    (axis,) = draw_convergence(make_tables(make_campaign([run]))).axes
    assert sorted(set(axis.lines[0].get_ydata())) == pytest.approx([0.2, 0.3, 0.4])


def test_a_run_without_a_valid_mapping_stays_infinite(make_run, make_campaign):
    run = make_run(best=None)
    best = best_so_far(trajectories_table(make_campaign([run])), [run.id], np.array([1, 100]))
    assert best.tolist() == [[np.inf, np.inf]]
