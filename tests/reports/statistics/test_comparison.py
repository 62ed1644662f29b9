from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from problems.foundation.errors import InvalidInput, UnknownName
from reports.frames.summary import make_tables
from reports.statistics.comparison import compare
from reports.statistics.paired import log_ratios, signed_rank_p
from reports.statistics.pairwise import pair_table
from reports.statistics.verdict import BETTER, NO_EVIDENCE, SAME, WORSE
from reports.storage.replay import replayed

OTHER = "vision/S1/bw4/g10/i0"
TWO = "mix/S2/bw16/g8/i0/corrected/latency+energy"


@pytest.fixture
def campaign(make_run, make_campaign):
    """Of one optimizer: its values over the bound, one a seed."""

    def make(values, label="magma", **options):
        return make_campaign([make_run(label, seed, value, **options) for seed, value in enumerate(values)])

    return make


@pytest.fixture
def on_problems(make_run, make_campaign):
    """Of optimizers by label: their values over the bound, a row a problem and one a seed."""

    def make(**values):
        return make_campaign(
            [
                make_run(label, seed, value, problem=f"mix/S1/bw1/g10/i{i}")
                for label, rows in values.items()
                for i, row in enumerate(rows)
                for seed, value in enumerate(row)
            ]
        )

    return make


GOOD = [1.1, 1.2, 1.15, 1.3, 1.12, 1.18, 1.22, 1.25]
BAD = [value * (1.5 + 0.01 * seed) for seed, value in enumerate(GOOD)]


def verdict(comparison):
    (found,) = comparison.overall.frame["verdict"]
    return found


def test_runs_on_one_problem_are_no_evidence_on_others(campaign):
    comparison = compare(campaign(GOOD), campaign(BAD))
    assert verdict(comparison) == NO_EVIDENCE
    assert not comparison.is_worse
    assert not comparison.can_tell
    row = comparison.by_instance.frame.iloc[0]
    assert (row["wins"], row["losses"], row["pairs"], row["rank_biserial"]) == (0, 8, 8, -1.0)
    assert row["ratio"] == pytest.approx(np.prod([1.5 + 0.01 * seed for seed in range(8)]) ** (1 / 8))
    assert "verdict" not in comparison.by_instance.frame


def test_versions_of_one_optimizer_are_compared_seed_by_seed_others_by_medians(on_problems):
    # large differences between seeds, and a small one that all pairs share
    own = [[1.0 + s + 0.1 * i for s in (0, 4, 1, 3, 2)] for i in range(8)]
    other = [[value * 0.97 for value in row] for row in own]
    paired = compare(on_problems(a=own), on_problems(a=other)).overall.frame.iloc[0]
    assert (paired["verdict"], paired["ratio"]) == (BETTER, pytest.approx(0.97))
    shaken = [[value * (1.0 + 0.03 * (s == 2)) for s, value in enumerate(row)] for row in own]
    ratios = compare(on_problems(a=own), on_problems(b=shaken), [("a", "b")]).by_instance.frame["ratio"]
    medians = [np.median(b) / np.median(a) for a, b in zip(own, shaken, strict=True)]
    assert list(ratios) == pytest.approx(medians)


def test_overall_a_problem_counts_once_however_many_seeds_it_has(on_problems):
    good = [GOOD] * 5
    bad = [[2.0 * value for value in row] for row in good]
    comparison = compare(on_problems(a=good), on_problems(a=bad))
    row = comparison.overall.frame.iloc[0]
    assert (row["instances"], row["pairs"], row["wins"], row["losses"]) == (5, 40, 0, 5)
    assert (row["p"], row["verdict"]) == (2 / 2**5, NO_EVIDENCE)
    six = compare(on_problems(a=[*good, GOOD]), on_problems(a=[*bad, [2.0 * v for v in GOOD]])).overall.frame.iloc[0]
    assert (six["p"], six["verdict"]) == (2 / 2**6, WORSE)
    assert (six["ratio"], six["rank_biserial"]) == (pytest.approx(2.0), -1.0)


def test_small_agreeing_differences_of_many_pairs_are_no_evidence_overall(on_problems):
    good = [[1.1 + 0.1 * i + 0.001 * s for s in range(4)] for i in range(8)]
    better = [
        [v * (0.99 if i % 2 else 1.001 - 0.003 * (s == 0)) for s, v in enumerate(row)] for i, row in enumerate(good)
    ]
    row = compare(on_problems(a=good), on_problems(b=better), [("a", "b")]).overall.frame.iloc[0]
    (reported,) = pair_table(make_tables(on_problems(a=good, b=better))).frame.to_dict("records")
    assert row["p"] == reported["p"] > 0.05
    assert row["verdict"] == NO_EVIDENCE


values_by_problem = st.lists(st.lists(st.integers(2, 6), min_size=2, max_size=2), min_size=1, max_size=8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values_by_problem, values_by_problem)
def test_overall_says_what_the_pairwise_table_of_the_report_says(on_problems, a, b):
    a, b = a[: len(b)], b[: len(a)]
    both = on_problems(a=a, b=b)
    row = compare(both, both, [("a", "b")]).overall.frame.iloc[0]
    (reported,) = pair_table(make_tables(both)).frame.to_dict("records")
    sign = 1 if reported["optimizer"] == "b" else -1
    assert (row["p"], row["rank_biserial"]) == (reported["p"], sign * reported["rank_biserial"])
    assert {row["wins"], row["losses"]} == {reported["wins"], reported["losses"]}
    assert row["p_corrected"] == reported["p_corrected"]
    assert row["p_equal"] == reported["p_equal"]


def test_equal_ratios_on_different_problems_are_ties(on_problems):
    a, b = [1, 2, 1, 6, 2, 12, 3], [2, 1, 3, 2, 10, 3, 6]
    row = compare(on_problems(a=[[v] for v in a]), on_problems(a=[[v] for v in b])).overall.frame.iloc[0]
    assert row["p"] == signed_rank_p([2, -2, 3, -3, 5, -4, 2])


def test_with_two_objectives_hypervolumes_are_compared(make_run, make_campaign):
    a, b = (make_campaign([make_run("a", best=10.0 * value, problem=TWO)]) for value in (0.1, 0.55))
    comparison = compare(a, b)
    assert comparison.by_instance.frame["ratio"].iloc[0] == pytest.approx(2.0)
    assert comparison.overall.frame["ratio"].iloc[0] == pytest.approx(2.0)


def test_a_problem_with_several_budgets_is_no_evidence_overall(make_run, make_campaign):
    def make(value):
        return make_campaign([make_run(best=value, budget=100 * (i + 1)) for i in range(8)])

    comparison = compare(make(1.1), make(1.2))
    assert verdict(comparison) == NO_EVIDENCE
    assert not comparison.can_tell
    assert "not independent" in comparison.overall.warnings[0]


def test_equal_results_are_the_same(campaign):
    assert verdict(compare(campaign(GOOD), campaign(GOOD))) == SAME


def test_values_that_differ_by_rounding_alone_are_the_same(campaign):
    shaken = [value * (1.0 + 1e-14 * seed) for seed, value in enumerate(GOOD)]
    assert verdict(compare(campaign(GOOD), campaign(shaken))) == SAME


@pytest.mark.parametrize("status", ["complete", "failed"])
def test_who_finds_nothing_or_fails_is_infinitely_bad(campaign, status):
    comparison = compare(campaign(GOOD), campaign([None] * 8, status=status))
    assert comparison.by_instance.frame["median_b"].iloc[0] == np.inf
    assert comparison.overall.frame["ratio"].iloc[0] == np.inf
    assert comparison.by_instance.shown()["Effect"].iloc[0] == "-1.000"


def test_who_fails_on_all_problems_is_worse_overall(on_problems, make_run, make_campaign):
    failed = [make_run("a", 0, None, problem=f"mix/S1/bw1/g10/i{i}", status="failed") for i in range(6)]
    comparison = compare(on_problems(a=[[1.5]] * 6), make_campaign(failed))
    assert verdict(comparison) == WORSE
    assert comparison.is_worse


def test_the_effect_stands_beside_each_p_value(campaign):
    heads = list(compare(campaign(GOOD), campaign(BAD)).overall.shown())
    assert heads.index("p") == heads.index("Effect") + 1


def test_missing_runs_are_left_out(make_run, make_campaign, campaign):
    partial = make_campaign([make_run(seed=0, best=1.5), make_run(seed=1, status="missing")])
    comparison = compare(campaign(GOOD), partial)
    assert comparison.overall.frame["pairs"].tolist() == [1]
    assert not comparison.can_tell
    assert "too few problems for any verdict but 'no evidence': 6 would be enough" in comparison.overall.warnings[0]
    assert comparison.lost == ("B lacks 7 of A's 8 runs of 'magma' (mix/S2/bw1/g10/i0: seeds 1, 2, 3, 4, 5, 6, 7).",)


def test_an_optimizer_that_only_a_has_is_lost_unless_others_are_asked_for(make_run, make_campaign):
    a = make_campaign([make_run(label, seed) for label in ("one", "two") for seed in range(6)])
    b = make_campaign([run for run in a.runs if run.label == "one"])
    assert compare(a, b).lost == ("B has no runs of 'two'; to leave it out, select the others with --pair.",)
    assert compare(a, b, [("one", "one")]).lost == compare(b, a).lost == ()


def test_a_pair_that_is_told_twice_counts_once(make_run, make_campaign):
    a = make_campaign([make_run(label, seed, 1.0 + i) for i, label in enumerate(("one", "two")) for seed in range(6)])
    once = compare(a, a, [("one", "two")]).overall.frame
    assert compare(a, a, [("one", "two"), ("one", "two")]).overall.frame.equals(once)


def test_the_problems_that_a_warning_asks_for_are_enough_and_one_less_is_not(on_problems):
    for count, expected in ((6, WORSE), (5, NO_EVIDENCE)):
        good, bad = ([[value] for value in values[:count]] for values in (GOOD, BAD))
        assert verdict(compare(on_problems(a=good), on_problems(a=bad))) == expected


def test_two_labels_are_compared_when_told(campaign):
    a, b = campaign(GOOD, "old"), campaign(BAD, "new")
    assert compare(a, b).overall.frame[["optimizer_a", "optimizer_b"]].to_numpy().tolist() == [
        ["old", "new"]
    ]  # the only ones
    assert verdict(compare(a, a, [("old", "old")])) == SAME
    with pytest.raises(UnknownName, match=r"'odl'.*did you mean old"):
        compare(a, b, [("odl", "new")])


def test_nothing_to_compare_is_one_clear_error(make_run, make_campaign, campaign):
    both = make_campaign([make_run("one"), make_run("two")])
    with pytest.raises(InvalidInput, match=r"the same label in both.*--pair"):
        compare(both, campaign(GOOD))
    with pytest.raises(InvalidInput, match="same problem, budget and seed"):
        compare(campaign(GOOD), campaign(GOOD, problem=OTHER))


def test_every_campaign_can_be_compared_with_itself(any_campaign):
    try:
        comparison = compare(replayed(any_campaign), replayed(any_campaign))
    except InvalidInput:
        assert not any_campaign.runs
        return
    assert set(comparison.overall.frame["verdict"]) <= {SAME, NO_EVIDENCE}  # with several budgets
    assert set(comparison.by_instance.frame["ratio"]) == {1.0}
    assert not comparison.is_worse


def test_infinite_values_make_infinite_ratios_and_equal_ones_none():
    logs = log_ratios([np.inf, 1.0, 2.0, np.inf, 0.0], [1.0, np.inf, 2.0, np.inf, 0.0], False)
    assert logs.tolist() == [np.inf, -np.inf, 0.0, 0.0, 0.0]


def test_the_level_decides_what_is_significant(make_run, make_campaign):
    cases = [f"mix/S1/bw1/g10/i{i}" for i in range(4)]  # the least p-value is 1/8
    a, b = (make_campaign([make_run("x", best=best, problem=p) for p in cases]) for best in (2.0, 1.5))
    found = {level: compare(a, b, level=level) for level in (0.95, 0.8)}
    assert [one.overall.frame["verdict"].tolist() for one in found.values()] == [["no evidence"], ["better"]]
    assert [one.can_tell for one in found.values()] == [False, True]
    with pytest.raises(InvalidInput, match="level"):
        compare(a, b, level=95.0)
