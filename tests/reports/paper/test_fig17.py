from __future__ import annotations

import numpy as np
import pytest

import problems
from bench.campaigns.reading import load_campaign
from reports.figures import make_figure
from reports.frames.summary import make_tables
from reports.paper.fig17 import FIG17


@pytest.fixture
def sizes(make_run, make_campaign):
    """Two optimizers on two instances of two sizes, at 1.5 and 3 times the bound."""
    ids = [f"mix/S2/bw1/g{size}/i{i}" for size in (20, 10) for i in (0, 1)]
    ends = {"magma": 1.5, "random": 3.0}
    return make_campaign([make_run(o, s, best, problem=p) for p in ids for o, best in ends.items() for s in (0, 1)])


def test_throughputs_and_gaps_are_means_over_instances_by_ascending_size(sizes):
    _, numbers = make_figure(FIG17, make_tables(sizes))
    assert numbers["num_jobs"].tolist() == [10, 10, 20, 20]
    assert numbers["gap"].tolist() == pytest.approx([0.5, 2.0, 0.5, 2.0])
    known = [problems.get(f"mix/S2/bw1/g10/i{i}") for i in (0, 1)]
    limit = np.sqrt(np.prod([problem.throughput(problem.lower_bound()) for problem in known]))
    assert numbers["limit_gflops"].iloc[0] == pytest.approx(limit)
    assert numbers["throughput_gflops"].iloc[0] == pytest.approx(limit / 1.5)
    assert numbers["instances"].tolist() == [2] * 4


def test_means_are_over_the_instances_that_all_optimizers_have(make_run, make_campaign):
    ids = [f"mix/S2/bw1/g10/i{i}" for i in (0, 1)]
    runs = [make_run("magma", problem=p) for p in ids] + [make_run("random", problem=ids[0])]
    _, numbers = make_figure(FIG17, make_tables(make_campaign(runs)))
    assert numbers["instances"].tolist() == [1, 1]


def test_a_column_of_panels_for_each_platform(make_run, make_campaign):
    runs = [make_run(problem=f"mix/{platform}/bw1/g10/i0") for platform in ("S2", "S4")]
    figure, _ = make_figure(FIG17, make_tables(make_campaign(runs)))
    assert [axis.get_title() for axis in figure.axes] == ["mix, S2, 1 GB/s", "mix, S4, 1 GB/s", "", ""]


@pytest.mark.parametrize("quick", [False, True])
def test_the_campaign_has_as_many_instances_of_each_size_and_platform(quick):
    named = [problems.parse_id(problem) for problem in load_campaign("fig17", quick=quick).problems]
    counts = {(p.platform, p.num_jobs): sum(q[:4] == p[:4] for q in named) for p in named}
    assert set(counts.values()) == {3}
    assert {platform for platform, _ in counts} == {"S2", "S4"}
