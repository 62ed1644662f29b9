from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from scikit_posthocs import posthoc_nemenyi_friedman
from scipy import stats

from reports.frames.summary import make_tables
from reports.statistics.ranks import RANK_COLUMNS, critical_difference, friedman, rank_matrix, rank_numbers, rank_table


def campaign_of(ranks, make_run, make_campaign):
    """A campaign with one seed: ``ranks[problem][optimizer]`` are its values over the bound."""
    runs = [
        make_run(f"o{j}", best=1.0 + value, problem=f"mix/S1/bw1/g10/i{i}")
        for i, row in enumerate(ranks)
        for j, value in enumerate(row)
    ]
    return make_tables(make_campaign(runs))


def test_the_numbers_have_the_documented_columns(any_tables):
    numbers = rank_numbers(any_tables)
    assert list(numbers.columns) == list(RANK_COLUMNS)
    assert numbers["mean_rank"].is_monotonic_increasing


def test_friedmans_statistic_of_full_agreement_is_cases_times_optimizers_less_one():
    statistic, p = friedman(pd.DataFrame([[1.0, 2.0, 3.0]] * 4))  # Kendall's W is 1, and N (k - 1) W = 8
    assert statistic == pytest.approx(8.0)
    assert p == pytest.approx(np.exp(-8.0 / 2.0))  # of chi-square with two degrees of freedom


@pytest.mark.parametrize(("number", "q"), [(2, 1.960), (3, 2.343), (5, 2.728), (10, 3.164)])
def test_the_critical_value_is_that_of_demsars_table_5(number, q):
    assert critical_difference(number, 14) == pytest.approx(q * np.sqrt(number * (number + 1) / (6 * 14)), abs=0.001)


def test_the_critical_difference_of_demsars_example():
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)  # section 3.2.2


def test_the_critical_difference_agrees_with_the_p_values_of_scikit_posthocs():
    ranks = pd.DataFrame(np.random.default_rng(0).random((9, 6)) + np.arange(6) / 4).rank(axis=1)
    p = posthoc_nemenyi_friedman(ranks.to_numpy()).to_numpy()
    means = ranks.mean().to_numpy()
    assert ((np.abs(np.subtract.outer(means, means)) >= critical_difference(6, 9)) == (p <= 0.05)).all()


def test_ranks_and_tests_are_those_of_scipy(make_run, make_campaign):
    values = np.random.default_rng(3).random((7, 4)) + 0.3 * np.arange(4)
    numbers = rank_numbers(campaign_of(values, make_run, make_campaign)).set_index("optimizer")
    expected = stats.friedmanchisquare(*values.T)
    assert numbers["friedman"].iloc[0] == pytest.approx(expected.statistic)
    assert numbers["friedman_p"].iloc[0] == pytest.approx(expected.pvalue)
    means = stats.rankdata(values, axis=1).mean(axis=0)
    assert [numbers.loc[f"o{j}", "mean_rank"] for j in range(4)] == pytest.approx(list(means))
    p = posthoc_nemenyi_friedman(values).to_numpy()[means.argmin()]
    assert numbers["p_to_best"].isna().sum() == 1
    assert numbers.loc[f"o{means.argmax()}", "p_to_best"] == pytest.approx(p[means.argmax()])


TIED = [[1.0, 1.0, 3.0], [2.0, 1.0, 2.0], [1.0, 2.0, 3.0]]


def by_definition(ranks):
    """Friedman's statistic with ties: how far mean ranks are from theirs, over the variance of all ranks."""
    n, k = ranks.shape
    spread = ranks.mean(axis=0) - (k + 1) / 2
    return n * (k - 1) * (spread**2).sum() / ranks.var(axis=1).mean() / k


def test_with_ties_the_statistic_is_as_by_definition_and_its_mean_over_all_permutations_that_of_chi_square():
    ranks = stats.rankdata(TIED, axis=1)
    assert friedman(pd.DataFrame(ranks))[0] == pytest.approx(by_definition(ranks))
    everything = [friedman(pd.DataFrame(rows))[0] for rows in product(*(permutations(row) for row in ranks))]
    assert np.mean(everything) == pytest.approx(2.0)  # degrees of freedom: optimizers less one


def test_p_values_with_ties_are_those_of_the_formulas(make_run, make_campaign):
    numbers = rank_numbers(campaign_of(TIED, make_run, make_campaign))
    ranks = stats.rankdata(TIED, axis=1)
    assert numbers["friedman_p"].iloc[0] == pytest.approx(stats.chi2.sf(by_definition(ranks), 2))
    assert numbers["mean_rank"].tolist() == pytest.approx(sorted(ranks.mean(axis=0)))
    q = (numbers["mean_rank"] - numbers["mean_rank"].min()) / np.sqrt(3 * 4 / (6 * 3)) * np.sqrt(2)
    expected = stats.studentized_range.sf(q, 3, np.inf)
    assert numbers["p_to_best"].dropna().tolist() == pytest.approx(expected[numbers["p_to_best"].notna()].tolist())


def test_medians_that_differ_by_rounding_alone_share_their_rank(make_run, make_campaign):
    tables = campaign_of([[0.3, 0.1 + 0.2, 0.5], [0.5, 0.3, 0.3 * (1 + 1e-13)]], make_run, make_campaign)
    assert rank_matrix(tables).to_numpy().tolist() == [[1.5, 1.5, 3.0], [3.0, 1.5, 1.5]]


def test_ranks_are_among_those_compared(make_run, make_campaign):
    cases = [f"mix/S1/bw1/g10/i{i}" for i in range(3)]
    runs = [make_run(o, problem=p, best=b) for o, b in (("a", 2.0), ("b", 3.0)) for p in cases]
    tables = make_tables(make_campaign([*runs, make_run("c", problem=cases[0], best=1.0)]))
    assert rank_matrix(tables).to_numpy().tolist() == [[1.0, 2.0]] * 3


def test_if_all_always_tie_there_is_no_test_and_it_says_so(make_run, make_campaign):
    table = rank_table(campaign_of(np.ones((4, 3)), make_run, make_campaign))
    assert table.frame["friedman_p"].isna().all()
    assert "tie" in table.warnings[0]
    assert "was not possible" in table.note


@pytest.mark.parametrize(
    ("shape", "why"),
    [((1, 3), "two problems"), ((4, 1), "two optimizers"), ((4, 2), "three optimizers"), ((4, 3), "only 4 problems")],
)
def test_too_few_problems_or_optimizers_are_warned_of(shape, why, make_run, make_campaign):
    table = rank_table(campaign_of(np.random.default_rng(0).random(shape), make_run, make_campaign))
    assert why in table.warnings[0]


def test_with_enough_problems_there_is_no_warning(make_run, make_campaign):
    table = rank_table(campaign_of(np.random.default_rng(0).random((11, 3)), make_run, make_campaign))
    assert table.warnings == ()
    assert "chi-square" in table.note


def test_an_optimizer_that_finds_nothing_ranks_last(make_run, make_campaign):
    runs = [make_run(o, problem=f"mix/S1/bw1/g10/i{i}", best=b) for i in range(2) for o, b in (("a", None), ("b", 9.0))]
    assert rank_numbers(make_tables(make_campaign(runs)))["optimizer"].tolist() == ["b", "a"]


def test_an_optimizer_that_evaluates_beyond_the_budget_changes_no_rank_and_no_critical_difference(
    make_run, make_campaign
):
    cases = [f"mix/S1/bw1/g10/i{i}" for i in range(3)]
    runs = [make_run(f"o{j}", best=1.5 + j, problem=p) for p in cases for j in range(3)]
    apart = [make_run("apart", best=1.0, problem=p, settings={"evaluates_itself": True}) for p in cases]
    alone, beside = (rank_numbers(make_tables(make_campaign(own))) for own in (runs, [*apart, *runs]))
    pd.testing.assert_frame_equal(alone, beside)
    table = rank_table(make_tables(make_campaign([*apart, *runs])))
    assert any("evaluate beyond the budget: apart" in warning for warning in table.warnings)
    assert not any("missing results" in warning for warning in table.warnings)
