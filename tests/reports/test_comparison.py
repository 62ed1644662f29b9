from __future__ import annotations

import numpy as np
import pytest

from bench.errors import InvalidInput, UnknownName
from reports.comparison import BETTER, NOTHING, SAME, WORSE, compare, log_quotients

OTHER = "vision/S1/bw4/g10/i0"


@pytest.fixture
def campaign(make_run, make_campaign):
    """Of one optimizer: its values over the bound, one a seed."""

    def make(values, label="magma", **options):
        return make_campaign([make_run(label, seed, value, **options) for seed, value in enumerate(values)])

    return make


GOOD = [1.1, 1.2, 1.15, 1.3, 1.12, 1.18, 1.22, 1.25]
BAD = [value * (1.5 + 0.01 * seed) for seed, value in enumerate(GOOD)]


def verdicts(comparison):
    return [list(table.frame["verdict"]) for table in (comparison.by_instance, comparison.overall)]


def test_a_regression_is_worse_and_its_opposite_better(campaign):
    comparison = compare(campaign(GOOD), campaign(BAD))
    assert verdicts(comparison) == [[WORSE], [WORSE]]
    assert comparison.is_worse
    row = comparison.by_instance.frame.iloc[0]
    assert row["p"] == 2 / 2**8  # all of eight differences have one sign
    assert (row["wins"], row["losses"], row["pairs"]) == (0, 8, 8)
    assert row["ratio"] == pytest.approx(np.prod([1.5 + 0.01 * seed for seed in range(8)]) ** (1 / 8))
    back = compare(campaign(BAD), campaign(GOOD))
    assert verdicts(back) == [[BETTER], [BETTER]]
    assert not back.is_worse


def test_equal_results_are_the_same_and_small_differences_no_evidence(campaign):
    assert verdicts(compare(campaign(GOOD), campaign(GOOD))) == [[SAME], [SAME]]
    shaken = [value * (1.0 + 0.01 * (-1) ** seed) for seed, value in enumerate(GOOD)]
    assert verdicts(compare(campaign(GOOD), campaign(shaken))) == [[NOTHING], [NOTHING]]


@pytest.mark.parametrize("status", ["complete", "failed"])
def test_who_finds_nothing_or_fails_is_worse(campaign, status):
    comparison = compare(campaign(GOOD), campaign([None] * 8, status=status))
    assert verdicts(comparison) == [[WORSE], [WORSE]]
    assert comparison.by_instance.frame["median_b"].iloc[0] == np.inf
    assert comparison.by_instance.shown()["B / A"].iloc[0] == "\N{EN DASH}"


def test_runs_that_have_not_ended_are_left_out(make_run, make_campaign, campaign):
    partial = make_campaign([make_run(seed=0, best=1.5), make_run(seed=1, status="unfinished")])
    comparison = compare(campaign(GOOD), partial)
    assert comparison.overall.frame["pairs"].tolist() == [1]
    assert not comparison.can_tell
    assert "6 seeds would be enough" in comparison.overall.warnings[0]
    assert comparison.lost == ("B lacks 7 of A's 8 runs of 'magma' (mix/S2/bw1/g10/i0: seeds 1, 2, 3, 4, 5, 6, 7).",)


def test_an_optimizer_that_only_a_has_is_lost_unless_others_are_asked_for(make_run, make_campaign):
    a = make_campaign([make_run(label, seed) for label in ("one", "two") for seed in range(6)])
    b = make_campaign([run for run in a.runs if run.label == "one"])
    assert compare(a, b).lost == (
        "B has no runs of 'two' that have ended; to leave it out, name the others with --pair.",
    )
    assert compare(a, b, [("one", "one")]).lost == compare(b, a).lost == ()


def test_a_pair_that_is_told_twice_counts_once(make_run, make_campaign):
    a = make_campaign([make_run(label, seed, 1.0 + i) for i, label in enumerate(("one", "two")) for seed in range(6)])
    once = compare(a, a, [("one", "two")]).overall.frame
    assert compare(a, a, [("one", "two"), ("one", "two")]).overall.frame.equals(once)


def test_the_seeds_that_a_warning_asks_for_are_enough_and_one_less_is_not(campaign):
    assert verdicts(compare(campaign(GOOD[:6]), campaign(BAD[:6])))[0] == [WORSE]
    assert verdicts(compare(campaign(GOOD[:5]), campaign(BAD[:5])))[0] == [NOTHING]


def test_problems_are_compared_one_by_one_and_together(make_run, make_campaign):
    def make(values):
        return make_campaign([make_run("magma", s, v, problem=p) for p, vs in values.items() for s, v in enumerate(vs)])

    good = make({"mix/S2/bw1/g10/i0": GOOD, OTHER: BAD})
    bad = make({"mix/S2/bw1/g10/i0": BAD, OTHER: GOOD})
    comparison = compare(good, bad)
    assert verdicts(comparison) == [[WORSE, BETTER], [NOTHING]]
    assert comparison.is_worse  # on one of them


def test_two_labels_are_compared_when_told(campaign):
    a, b = campaign(GOOD, "old"), campaign(BAD, "new")
    assert compare(a, b).overall.frame[["optimizer_a", "optimizer_b"]].to_numpy().tolist() == [
        ["old", "new"]
    ]  # the only ones
    assert verdicts(compare(a, a, [("old", "old")])) == [[SAME], [SAME]]
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
        comparison = compare(any_campaign, any_campaign)
    except InvalidInput:
        assert not any(run.status != "unfinished" for run in any_campaign.runs)
        return
    assert set(comparison.by_instance.frame["verdict"]) == {SAME}
    assert not comparison.is_worse


def test_infinite_values_make_infinite_quotients_and_equal_ones_none():
    logs = log_quotients(np.array([1.0, np.inf, 2.0, np.inf, 0.0]), np.array([np.inf, 1.0, 2.0, np.inf, 0.0]))
    assert logs.tolist() == [np.inf, -np.inf, 0.0, 0.0, 0.0]
