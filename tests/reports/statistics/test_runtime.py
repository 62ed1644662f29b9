from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from reports.frames.effort import CPU
from reports.frames.summary import make_tables
from reports.statistics.runtime import (
    ECDF_COLUMNS,
    EXPECTED_COLUMNS,
    ecdf,
    ecdf_columns,
    expected_runtimes,
    runtime_table,
)
from reports.statistics.targets import runtimes

OTHER = "vision/S1/bw4/g10/i0"


def ert(campaign, optimizer="magma"):
    found = expected_runtimes(make_tables(campaign))
    return found[found["optimizer"] == optimizer].set_index("target")["ert"]


def test_all_numbers_have_the_documented_columns(any_tables):
    assert list(expected_runtimes(any_tables).columns) == list(EXPECTED_COLUMNS)
    numbers = ecdf(any_tables)
    assert list(numbers.columns) == list(ECDF_COLUMNS)
    assert numbers["share"].between(0.0, 1.0).all()


def test_the_expected_running_time_is_as_by_hand(make_run, make_campaign):
    runs = [make_run(seed=0, best=1.2), make_run(seed=1, best=1.8), make_run(seed=2, best=1.2)]
    found = ert(make_campaign(runs))
    assert found[0.2] == pytest.approx((50 + 100 + 50) / 2)  # two of three reach a gap of 20 % at 50
    assert found[1.0] == pytest.approx((10 + 50 + 10) / 3)  # 1.8 and 1.2 from 1.5 times it at 10
    assert found[0.01] == np.inf


def test_the_expected_running_time_is_that_of_simulated_restarts(make_run, make_campaign):
    runs = [make_run(seed=s, best=1.2 if s < 3 else 3.0) for s in range(10)]  # 30 % succeed at 50, the rest spend 100
    rng = np.random.default_rng(0)
    failures = rng.geometric(0.3, size=20_000) - 1
    assert ert(make_campaign(runs))[0.2] == pytest.approx((100 * failures + 50).mean(), rel=0.02)


def test_restarts_do_not_help_an_optimizer_that_always_proposes_the_same(make_run, make_campaign):
    runs = [
        replace(make_run(seed=s, best=1.2), num_evaluations=1, trace_evaluations=np.array([1]), trace_values=values)
        for s in range(3)
        for values in (make_run(seed=s, best=1.2).trace_values[-1:],)
    ]
    found = ert(
        make_campaign([replace(run, trace_seconds=np.array([0.1]), trace_cpu_seconds=np.array([0.1])) for run in runs])
    )
    assert (found[0.2], found[0.1]) == (1.0, np.inf)


def test_a_method_does_not_win_by_failing(make_run, make_campaign):
    good = [make_run("good", s, best=1.2) for s in range(2)]
    bad = [make_run("bad", 0, best=1.2), replace(make_run("bad", 1, status="failed"), num_evaluations=0)]
    campaign = make_campaign([*good, *bad])
    assert ert(campaign, "good")[0.2] == 50
    assert ert(campaign, "bad")[0.2] == 150


def test_the_table_has_a_row_for_each_case_and_optimizer(tiny):
    frame = runtime_table(make_tables(tiny)).frame
    assert len(frame) == 4
    row = frame[(frame["optimizer"] == "magma") & (frame["case"] != OTHER)].iloc[0]
    assert row["runs"] == 3
    assert row["successes_20"] == 2  # 1.2, 1.0 and 1.4
    assert row["ert_20"] == pytest.approx((50 + 50 + 100) / 2)


def test_the_distribution_of_runtimes_is_that_of_scipy(make_run, make_campaign):
    tables = make_tables(make_campaign([make_run(seed=s, best=1.0 + 0.07 * s) for s in range(8)]))
    numbers = ecdf(tables)
    reference = stats.ecdf(runtimes(tables)["evaluations"].fillna(1e9)).cdf
    assert numbers["share"].to_numpy() == pytest.approx(reference.evaluate(numbers["evaluations"].to_numpy()))


def test_each_problem_weighs_the_same(make_run, make_campaign):
    runs = [make_run(seed=s, best=1.0) for s in range(6)] + [make_run(problem=OTHER, best=None)]
    assert ecdf(make_tables(make_campaign(runs)))["share"].iloc[-1] == pytest.approx(0.5)


def test_bands_hold_the_line_and_need_two_runs(tiny, make_run, make_campaign):
    numbers = ecdf(make_tables(tiny))
    assert (numbers["low"] <= numbers["share"]).all()
    assert (numbers["share"] <= numbers["high"]).all()
    assert ecdf(make_tables(make_campaign([make_run()])))["low"].isna().all()


def test_only_optimizers_with_all_problems_are_compared(make_run, make_campaign):
    cases = [f"mix/S1/bw1/g10/i{i}" for i in range(3)]
    runs = [make_run(o, problem=p) for o in ("a", "b") for p in cases] + [make_run("c", problem=cases[0])]
    assert set(ecdf(make_tables(make_campaign(runs)))["optimizer"]) == {"a", "b"}


def test_expected_cpu_seconds_are_as_by_hand(make_run, make_campaign):
    runs = [make_run(seed=0, best=1.2), make_run(seed=1, best=1.8), make_run(seed=2, best=1.2)]
    found = expected_runtimes(make_tables(make_campaign(runs)), CPU).set_index("target")["ert"]
    assert found[0.2] == pytest.approx((0.6 + 2.0 + 0.6) / 2)  # of 2 CPU seconds a run, the target reached at 0.6
    assert found[0.01] == np.inf


def test_the_table_has_own_gaps_and_cpu_seconds_beside(make_run, make_campaign):
    table = runtime_table(make_tables(make_campaign([make_run(best=1.2)]), gaps=(0.2, 0.0125)))
    row = table.frame.iloc[0]
    assert (row["ert_20"], row["successes_1.25"], row["ert_1.25"]) == (50, 0, np.inf)
    assert row["ert_cpu_20"] == pytest.approx(0.6)
    assert [column.head for column in table.view.values()][-2:] == ["1.25 %", "20 %"]


def test_the_distribution_over_cpu_seconds_ends_where_that_over_evaluations_does(any_tables):
    over, numbers = ecdf(any_tables), ecdf(any_tables, CPU)
    assert list(numbers.columns) == list(ecdf_columns(CPU))
    last, cpu = (own.groupby("optimizer")["share"].last().to_dict() for own in (over, numbers))
    assert cpu == pytest.approx(last)


def test_a_slow_optimizer_is_later_in_cpu_seconds(make_run, make_campaign):
    slow = make_run("slow", best=1.2)
    slow = replace(slow, trace_cpu_seconds=100.0 * slow.trace_cpu_seconds, seconds={**slow.seconds, "cpu": 200.0})
    numbers = ecdf(make_tables(make_campaign([make_run("fast", best=1.2), slow])), CPU)
    at = numbers[numbers["cpu_seconds"].between(1.0, 10.0)].groupby("optimizer")["share"].max()
    assert at["fast"] > at["slow"] == 0.0


def test_bands_are_of_the_level_that_is_asked_for(tiny):
    widths = [(lambda n: (n["high"] - n["low"]).sum())(ecdf(make_tables(tiny, level=level))) for level in (0.5, 0.95)]
    assert widths[0] < widths[1]
