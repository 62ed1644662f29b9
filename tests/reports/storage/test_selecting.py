from __future__ import annotations

from dataclasses import replace

import pytest

from problems.foundation.errors import InvalidInput
from reports.storage.design import Absent
from reports.storage.replay import CheckedCampaign, replayed
from reports.storage.selecting import select

PROBLEM = "mix/S2/bw1/g10/i0"
OTHER = "vision/S1/bw4/g10/i0"


def chosen(campaign, *only):
    return {(run.spec.problem, run.label, run.spec.seed) for run in select(campaign, only).runs}


def test_without_terms_all_is_taken(tiny):
    assert select(tiny, ()) is tiny


def test_patterns_of_one_key_are_alternatives_and_every_key_must_fit(tiny):
    assert chosen(tiny, "problem=mix/*") == {(PROBLEM, o, s) for o in ("magma", "random") for s in range(3)}
    assert chosen(tiny, "problem=mix/*", "optimizer=magma") == {(PROBLEM, "magma", s) for s in range(3)}
    assert chosen(tiny, "problem=mix/*", "problem=vision/*", "seed=1", "optimizer=mag*") == {
        (PROBLEM, "magma", 1),
        (OTHER, "magma", 1),
    }


def test_budgets_are_chosen_by_their_number(make_run, make_campaign):
    campaign = make_campaign([make_run(budget=100), make_run(budget=1000)])
    assert [run.spec.budget for run in select(campaign, ["budget=1000"]).runs] == [1000]


def test_the_label_counts_and_not_the_registered_name(make_run, make_campaign):
    campaign = make_campaign([make_run("big", optimizer="magma"), make_run("random")])
    assert {run.label for run in select(campaign, ["optimizer=big"]).runs} == {"big"}
    with pytest.raises(InvalidInput):
        select(campaign, ["optimizer=magma"])


def test_what_is_planned_and_left_out_is_chosen_likewise(make_run, make_campaign):
    runs = [make_run(seed=0), make_run(seed=1, status="missing"), make_run("random", status="missing")]
    campaign = make_campaign(runs, absent={"sb3-ppo": Absent("sb3-ppo", "m3e[rl]")})
    found = select(campaign, ["optimizer=magma"])
    assert (len(found.runs), len(found.planned), dict(found.absent)) == (1, 2, {})
    assert select(campaign, ["problem=mix/*"]).absent == campaign.absent


def test_the_name_tells_what_was_chosen_and_the_campaign_stays_as_it_was(tiny):
    found = select(tiny, ["seed=0", "optimizer=magma"])
    assert found.name == "tiny, only seed=0, optimizer=magma"
    assert len(tiny.runs) == 12


def test_checked_results_stay_checked(tiny):
    assert isinstance(select(replayed(tiny), ["seed=0"]), CheckedCampaign)


@pytest.mark.parametrize("term", ["problem", "task=mix", "=mix", "Problem=mix/*", ""])
def test_a_term_that_is_none_is_one_clear_error(tiny, term):
    with pytest.raises(InvalidInput, match="expected KEY=PATTERN, with the key problem, optimizer, seed or budget"):
        select(tiny, [term])


def test_nothing_left_is_an_error_that_says_what_there_is(tiny):
    with pytest.raises(InvalidInput) as error:
        select(tiny, ["problem=mix/*", "optimizer=magna"])
    told = "only optimizer=magna: expected a pattern that some optimizer fits, got none of 2. There are: magma, random."
    assert str(error.value) == told


def test_what_is_planned_alone_gives_no_report(make_run, make_campaign):
    campaign = make_campaign([make_run(), make_run(seed=1, status="missing")])
    with pytest.raises(InvalidInput, match="1 runs that are planned and not done"):
        select(campaign, ["seed=1"])
    assert not select(replace(campaign, runs=()), ["seed=1"]).runs
