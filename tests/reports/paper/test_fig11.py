from __future__ import annotations

import pytest

import problems
from reports.frames.summary import make_tables
from reports.paper.fig11 import numbers
from reports.storage.design import Absent

HERE = ("mix/S4/bw4/g10/i0", "vision/S4/bw4/g10/i0")


def test_the_throughput_so_far_rises_to_that_of_the_best_mapping(make_run, make_campaign):
    tables = make_tables(make_campaign([make_run("magma", s, best) for s, best in enumerate((1.2, 1.5, 2.0))]))
    rows = numbers(tables)
    assert rows["median_gflops"].dropna().is_monotonic_increasing
    last = rows.iloc[-1]
    problem = problems.get(last["case"])
    assert last["limit_gflops"] == pytest.approx(problem.throughput(problem.lower_bound()))
    assert last["median_gflops"] == pytest.approx(last["limit_gflops"] / 1.5)
    assert last["q1_gflops"] < last["median_gflops"] < last["q3_gflops"]
    assert last["runs"] == 3


def test_it_shows_a_problem_a_task_on_the_last_platform_at_its_lowest_bandwidth(make_run, make_campaign):
    ids = ("mix/S2/bw1/g10/i0", "mix/S4/bw256/g10/i0", *HERE, "mix/S4/bw4/g10/i1")
    rows = numbers(make_tables(make_campaign([make_run(problem=p) for p in ids])))
    assert tuple(rows["case"].unique()) == HERE


def test_an_absent_method_has_a_row_that_tells_what_it_needs(make_run, make_campaign):
    rows = numbers(make_tables(make_campaign([make_run()], absent={"A2C": Absent("sb3-a2c", "m3e[rl]")})))
    gap = rows[rows["optimizer"] == "A2C"]
    assert list(gap["needs"]) == ["m3e[rl]"]
    assert gap["median_gflops"].isna().all()
