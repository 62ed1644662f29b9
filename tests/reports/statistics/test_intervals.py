from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reports.frames.summary import make_tables
from reports.statistics.intervals import geometric_mean_of_medians, interval, interval_table, mean_of_means

OTHER = "vision/S1/bw4/g10/i0"
TWO = "mix/S2/bw16/g8/i0/corrected/latency+energy"


def test_the_interval_of_a_mean_is_that_of_students_t_with_many_runs():
    values = np.random.default_rng(1).normal(5.0, 1.0, size=400)
    low, high = interval([values], mean_of_means)
    t = stats.t.interval(0.95, 399, values.mean(), stats.sem(values))
    assert (float(low), float(high)) == pytest.approx(t, abs=0.02)


def test_the_interval_is_that_of_scipy_where_all_is_finite():
    strata = [np.random.default_rng(seed).random(6) + 1.0 for seed in range(3)]
    options = {"n_resamples": 1000, "batch": 100, "method": "percentile", "rng": 0}
    expected = stats.bootstrap(strata, geometric_mean_of_medians, **options).confidence_interval
    assert tuple(map(float, interval(strata, geometric_mean_of_medians))) == pytest.approx(tuple(expected))


def test_intervals_are_the_same_each_time():
    values = np.random.default_rng(0).random(5)
    assert interval([values], mean_of_means) == interval([values], mean_of_means)


def test_runs_along_the_last_axis_are_drawn_together():
    values = np.random.default_rng(0).random(5)
    low, high = interval([np.stack([values, values + 1.0])], mean_of_means)
    assert low[1] - low[0] == pytest.approx(1.0)
    assert high.shape == (2,)


def test_an_interval_needs_two_runs_in_each_stratum():
    assert np.isnan(interval([np.ones(3), np.ones(1)], mean_of_means)).all()
    assert np.isnan(interval([], mean_of_means)).all()


def test_intervals_bear_infinity():
    low, high = interval([np.array([1.0, 1.0, np.inf])], geometric_mean_of_medians)
    assert (low, high) == (1.0, np.inf)
    assert interval([np.full(3, np.inf)], geometric_mean_of_medians) == (np.inf, np.inf)


@given(st.lists(st.floats(1.0, 10.0), min_size=2, max_size=6))
def test_the_interval_lies_within_the_values(values):
    low, high = interval([np.array(values)], geometric_mean_of_medians)
    assert min(values) * (1 - 1e-9) <= low <= high <= max(values) * (1 + 1e-9)


def test_the_ratios_are_those_of_the_overall_table(tiny):
    tables = make_tables(tiny)
    frame = interval_table(tables).frame.set_index("optimizer")
    overall = tables.overall.set_index("optimizer")
    assert frame["ratio"].to_dict() == pytest.approx(overall["ratio"].to_dict())
    assert frame.loc["magma", "ratio"] == pytest.approx(np.sqrt(1.2 * 2.0))


def test_with_two_objectives_ratios_are_of_hypervolumes(make_run, make_campaign):
    campaign = make_campaign([make_run("a", best=1.0, problem=TWO), make_run("b", best=5.5, problem=TWO)])
    found = interval_table(make_tables(campaign)).frame["ratio"]  # shortfalls of 0.1 and 0.55
    assert list(found) == pytest.approx([1 / 0.9, 1 / 0.45])
    assert list(interval_table(make_tables(campaign, targets="best")).frame["ratio"]) == pytest.approx([1.0, 2.0])


def test_an_optimizer_that_fails_or_finds_nothing_is_infinitely_bad(make_run, make_campaign):
    runs = [make_run("a"), make_run("b", best=None), make_run("c", status="failed")]
    frame = interval_table(make_tables(make_campaign(runs))).frame
    assert list(frame["ratio"]) == [pytest.approx(2.0), np.inf, np.inf]


def test_the_number_of_seeds_is_warned_of_up_to_nine(make_run, make_campaign):
    for seeds, warned in ((9, True), (10, False)):
        table = interval_table(make_tables(make_campaign([make_run(seed=s) for s in range(seeds)])))
        assert bool(table.warnings) == warned


def test_what_is_left_out_is_said(make_run, make_campaign):
    cases = [f"mix/S1/bw1/g10/i{i}" for i in range(3)]
    runs = [make_run(o, problem=p) for o in ("a", "b") for p in cases] + [make_run("c", problem=cases[0])]
    warnings = interval_table(make_tables(make_campaign(runs))).warnings
    assert "Left out for missing results: 1 optimizer and no problems." in warnings
