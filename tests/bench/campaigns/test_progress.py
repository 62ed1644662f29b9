"""The order of runs, and what is said of the time that is left."""

import pytest

from bench.campaigns.campaign import Campaign, make_contender
from bench.campaigns.plan import plan_campaign
from bench.campaigns.running import Progress


@pytest.fixture
def plan(tmp_path):
    campaign = Campaign(
        name="two",
        problems=("mix/S1/bw1/g8/i0", "mix/S2/bw1/g8/i0"),
        contenders=(make_contender("random"), make_contender("magma")),
        seeds=(0, 1, 2),
        budget=10,
    )
    return plan_campaign(campaign, tmp_path / "two")


def test_runs_come_seed_by_seed_and_the_longest_of_a_seed_first(plan):
    progress = Progress.of(plan)
    order = []
    for spec, label in plan.missing(progress.longest_first):
        order.append((spec.seed, label, spec.problem.split("/")[1]))
        progress.learn(spec, label, "complete", {"random": 1.0, "magma": 5.0}[label] + ("S2" in spec.problem))
    assert [seed for seed, _, _ in order] == [0] * 4 + [1] * 4 + [2] * 4
    assert [run[1:] for run in order[4:8]] == [("magma", "S2"), ("magma", "S1"), ("random", "S2"), ("random", "S1")]


def test_the_estimate_is_of_the_runs_that_are_left_and_not_only_of_their_number(plan):
    progress = Progress.of(plan)
    assert progress.seconds_left() is None
    for spec, label in plan.missing():
        if label == "random":
            progress.learn(spec, label, "complete", 1.0)
    assert progress.seconds_left() == pytest.approx(6 * 1.0)  # nothing is known of magma
    (first, *_) = (spec for spec, label in plan.missing() if label == "magma")
    progress.learn(first, "magma", "complete", 100.0)
    assert progress.seconds_left() == pytest.approx(5 * 100.0)
    assert (progress.ended, progress.total) == (7, 12)
