from __future__ import annotations

import numpy as np
import pytest

import problems
from reports.figures import make_figure
from reports.frames.summary import make_tables
from reports.paper.fig12 import FIG12, numbers

SWEEP = tuple(f"mix/S2/bw{bandwidth}/g10/i0" for bandwidth in (16, 4, 1))


def points(campaign):
    return numbers(make_tables(campaign)).set_index(["bandwidth_gbps", "optimizer"])


def test_points_are_throughputs_and_gaps_to_the_limit(make_run, make_campaign):
    table = points(
        make_campaign([make_run("magma", s, best, problem=p) for p in SWEEP for s, best in enumerate((1, 2, 4))])
    )
    assert list(table.index.get_level_values(0)) == [1.0, 4.0, 16.0]
    for problem_id in SWEEP:
        problem = problems.get(problem_id)
        point = table.loc[(problem.system_bandwidth, "magma")]
        assert point["limit_gflops"] == pytest.approx(problem.throughput(problem.lower_bound()))
        assert point["throughput_gflops"] == pytest.approx(point["limit_gflops"] / 2.0)
        assert point["gap"] == pytest.approx(1.0)
        assert point["q1_gflops"] < point["throughput_gflops"] < point["q3_gflops"]
        assert point["gap_q1"] == pytest.approx(0.5)  # at 1.5 times the bound, as quartiles of 1, 2 and 4
        assert point["gap_q3"] == pytest.approx(2.0)


def test_instances_enter_geometric_means(make_run, make_campaign):
    ids = ("mix/S2/bw1/g10/i0", "mix/S2/bw1/g10/i1")
    point = points(make_campaign([make_run(problem=p, best=best) for p, best in zip(ids, (1.0, 4.0), strict=True)]))
    assert point["gap"].item() == pytest.approx(1.0)
    assert point["instances"].item() == 2


def test_an_optimizer_that_misses_an_instance_is_left_out(make_run, make_campaign):
    ids = ("mix/S2/bw1/g10/i0", "mix/S2/bw1/g10/i1")
    table = points(make_campaign([*(make_run(problem=p) for p in ids), make_run("a", problem=ids[0])]))
    assert list(table.index.get_level_values(1)) == ["magma"]


def test_the_objective_throughput_gives_the_same_points(make_run, make_campaign):
    ids = ("mix/S2/bw1/g10/i0/corrected", "mix/S2/bw1/g10/i0/corrected/throughput")
    one, other = (points(make_campaign([make_run(problem=p)]))["throughput_gflops"].item() for p in ids)
    assert one == pytest.approx(other)


def test_the_setting_is_told(make_run, make_campaign):
    runs = [make_run("magma", s, problem=p) for p in SWEEP for s in range(2)]
    assert set(points(make_campaign(runs))["setting"]) == {"10 jobs, 100 evaluations, 2 seeds"}
    runs.append(make_run("magma", 3, problem=SWEEP[0], budget=1000))
    assert set(points(make_campaign(runs))["setting"]) == {"10 jobs, 100 to 1,000 evaluations, 1 to 2 seeds"}


def test_lines_break_where_no_mapping_was_found(make_run, make_campaign):
    runs = [make_run("magma", problem=p, best=None if p == SWEEP[1] else 2.0) for p in SWEEP]
    runs += [make_run("random", problem=p, best=4.0) for p in SWEEP]
    figure, _ = make_figure(FIG12, make_tables(make_campaign(runs)))
    for axis in figure.axes:
        lines = [np.isnan(line.get_ydata()).tolist() for line in axis.lines if line.get_marker() not in ("None", "")]
        assert sorted(lines) == [[False, False, False], [False, True, False]]
