from __future__ import annotations

from dataclasses import replace

import numpy as np

from reports.frames.effort import CPU, EVALUATIONS, charged, untimed
from reports.frames.runs import runs_table


def seconds(run, cpu):
    return replace(run, seconds={**run.seconds, "cpu": cpu})


def test_evaluations_are_charged_up_to_the_budget(make_run, make_campaign):
    runs = [replace(make_run(), num_evaluations=60), replace(make_run("b", status="failed"), num_evaluations=3)]
    found = charged(runs_table(make_campaign(runs)), EVALUATIONS)
    assert found["spent"].tolist() == [60.0, 100.0]
    assert found["budget"].tolist() == [100, 100]


def test_in_cpu_seconds_the_longest_run_on_the_problem_is_the_budget(make_run, make_campaign):
    runs = [seconds(make_run(), 2.0), seconds(make_run("b"), 5.0), seconds(make_run("c", status="failed"), 0.1)]
    runs.append(seconds(make_run(problem="mix/S2/bw1/g10/i1"), 1.0))
    found = charged(runs_table(make_campaign(runs)), CPU)
    assert found["spent"].tolist() == [2.0, 5.0, 5.0, 1.0]
    assert found["budget"].tolist() == [5.0, 5.0, 5.0, 1.0]


def test_an_optimizer_with_unknown_cpu_times_is_left_out(make_run, make_campaign):
    runs = runs_table(make_campaign([make_run(), make_run("b"), seconds(make_run("b", 1), np.nan)]))
    assert untimed(runs) == ["b"]
    assert list(charged(runs, CPU)["optimizer"]) == ["magma"]
    assert len(charged(runs, EVALUATIONS)) == 3


def test_failed_runs_without_any_time_are_charged_the_least(make_run, make_campaign):
    runs = runs_table(make_campaign([seconds(make_run(status="failed"), np.nan)]))
    assert charged(runs, CPU)["spent"].tolist() == [CPU.least]
