from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import problems
from reports.frames.runs import (
    RUN_COLUMNS,
    TRAJECTORY_COLUMNS,
    USED,
    case_names,
    optimizer_names,
    runs_table,
    trajectories_table,
    used,
)


def test_a_warm_start_is_one_optimizer_though_former_problems_differ(make_run, make_campaign):
    def warm(task, instance):
        former = {"problem": f"{task}/S2/bw1/g10/i{instance}", "budget": 10}
        return make_run("warm", problem=f"{task}/S2/bw1/g10/i0", parameters={"warm_start": former}, optimizer="magma")

    assert set(runs_table(make_campaign([warm("mix", 1), warm("vision", 1)]))["optimizer"]) == {"warm"}
    assert set(runs_table(make_campaign([warm("mix", 1), warm("vision", 2)]))["optimizer"]) == {"warm [1]", "warm [2]"}


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
    assert row["lower_bound"] == problem.lower_bound()
    assert row["gap"] == pytest.approx(0.2)
    assert row["throughput_gflops"] == pytest.approx(2.0 * problem.total_macs / (1.2 * problem.lower_bound()))


def row_of(make_run, make_campaign, problem):
    return runs_table(make_campaign([make_run(problem=problem, best=2.0)])).iloc[0]


@pytest.mark.parametrize(
    ("option", "unit"), [("", "cycles"), ("/throughput", "ns/FLOP"), ("/energy", "nJ"), ("/edp", "nJ*cycles")]
)
def test_a_row_tells_the_objective_and_its_unit(make_run, make_campaign, option, unit):
    row = row_of(make_run, make_campaign, f"mix/S2/bw1/g10/i0/dep/corrected{option}")
    assert (row["objective"], row["unit"]) == (option[1:] or "latency", unit)
    assert (row["dependent"], row["cost_model"]) == (True, "corrected")
    assert row["gap"] == pytest.approx(1.0)


def test_two_objectives_have_a_shortfall_bounded_by_0_and_no_gap(make_run, make_campaign):
    row = row_of(make_run, make_campaign, "mix/S2/bw16/g8/i0/corrected/latency+energy")
    assert (row["objective"], row["unit"]) == ("latency+energy", "hypervolume shortfall")
    assert (row["best_value"], row["lower_bound"]) == (0.2, 0.0)
    assert np.isnan(row["gap"])


def test_the_throughput_is_told_where_the_objective_tells_it(make_run, make_campaign):
    latency, reciprocal, energy = (
        row_of(make_run, make_campaign, f"mix/S2/bw1/g10/i0/corrected{option}")["throughput_gflops"]
        for option in ("", "/throughput", "/energy")
    )
    assert latency == pytest.approx(reciprocal)
    assert np.isnan(energy)


def test_a_whole_workload_counts_its_jobs(make_run, make_campaign):
    problem = "alexnet/S2/bw1/gall/i0"
    assert row_of(make_run, make_campaign, problem)["num_jobs"] == problems.get(problem).num_jobs
    other = make_run(problem=problem, suite_version=99)
    assert np.isnan(float(runs_table(make_campaign([other, make_run()])).iloc[0]["num_jobs"]))


def test_names_are_computed_once_a_campaign(tiny):
    assert case_names(tiny) is case_names(tiny)
    assert optimizer_names(tiny) is optimizer_names(tiny)


def test_the_objective_of_an_id_that_cannot_be_read_is_told_by_its_end(make_run, make_campaign):
    run = make_run()
    strange = [replace(run, spec=replace(run.spec, problem=f"plugin/X9/bw1/g10/i0{o}")) for o in ("", "/energy")]
    assert [runs_table(make_campaign([s])).iloc[0]["unit"] for s in strange] == ["cycles", "nJ"]


def test_the_time_that_is_neither_ask_nor_tell_nor_evaluation_is_other(tiny):
    row = runs_table(tiny).iloc[0]
    assert row["other_seconds"] == pytest.approx(1.0 - 0.1 - 0.2 - 0.5)
    assert (row["total_seconds"], row["cpu_seconds"]) == (1.0, 2.0)


def test_only_complete_and_cut_runs_are_used(make_run, make_campaign):
    runs = [make_run(seed=i, status=s) for i, s in enumerate(("complete", "cut", "failed", "missing"))]
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
    assert np.isnan(row["lower_bound"])
    assert np.isnan(row["gap"])
    assert row["best_value"] == run.best_value


def test_a_problem_of_another_suite_version_has_no_bound(make_run, make_campaign):
    row = runs_table(make_campaign([make_run(suite_version=99)])).iloc[0]
    assert np.isnan(row["lower_bound"])


def test_every_improvement_is_a_row(any_campaign):
    table = trajectories_table(any_campaign)
    assert list(table.columns) == list(TRAJECTORY_COLUMNS)
    assert len(table) == sum(np.isfinite(run.trace_values).sum() for run in any_campaign.runs if run.status in USED)


def test_regret_is_to_the_best_value_known(make_run, make_campaign):
    stored, unknown = "mix/S2/bw1/g50/i0", "mix/S2/bw1/g50/i77"
    two = "mix/S2/bw16/g8/i0/corrected/latency+energy"
    rows = runs_table(make_campaign([make_run(problem=p, best=1.5) for p in (stored, unknown, two)]))
    best = problems.get(stored).best_known().value
    assert rows["best_known"].tolist()[0] == best
    assert rows["regret"][0] == pytest.approx(rows["best_value"][0] / best - 1.0)
    assert rows[["best_known", "regret"]].iloc[1:].isna().all(axis=None)
