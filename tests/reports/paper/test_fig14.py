from __future__ import annotations

import numpy as np
import pytest

import problems
from bench.campaigns.reading import load_campaign
from reports.figures import make_figure
from reports.frames.summary import make_tables
from reports.paper.fig14 import FIG14

FIXED, FLEXIBLE = "mix/S2/bw1/g10/i0", "mix/S2/bw1/g10/i0/maestro-flexible"


@pytest.fixture
def numbers(make_run, make_campaign):
    runs = [
        make_run(o, s, 2.0 + s, problem=p) for p in (FIXED, FLEXIBLE) for o in ("magma", "random") for s in (0, 1, 2)
    ]
    return make_figure(FIG14, make_tables(make_campaign(runs)))[1].set_index(["panel", "arrays", "optimizer"])


def test_jobs_are_those_of_the_first_core(numbers):
    for problem, arrays in ((FIXED, "fixed"), (FLEXIBLE, "flexible")):
        table = problems.get(problem).job_table
        latency = numbers.loc[("latency", arrays, "")]
        assert latency[["q1", "median", "q3"]].tolist() == np.quantile(table.latency[:, 0], (0.25, 0.5, 0.75)).tolist()
        assert numbers.loc[("bandwidth", arrays, ""), "median"] == np.median(table.bandwidth[:, 0])


def test_throughput_is_the_work_over_the_median_makespan(numbers):
    for problem, arrays in ((FIXED, "fixed"), (FLEXIBLE, "flexible")):
        known = problems.get(problem)
        row = numbers.loc[("throughput", arrays, "magma")]
        assert row["median"] == pytest.approx(known.throughput(3.0 * known.lower_bound()))
        assert row["q1"] <= row["median"] <= row["q3"]
        assert row["count"] == 3


def test_a_run_without_a_valid_mapping_counts_as_no_throughput(make_run, make_campaign):
    runs = [make_run("magma", s, best) for s, best in enumerate((None, 2.0, None))]
    _, numbers = make_figure(FIG14, make_tables(make_campaign(runs)))
    assert numbers.loc[numbers["panel"] == "throughput", ["median", "q1"]].to_numpy().tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("quick", [False, True])
def test_the_campaign_has_the_same_groups_with_both_kinds_of_arrays(quick):
    named = [problems.parse_id(problem) for problem in load_campaign("fig14", quick=quick).problems]
    groups = {
        model: [p._replace(cost_model="") for p in named if p.cost_model == model]
        for model in ("maestro", "maestro-flexible")
    }
    assert groups["maestro"] == groups["maestro-flexible"]
    assert {p.objective for p in named} == {"latency"}
