"""Runs of different budgets are compared up to the smaller one."""

from dataclasses import replace

import numpy as np
import pytest

from reports.frames.budgets import both_comparable, comparable_runs, up_to
from reports.frames.provenance import warnings_of
from reports.frames.summary import make_tables
from reports.statistics.comparison import compare
from reports.storage.replay import replayed


def test_a_run_is_cut_short_at_an_evaluation(make_run):
    run = make_run(best=1.0)  # improvements at 1, 10 and 50 of 100 evaluations
    short = up_to(run, 20)
    assert (short.spec.budget, short.num_evaluations, short.status) == (20, 20, "complete")
    assert short.trace_evaluations.tolist() == [1, 10]
    assert short.best_value == run.trace_values[1]
    assert short.trace_seconds.tolist() == [0.1, 0.2]
    assert short.seconds["cpu"] == pytest.approx(0.2 * run.seconds["cpu"])
    assert short.id == run.id
    assert not len(short.front_values)


def test_a_run_that_found_nothing_in_time_has_no_value(make_run):
    run = make_run(best=1.0)
    late = replace(run, trace_evaluations=run.trace_evaluations + 30)
    assert np.isnan(up_to(late, 20).best_value)


def test_a_cut_run_that_got_so_far_is_complete_so_far(make_run):
    run = replace(make_run(status="cut", message="at its limit"), num_evaluations=60)
    assert (up_to(run, 50).status, up_to(run, 50).message) == ("complete", "")
    assert (up_to(run, 80).status, up_to(run, 80).num_evaluations) == ("cut", 60)
    assert up_to(run, 80).seconds["cpu"] == run.seconds["cpu"]


def test_the_larger_budget_is_cut_to_the_smaller(make_run, make_campaign):
    campaign = make_campaign([make_run("magma", budget=100), make_run("random", budget=20)])
    tables = make_tables(replayed(campaign))
    assert tables.cases == ["mix/S2/bw1/g10/i0"]
    assert tables.runs["budget"].tolist() == [20, 20]
    assert tables.summary["num_planned"].tolist() == [1, 1]
    (warning,) = warnings_of(tables.campaign)
    assert warning.startswith("Budgets differ: what magma had found after 20 evaluations is compared")


def test_budgets_that_all_have_stay_apart(make_run, make_campaign):
    runs = [make_run(label, budget=budget) for label in ("magma", "random") for budget in (20, 100)]
    campaign = make_campaign(runs)
    assert comparable_runs(campaign) is campaign
    assert len(make_tables(replayed(campaign)).cases) == 2


def test_who_has_the_common_budget_keeps_all_runs(make_run, make_campaign):
    runs = [make_run("magma", budget=20), make_run("magma", budget=100), make_run("random", budget=100)]
    campaign = make_campaign(runs)
    assert comparable_runs(campaign) is campaign  # both have 100
    shorter = make_campaign([*runs[:2], make_run("random", budget=100), make_run("other", budget=20)])
    found = comparable_runs(shorter)
    assert [run.spec.budget for run in found.runs] == [20, 100, 20, 20]
    assert found.shortened == {"random": (20,)}


def test_a_planned_run_that_is_missing_counts_at_the_smaller_budget(make_run, make_campaign):
    runs = [make_run("magma", 0), make_run("magma", 1, status="missing"), make_run("random", 0, budget=20)]
    summary = make_tables(replayed(make_campaign(runs))).summary
    assert summary["runs"].tolist() == ["1 of 2", "1 of 1"]


def test_problems_have_their_own_common_budgets(make_run, make_campaign):
    other = "vision/S1/bw4/g10/i0"
    runs = [
        make_run("magma"),
        make_run("random", budget=20),
        *(make_run(o, problem=other) for o in ("magma", "random")),
    ]
    found = comparable_runs(make_campaign(runs))
    assert [run.spec.budget for run in found.runs] == [20, 20, 100, 100]


def test_campaigns_of_different_budgets_can_be_compared(make_run, make_campaign):
    def campaign(budget, factor):
        return replayed(
            make_campaign(
                [
                    make_run("magma", s, factor, problem=f"mix/S2/bw1/g10/i{i}", budget=budget)
                    for i in range(7)
                    for s in (0, 1)
                ]
            )
        )

    a, b = both_comparable(campaign(100, 1.0), campaign(20, 1.0))
    assert {run.spec.budget for run in (*a.runs, *b.runs)} == {20}
    found = compare(campaign(100, 1.0), campaign(20, 1.0))
    row = found.overall.frame.iloc[0]
    assert row["instances"] == 7
    assert row["ratio"] == pytest.approx(1.0 / 1.5)  # the second had found its best after 50 of its evaluations
    assert "after 20 evaluations is compared" in found.overall.warnings[0]


def test_runs_cut_to_the_same_budget_are_one_run_a_seed(make_run, make_campaign):
    """Of two larger budgets the nearer one counts: both start alike, and would count each seed twice."""
    runs = [make_run("magma", s, budget=budget) for budget in (100, 50) for s in (0, 1)]
    campaign = make_campaign([*runs, *(make_run("random", s, budget=20) for s in (0, 1))])
    tables = make_tables(replayed(campaign))
    assert tables.summary["runs"].tolist() == ["2 of 2", "2 of 2"]
    assert tables.overall["runs"].tolist() == ["2 of 2", "2 of 2"]
    assert set(tables.runs.loc[tables.runs["optimizer"] == "magma", "run_id"]) == {run.id for run in runs[2:]}
    told = " ".join(warnings_of(tables.campaign))
    assert "2 runs do not count: another of the same optimizer, problem and seed does" in told


def test_a_run_with_other_limits_is_no_other_seed(make_run, make_campaign):
    run = make_run(status="cut", message="at its limit")
    spec = replace(run.spec, wall_limit_seconds=900.0)
    longer = replace(run, id=spec.id, spec=spec, status="complete", message="")
    tables = make_tables(replayed(make_campaign([run, longer, make_run(seed=1)])))
    assert tables.runs["run_id"].tolist() == [longer.id, make_run(seed=1).id]
    assert "1 run does not count" in " ".join(warnings_of(tables.campaign))


def test_campaigns_have_a_common_budget_pair_by_pair(make_run, make_campaign):
    """What others have as budgets, decides nothing."""
    mixed = [make_run("magma", 0, 1.0, budget=100), make_run("random", budget=20)]
    found = compare(replayed(make_campaign(mixed)), replayed(make_campaign([make_run("magma", 0, 1.0, budget=20)])))
    (row,) = found.by_instance.frame.to_dict("records")
    assert (row["optimizer_a"], row["budget"]) == ("magma", 20)
    assert found.lost == ("B has no runs of 'random'; to leave it out, select the others with --pair.",)
