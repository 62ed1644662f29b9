from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from reports.frames.summary import make_tables
from reports.statistics.paired import rank_biserial, signed_rank_p
from reports.statistics.pairwise import PAIR_COLUMNS, WIN_COLUMNS, pair_table, win_numbers, win_rates

OTHER = "vision/S1/bw4/g10/i0"
PROBLEM = "mix/S2/bw1/g10/i0"


def pairs(campaign):
    return pair_table(make_tables(campaign)).frame


def one_seed(values, make_run, make_campaign):
    runs = [
        make_run(name, best=1.0 + v, problem=f"mix/S1/bw1/g10/i{i}")
        for name, own in values.items()
        for i, v in enumerate(own)
    ]
    return make_campaign(runs)


def test_the_numbers_have_the_documented_columns(any_tables):
    assert list(pair_table(any_tables).frame.columns) == list(PAIR_COLUMNS)
    assert list(win_numbers(any_tables).columns) == list(WIN_COLUMNS)


def test_a_pair_is_as_by_hand(tiny):
    (row,) = pairs(tiny).to_dict("records")  # magma 1.2, 1.0, 1.4 against 2, 4, 3; then 2.0 against 1.5
    assert (row["optimizer"], row["other"]) == ("magma", "random")
    assert (row["wins"], row["ties"], row["losses"], row["cases"]) == (1, 0, 1, 2)
    assert row["win_rate"] == pytest.approx((1.0 + 0.0) / 2)
    assert row["rank_biserial"] == pytest.approx((2 - 1) / 3)  # log 3.0 / 1.2 outweighs log 2.0 / 1.5
    assert row["p"] == row["p_corrected"] == 1.0


def test_p_values_are_those_of_scipy_for_logarithms_of_medians(make_run, make_campaign):
    rng = np.random.default_rng(5)
    values = {"a": rng.random(9), "b": 0.2 + rng.random(9), "c": 0.4 + rng.random(9)}
    frame = pairs(one_seed(values, make_run, make_campaign))
    for row in frame.to_dict("records"):
        logs = [np.log1p(values[row[key]]) for key in ("optimizer", "other")]
        assert row["p"] == pytest.approx(stats.wilcoxon(*logs).pvalue)
    assert list(frame["p_corrected"]) == pytest.approx(list(multipletests(frame["p"], method="holm")[1]))


def test_optimizers_that_always_tie_do_not_differ(make_run, make_campaign):
    (row,) = pairs(one_seed({"a": [1.0] * 4, "b": [1.0] * 4}, make_run, make_campaign)).to_dict("records")
    assert (row["ties"], row["p"], row["win_rate"], row["rank_biserial"]) == (4, 1.0, 0.5, 0.0)


def test_nothing_valid_loses_and_two_of_them_tie(make_run, make_campaign):
    runs = [make_run("a"), make_run("b", best=None), make_run("c", status="failed")]
    frame = pairs(make_campaign(runs)).set_index(["optimizer", "other"])
    assert frame.loc[("a", "b"), "wins"] == frame.loc[("a", "c"), "wins"] == 1
    assert frame.loc[("b", "c"), "ties"] == 1
    assert frame.loc[("b", "c"), "win_rate"] == 0.5


def test_a_failed_run_loses(make_run, make_campaign):
    runs = [make_run("a", 0, 1.5), make_run("a", 1, 1.5, status="failed"), *(make_run("b", s, 1.8) for s in range(2))]
    assert win_rates(make_tables(make_campaign(runs))).loc["a", "b"] == 0.5


def test_win_rates_of_a_pair_add_up_to_one(tiny):
    numbers = win_numbers(make_tables(tiny)).set_index(["optimizer", "other"])["win_rate"]
    assert numbers["magma", "random"] + numbers["random", "magma"] == pytest.approx(1.0)


def test_values_that_differ_by_rounding_alone_tie(make_run, make_campaign):
    campaign = make_campaign([make_run("a", best=2.0), make_run("b", best=2.0 * (1 + 1e-14))])
    assert win_rates(make_tables(campaign)).loc["a", "b"] == 0.5


def test_equal_ratios_of_medians_are_ties_on_whatever_problems(make_run, make_campaign):
    a, b = np.array([1, 2, 1, 6, 2, 12, 3.0]), np.array([2, 1, 3, 2, 10, 3, 6.0])  # 2, 1/2, 3, 1/3, 5, 1/4, 2
    (row,) = pairs(one_seed({"a": a - 1.0, "b": b - 1.0}, make_run, make_campaign)).to_dict("records")
    sign = 1.0 if row["optimizer"] == "b" else -1.0
    quotients = np.array([2, -2, 3, -3, 5, -4, 2.0])
    assert row["p"] == signed_rank_p(quotients)
    assert row["rank_biserial"] == sign * rank_biserial(quotients)
    assert (row["wins"], row["losses"]) == ((3, 4) if sign > 0.0 else (4, 3))


def test_with_two_objectives_the_ratios_are_of_hypervolumes(make_run, make_campaign):
    cases = [f"mix/S2/bw{bw}/g8/i0/corrected/latency+energy" for bw in (1, 2, 4, 16)]
    shortfalls = {"a": [0.1, 0.2, 0.55, 0.5], "b": [0.55, 0.1, 0.1, 0.4]}
    runs = [
        make_run(name, best=10.0 * v, problem=p)
        for name, own in shortfalls.items()
        for v, p in zip(own, cases, strict=True)
    ]
    (row,) = pairs(make_campaign(runs)).to_dict("records")
    assert row["optimizer"] == "b"  # its hypervolumes are 1 / 2, 9 / 8, 2 and 6 / 5 of a's, and two of them tie
    assert row["rank_biserial"] == pytest.approx((1 + 2 + 3.5 - 3.5) / 10)
    assert row["p"] == signed_rank_p([-2, 1.125, 2, 1.2])


def test_shortfalls_that_differ_by_rounding_alone_tie_in_wins_and_in_win_rates(make_run, make_campaign):
    two = "mix/S2/bw16/g8/i0/corrected/latency+energy"
    campaign = make_campaign([make_run("a", best=1e-12, problem=two), make_run("b", best=3e-12, problem=two)])
    (row,) = pairs(campaign).to_dict("records")
    assert (row["ties"], row["win_rate"]) == (1, 0.5)


@pytest.mark.parametrize(("names", "needed"), [("ab", 6), ("abc", 7)])
def test_it_says_how_many_problems_holms_correction_needs(names, needed, make_run, make_campaign):
    for cases in (needed - 1, needed):
        values = {name: np.arange(cases) / 100 + i for i, name in enumerate(names)}
        table = pair_table(make_tables(one_seed(values, make_run, make_campaign)))
        assert any(f"only with {needed} problems" in sentence for sentence in table.warnings) == (cases < needed)
        assert (table.frame["p_corrected"].min() < 0.05) == (cases == needed)
