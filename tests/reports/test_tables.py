from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import problems
from reports.tables import RUN_COLUMNS, TRAJECTORY_COLUMNS, runs_table, trajectories_table, used


def test_every_run_is_a_row_with_the_documented_columns(any_campaign):
    runs = runs_table(any_campaign)
    assert list(runs.columns) == list(RUN_COLUMNS)
    assert list(runs["run_id"]) == [run.id for run in any_campaign.runs]


def test_a_row_tells_the_parts_of_the_problem_and_the_gap_to_its_bound(tiny):
    row = runs_table(tiny).iloc[0]
    problem = problems.get("mix/S2/bw1/g10/i0")
    assert (row["task"], row["platform"], row["bandwidth_gbps"], row["num_jobs"], row["instance"]) == (
        "mix",
        "S2",
        1.0,
        10,
        0,
    )
    assert row["lower_bound_cycles"] == problem.lower_bound()
    assert row["gap"] == pytest.approx(0.2)
    assert row["throughput_gflops"] == pytest.approx(2.0 * problem.total_macs / (1.2 * problem.lower_bound()))


def test_the_time_that_is_neither_ask_nor_tell_nor_evaluation_is_other(tiny):
    row = runs_table(tiny).iloc[0]
    assert row["other_seconds"] == pytest.approx(1.0 - 0.1 - 0.2 - 0.5)


def test_only_complete_and_cut_runs_are_used(make_run, make_campaign):
    runs = [make_run(seed=i, status=s) for i, s in enumerate(("complete", "cut", "failed", "unfinished"))]
    assert list(used(runs_table(make_campaign(runs)))["status"]) == ["complete", "cut"]


def test_budgets_make_cases_of_their_own_only_where_they_differ(make_run, make_campaign, tiny):
    runs = [make_run(budget=100), make_run(budget=2000)]
    assert list(runs_table(make_campaign(runs))["case"]) == [
        "mix/S2/bw1/g10/i0, budget 100",
        "mix/S2/bw1/g10/i0, budget 2,000",
    ]
    assert set(runs_table(tiny)["case"]) == set(runs_table(tiny)["problem"])


def test_one_label_with_several_sets_of_parameters_is_several_optimizers(make_run, make_campaign):
    runs = [
        make_run("a", parameters={"x": 1}),
        make_run("a", 1, parameters={"x": 1}),
        make_run("a", parameters={"x": 2}),
    ]
    assert list(runs_table(make_campaign(runs))["optimizer"]) == ["a [1]", "a [1]", "a [2]"]


def test_runs_that_have_not_started_are_planned(make_run, make_campaign, plan):
    runs = [make_run(o, s, optimizer="random") for o in ("a", "b") for s in range(3)]
    runs = [replace(run, id=f"{run.id[:-12]}{i:012x}") for i, run in enumerate(runs)]  # a and b differ in parameters
    campaign = make_campaign([runs[0], runs[1], runs[3]], planned=plan(runs))
    assert list(runs_table(campaign)["num_planned"]) == [3, 3, 3]


def test_a_problem_that_is_not_known_here_has_no_bound_and_breaks_nothing(make_run, make_campaign):
    run = make_run()
    strange = replace(run, spec=replace(run.spec, problem="plugin-task/X9/bw1/g10/i0"))
    row = runs_table(make_campaign([strange])).iloc[0]
    assert np.isnan(row["lower_bound_cycles"])
    assert np.isnan(row["gap"])
    assert row["best_cycles"] == run.best_cycles


def test_a_problem_of_another_suite_version_has_no_bound(make_run, make_campaign):
    row = runs_table(make_campaign([make_run(suite_version=99)])).iloc[0]
    assert np.isnan(row["lower_bound_cycles"])


def test_every_improvement_is_a_row(any_campaign):
    table = trajectories_table(any_campaign)
    assert list(table.columns) == list(TRAJECTORY_COLUMNS)
    assert len(table) == sum(np.isfinite(run.trace_cycles).sum() for run in any_campaign.runs)
