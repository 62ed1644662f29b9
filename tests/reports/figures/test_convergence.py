from __future__ import annotations

import numpy as np

from reports.figures.convergence import best_so_far
from reports.tables import trajectories_table


def test_the_best_so_far_is_a_step_function_up_to_the_budget(make_run, make_campaign):
    run = make_run()  # improves at evaluations 1, 10 and 50
    table = trajectories_table(make_campaign([run]))
    grid = np.array([1, 9, 10, 49, 50, 1000])
    best = best_so_far(table, [run.id], grid)
    assert best.tolist() == [[run.trace_cycles[i] for i in (0, 0, 1, 1, 2, 2)]]


def test_a_run_without_a_valid_mapping_stays_infinite(make_run, make_campaign):
    run = make_run(best=None)
    best = best_so_far(trajectories_table(make_campaign([run])), [run.id], np.array([1, 100]))
    assert best.tolist() == [[np.inf, np.inf]]
