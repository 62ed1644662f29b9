from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reports.frames.summary import make_tables
from reports.statistics.profiles import (
    PROFILE_COLUMNS,
    data_costs,
    pair_costs,
    performance_ratios,
    profile_numbers,
    profile_table,
    share_within,
)

PROBLEM = "mix/S2/bw1/g10/i0"


def test_the_numbers_have_the_documented_columns(any_tables):
    numbers = profile_numbers(any_tables)
    assert list(numbers.columns) == list(PROFILE_COLUMNS)
    assert numbers["share"].between(0.0, 1.0).all()
    assert (numbers.loc[numbers["profile"] == "performance", "cost"] >= 1.0).all()


def test_ratios_are_to_the_best_of_each_pair():
    costs = pd.DataFrame({"a": [10.0, 50.0], "b": [20.0, 25.0], "c": [np.inf, 100.0]})
    assert performance_ratios(costs).to_numpy().tolist() == [[1.0, 2.0, np.inf], [2.0, 1.0, 4.0]]


def test_the_table_is_as_by_hand(make_run, make_campaign):
    # a reaches 5.0 and 2.0 at 1, 1.0 at 10, 0.5 and 0.2 at 50; b 5.0 at 1, 2.0 at 10, 1.0 at 50: five pairs
    tables = make_tables(make_campaign([make_run("a", best=1.2), make_run("b", best=1.9)]))
    frame = profile_table(tables).frame.set_index("optimizer")
    assert list(frame["pairs"]) == [5, 5]
    assert frame.loc["a", ["best", "within_2", "reached"]].tolist() == [1.0, 1.0, 1.0]
    assert frame.loc["b", ["best", "within_2", "within_10", "reached"]].tolist() == pytest.approx([0.2, 0.2, 0.6, 0.6])
    assert frame.loc["b", ["data_1", "data_10"]].tolist() == pytest.approx([0.4, 0.6])  # n + 1 is 21


def test_pairs_that_nobody_reaches_are_left_out(make_run, make_campaign):
    costs = pair_costs(make_tables(make_campaign([make_run("a", best=1.2), make_run("b", best=1.9)])))
    assert list(costs.index.get_level_values("target")) == [0.2, 0.5, 1.0, 2.0, 5.0]


def test_data_profiles_leave_out_problems_of_unknown_size(make_run, make_campaign):
    tables = make_tables(make_campaign([make_run("a"), make_run("b")]))
    unknown = replace(tables, runs=tables.runs.assign(num_jobs=None))
    costs = pair_costs(unknown)
    assert data_costs(costs, unknown).empty
    assert len(data_costs(costs, tables)) == len(costs)
    assert set(profile_numbers(unknown)["profile"]) == {"performance"}
    assert profile_table(unknown).frame["data_1"].isna().all()


def test_the_size_of_a_problem_is_two_variables_a_job(make_run, make_campaign):
    tables = make_tables(make_campaign([make_run()]))
    costs = pair_costs(tables)
    assert data_costs(costs, tables).to_numpy() == pytest.approx(costs.to_numpy() / 21.0)


@given(st.lists(st.floats(1.0, 100.0), min_size=1), st.lists(st.floats(0.0, 200.0), min_size=1))
def test_the_share_within_limits_is_the_distribution_of_scipy(costs, limits):
    expected = stats.ecdf(costs).cdf.evaluate(limits)
    assert share_within(np.array(costs), np.array(limits)) == pytest.approx(expected)


def test_some_optimizer_is_the_fastest_on_each_pair(tiny):
    assert profile_table(make_tables(tiny)).frame["best"].sum() >= 1.0 - 1e-12
