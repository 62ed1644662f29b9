from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from statsmodels.stats.multitest import multipletests

from reports.statistics.paired import beats, holm, rank_biserial, signed_rank_p
from reports.statistics.pairwise import PAIR_COLUMNS, WIN_COLUMNS, pair_table, win_numbers, win_rates
from reports.summary import make_tables

OTHER = "vision/S1/bw4/g10/i0"
PROBLEM = "mix/S2/bw1/g10/i0"

whole = st.lists(st.integers(-5, 5), min_size=1, max_size=12).map(lambda values: np.array(values, dtype=float))


def pairs(campaign):
    return pair_table(make_tables(campaign)).frame


def one_seed(values, make_run, make_campaign):
    runs = [
        make_run(name, best=1.0 + v, problem=f"mix/S1/bw1/g10/i{i}")
        for name, own in values.items()
        for i, v in enumerate(own)
    ]
    return make_campaign(runs)


def test_the_numbers_have_the_documented_columns(any_campaign):
    tables = make_tables(any_campaign)
    assert list(pair_table(tables).frame.columns) == list(PAIR_COLUMNS)
    assert list(win_numbers(tables).columns) == list(WIN_COLUMNS)


@settings(max_examples=30, deadline=None)  # the first import of statsmodels takes seconds
@given(arrays(float, st.integers(0, 30), elements=st.floats(0.0, 1.0)))
def test_holms_correction_is_that_of_statsmodels(p):
    expected = multipletests(p, method="holm")[1] if p.size else p
    assert holm(p) == pytest.approx(expected)


@given(whole, whole)
def test_how_often_values_beat_others_is_u_of_mann_and_whitney(own, other):
    u = stats.mannwhitneyu(own, other, method="asymptotic").statistic if np.ptp([*own, *other]) else own.size * 0.5
    total = own.size * other.size if np.ptp([*own, *other]) else own.size
    assert beats(own, other) == pytest.approx(1.0 - u / total)
    assert beats(own, other) + beats(other, own) == pytest.approx(1.0)


def test_infinite_values_lose_and_tie_with_their_like():
    assert beats(np.array([1.0]), np.array([np.inf])) == 1.0
    assert beats(np.array([np.inf]), np.array([np.inf])) == 0.5


@given(st.lists(st.floats(0.001, 1.0), min_size=1, max_size=20, unique=True), st.randoms())
def test_the_signed_rank_test_is_that_of_scipy(sizes, random):
    differences = np.array([size * random.choice((-1, 1)) for size in sizes])
    assert signed_rank_p(differences) == pytest.approx(stats.wilcoxon(differences).pvalue)


def test_the_smallest_p_value_of_six_problems_is_a_32nd():
    assert signed_rank_p(np.arange(1.0, 7.0)) == pytest.approx(2.0 / 2**6)


def test_differences_of_zero_are_no_evidence():
    assert signed_rank_p(np.zeros(5)) == 1.0
    assert np.isnan(signed_rank_p(np.zeros(0)))
    assert rank_biserial(np.zeros(5)) == 0.0
    assert np.isnan(rank_biserial(np.zeros(0)))
    assert signed_rank_p(np.array([0.0, 1.0, 2.0, 3.0])) == signed_rank_p(np.array([1.0, 2.0, 3.0]))


def test_many_problems_take_the_normal_distribution():
    differences = np.random.default_rng(0).normal(0.3, 1.0, size=60)
    assert signed_rank_p(differences) == pytest.approx(stats.wilcoxon(differences, method="exact").pvalue, rel=0.2)


@given(whole)
def test_the_rank_biserial_correlation_follows_from_scipys_statistic(differences):
    nonzero = differences[differences != 0]
    if nonzero.size:
        positive = stats.wilcoxon(nonzero, alternative="greater", method="asymptotic").statistic if nonzero.size else 0
        total = nonzero.size * (nonzero.size + 1) / 2
        assert rank_biserial(differences) == pytest.approx(1.0 - 2.0 * positive / total)


def test_a_pair_is_as_by_hand(tiny):
    (row,) = pairs(tiny).to_dict("records")  # magma 1.2, 1.0, 1.4 against 2, 4, 3; then 2.0 against 1.5
    assert (row["optimizer"], row["other"]) == ("magma", "random")
    assert (row["wins"], row["ties"], row["losses"], row["cases"]) == (1, 0, 1, 2)
    assert row["win_rate"] == pytest.approx((1.0 + 0.0) / 2)
    assert row["rank_biserial"] == pytest.approx((2 - 1) / 3)  # log 3.0 / 1.2 outweighs log 2.0 / 1.5
    assert row["p"] == row["p_holm"] == 1.0


def test_p_values_are_those_of_scipy_for_logarithms_of_medians(make_run, make_campaign):
    rng = np.random.default_rng(5)
    values = {"a": rng.random(9), "b": 0.2 + rng.random(9), "c": 0.4 + rng.random(9)}
    frame = pairs(one_seed(values, make_run, make_campaign))
    for row in frame.to_dict("records"):
        logs = [np.log1p(values[row[key]]) for key in ("optimizer", "other")]
        assert row["p"] == pytest.approx(stats.wilcoxon(*logs).pvalue)
    assert list(frame["p_holm"]) == pytest.approx(list(multipletests(frame["p"], method="holm")[1]))


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


@pytest.mark.parametrize(("names", "needed"), [("ab", 6), ("abc", 7)])
def test_it_says_how_many_problems_holms_correction_needs(names, needed, make_run, make_campaign):
    for cases in (needed - 1, needed):
        values = {name: np.arange(cases) / 100 + i for i, name in enumerate(names)}
        table = pair_table(make_tables(one_seed(values, make_run, make_campaign)))
        assert any(f"from {needed} problems" in sentence for sentence in table.warnings) == (cases < needed)
        assert (table.frame["p_holm"].min() < 0.05) == (cases == needed)
