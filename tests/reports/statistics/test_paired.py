from __future__ import annotations

import time
from collections import Counter
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from statsmodels.stats.multitest import multipletests

from reports.statistics.paired import EXACT, beats, holm, rank_biserial, signed_quotients, signed_rank_p

whole = st.lists(st.integers(-5, 5), min_size=1, max_size=12).map(lambda values: np.array(values, dtype=float))


ratios = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=10)


def midranks(sizes):
    """By definition: as many as are smaller, and the middle of those that are equal."""
    return [Fraction(2 * sum(o < s for o in sizes) + sum(o == s for o in sizes) + 1, 2) for s in sizes]


def p_over_all_signs(differences):
    """Two-sided p of the signed-rank test, by going through all ways to give signs to the ranks."""
    nonzero = [d for d in differences if d]
    if not nonzero:
        return 1.0
    ranks = midranks([abs(d) for d in nonzero])
    seen = abs(sum(rank if d > 0 else -rank for rank, d in zip(ranks, nonzero, strict=True)))
    signs = np.array(list(product((-2, 2), repeat=len(ranks))))
    return float((np.abs(signs @ np.array(ranks, dtype=float)) >= float(2 * seen)).mean())


def p_by_counting(differences):
    """The same, from whole numbers: how many ways lead to each sum, one rank after another."""
    nonzero = [d for d in differences if d]
    halves = [int(2 * rank) for rank in midranks([abs(d) for d in nonzero])]
    ways = Counter({0: 1})
    for rank in halves:
        more = Counter({total + rank: number for total, number in ways.items()})
        ways += more
    seen = abs(2 * sum(r for r, d in zip(halves, nonzero, strict=True) if d > 0) - sum(halves))
    far = sum(number for total, number in ways.items() if abs(2 * total - sum(halves)) >= seen)
    return float(Fraction(far, 2 ** len(halves)))


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


def test_p_with_ties_is_the_share_of_all_signs_of_the_midranks():
    differences = [5, 3, 1, -1, 4, 1, 3]
    assert signed_rank_p(differences) == p_over_all_signs(differences) == 0.0625
    assert signed_rank_p([1, 1, 2, 3, 4]) == 2 / 2**5
    assert signed_rank_p([3, 2, 3, 2, -1]) == signed_rank_p([-3, -2, -3, -2, 1]) == 4 / 2**5


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=11))
def test_p_is_exact_whatever_the_ties(differences):
    assert signed_rank_p(differences) == p_over_all_signs(differences)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-9, 12), min_size=1, max_size=50).filter(any))
def test_p_of_tens_of_differences_is_exact_too(differences):
    assert signed_rank_p(differences) == pytest.approx(p_by_counting(differences), rel=1e-14)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-3, 4).filter(bool), min_size=2, max_size=10))
def test_p_with_ties_is_that_of_scipys_permutations(differences):
    expected = stats.wilcoxon(differences, method=stats.PermutationMethod(n_resamples=np.inf))
    assert signed_rank_p(differences) == pytest.approx(expected.pvalue)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=20), st.randoms())
def test_p_depends_neither_on_order_nor_direction_nor_scale(differences, random):
    p = signed_rank_p(differences)
    assert p == signed_rank_p([-d for d in differences]) == signed_rank_p([d / 3 for d in differences])
    random.shuffle(differences)
    assert p == signed_rank_p(differences)


def test_infinite_differences_are_the_largest_and_ties_of_each_other():
    assert signed_rank_p([np.inf, -np.inf, 1.0, 2.0, 3.0]) == signed_rank_p([9, -9, 1, 2, 3])
    assert signed_rank_p([np.inf] * 6) == 2 / 2**6


def test_a_difference_that_is_not_a_number_has_no_p():
    assert np.isnan(signed_rank_p([np.nan, 1.0, 2.0]))


def test_p_of_the_longest_exact_sample_takes_no_time_and_joins_the_normal_distribution():
    differences = np.random.default_rng(0).integers(-30, 33, EXACT + 1)
    differences[0] = 1
    began = time.perf_counter()
    exact = signed_rank_p(differences[:-1])
    assert time.perf_counter() - began < 2.0
    assert signed_rank_p(differences) == pytest.approx(exact, abs=0.05)
    assert exact == pytest.approx(stats.wilcoxon(differences[:-1], method="asymptotic").pvalue, rel=0.05)


def test_p_is_never_zero_by_rounding():
    for number in (60, 200, EXACT):
        assert signed_rank_p(np.ones(number)) == pytest.approx(2.0 ** (1 - number), rel=1e-12)


def test_the_smallest_p_value_of_six_problems_is_a_32nd():
    assert signed_rank_p(np.arange(1.0, 7.0)) == pytest.approx(2.0 / 2**6)


def test_differences_of_zero_are_no_evidence():
    assert signed_rank_p(np.zeros(5)) == 1.0
    assert np.isnan(signed_rank_p(np.zeros(0)))
    assert rank_biserial(np.zeros(5)) == 0.0
    assert np.isnan(rank_biserial(np.zeros(0)))
    assert signed_rank_p(np.array([0.0, 1.0, 2.0, 3.0])) == signed_rank_p(np.array([1.0, 2.0, 3.0]))


@given(whole)
def test_the_rank_biserial_correlation_follows_from_scipys_statistic(differences):
    nonzero = differences[differences != 0]
    if nonzero.size:
        positive = stats.wilcoxon(nonzero, alternative="greater", method="asymptotic").statistic if nonzero.size else 0
        total = nonzero.size * (nonzero.size + 1) / 2
        assert rank_biserial(differences) == pytest.approx(1.0 - 2.0 * positive / total)


def test_equal_ratios_are_ties_though_their_logarithms_differ():
    a, b = np.array([10.0, 2.0, 1.0, 3.0]), np.array([5.0, 1.0, 2.0, 6.0])
    assert len(set(np.abs(np.log(a) - np.log(b)))) > 1
    assert signed_quotients(a, b, False).tolist() == [2.0, 2.0, -2.0, -2.0]


@given(ratios, st.lists(st.floats(1e-3, 1e9), min_size=10, max_size=10))
def test_ties_of_ratios_are_those_of_fractions_in_whatever_unit_each_is(pairs, units):
    exact = [Fraction(a, b) if a > b else -Fraction(b, a) if b > a else 0 for a, b in pairs]
    values = np.array([(a * unit, b * unit) for (a, b), unit in zip(pairs, units, strict=False)])
    quotients = signed_quotients(values[:, 0], values[:, 1], False)
    assert signed_rank_p(quotients) == p_over_all_signs(exact)
    assert quotients == pytest.approx(np.array(exact, dtype=float))


def test_ratios_that_are_nearly_equal_are_no_ties():
    quotients = signed_quotients([1_000_001, 1_000_002], [1_000_000, 1_000_001], False)
    assert quotients[0] > quotients[1] > 1.0


def test_values_that_differ_by_rounding_alone_have_no_difference():
    assert signed_quotients([3.0, 0.1 + 0.2], [3.0 * (1 + 1e-14), 0.3], False).tolist() == [0.0, 0.0]
    assert signed_quotients([0.5, 1e-12], [0.5 + 1e-12, 3e-12], True).tolist() == [0.0, 0.0]  # of shortfalls: places


def test_quotients_bear_infinity_zero_and_the_largest_numbers():
    own = np.array([np.inf, np.inf, 1.0, 0.0, 0.0, 1e308, 1e-308])
    other = np.array([np.inf, 1.0, np.inf, 0.0, 1.0, 1e-308, 1e308])
    assert signed_quotients(own, other, False).tolist() == [0.0, np.inf, -np.inf, 0.0, -np.inf, np.inf, -np.inf]
    assert signed_quotients([], [], False).size == 0


def test_quotients_of_shortfalls_are_of_hypervolumes():
    own, other = np.array([0.1, 0.55, 1.0, np.inf, 1.0, 0.0]), np.array([0.55, 0.1, 0.5, 0.5, np.inf, 0.5])
    assert signed_quotients(own, other, True) == pytest.approx([-2.0, 2.0, np.inf, np.inf, 0.0, -2.0])


@given(whole, whole)
def test_how_often_values_beat_others_is_what_counting_says(own, other):
    points = [1.0 if a < b else 0.5 if a == b else 0.0 for a in own for b in other]
    assert beats(own, other) == pytest.approx(np.mean(points))
