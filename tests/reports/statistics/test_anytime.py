from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.frames.summary import make_tables
from reports.statistics.anytime import anytime_table, area
from reports.statistics.runtime import ecdf

OTHER = "vision/S1/bw4/g10/i0"


def test_the_area_is_as_by_hand():
    assert area(np.array([1.0, 10.0, 100.0, np.nan]), 100) == pytest.approx((1.0 + 0.5 + 0.0 + 0.0) / 4)


def test_with_a_single_evaluation_what_it_reaches_counts_in_full():
    assert area(np.array([1.0, np.nan]), 1) == 0.5


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=9))
def test_the_area_is_the_integral_of_the_step_curve(hits):
    budget = 1000
    x = np.arange(1, budget + 1)
    reached = (np.array(hits) <= x[:-1, None]).mean(axis=1)
    integral = (reached * np.diff(np.log(x))).sum() / np.log(budget)
    assert area(np.array(hits, dtype=float), budget) == pytest.approx(integral, abs=1e-12)


@given(st.lists(st.integers(1, 100), min_size=1, max_size=9), st.integers(0, 8))
def test_reaching_a_target_earlier_never_lowers_the_area(hits, place):
    later = np.array(hits, dtype=float)
    earlier = later.copy()
    earlier[place % later.size] = max(1.0, earlier[place % later.size] - 1.0)
    assert area(earlier, 100) >= area(later, 100)


def test_the_share_reached_at_the_end_is_that_of_the_curve(tiny):
    tables = make_tables(tiny)
    frame = anytime_table(tables).frame.set_index("optimizer")
    last = ecdf(tables).groupby("optimizer")["share"].last()
    assert frame["reached"].to_dict() == pytest.approx(last.to_dict())
    assert (frame["low"] <= frame["area"]).all()
    assert (frame["area"] <= frame["high"]).all()


def test_the_faster_one_is_first_and_marked(make_run, make_campaign):
    runs = [make_run(o, problem=p, best=b) for o, b in (("slow", 1.9), ("fast", 1.1)) for p in (OTHER,)]
    table = anytime_table(make_tables(make_campaign(runs)))
    assert list(table.frame["optimizer"]) == ["fast", "slow"]
    assert table.marks == (True, False)
    assert table.frame["low"].isna().all()


def test_the_area_over_cpu_seconds_is_as_by_hand(make_run, make_campaign):
    slow = make_run("slow", best=1.5)
    slow = replace(slow, trace_cpu_seconds=10.0 * slow.trace_cpu_seconds, seconds={**slow.seconds, "cpu": 20.0})
    tables = make_tables(make_campaign([make_run("fast", best=1.5), slow]), gaps=(0.5, 2.0))
    found = anytime_table(tables).frame.set_index("optimizer")["area_cpu"]  # from 0.2, the first target, to 20 s
    assert found["fast"] == pytest.approx((1.0 + (1.0 - np.log10(3.0) / 2.0)) / 2.0)  # at 0.2 and 0.6 s
    assert found["slow"] == pytest.approx((0.5 + (1.0 - np.log10(30.0) / 2.0)) / 2.0)  # at 2 and 6 s


def test_without_cpu_times_there_is_no_area_over_them(make_run, make_campaign):
    unknown = replace(make_run("unknown"), seconds={})
    frame = anytime_table(make_tables(make_campaign([make_run(), unknown]))).frame.set_index("optimizer")
    assert np.isnan(frame.loc["unknown", "area_cpu"])
    assert frame.loc["magma", "area_cpu"] > 0.0
    assert (frame["area"] > 0.0).all()
