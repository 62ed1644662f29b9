from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import problems
from reports.frames.instances import INSTANCE_COLUMNS, degeneracy_warning, degenerate, instances_table
from reports.frames.runs import runs_table

GOOD, DEGENERATE = "mix/S2/bw1/g100/i0", "vision/S1/bw4/g10/i0"


def instances_of(campaign):
    return instances_table(runs_table(campaign))


def test_every_case_is_a_row_with_the_documented_columns(any_campaign):
    runs = runs_table(any_campaign)
    table = instances_table(runs)
    assert list(table.columns) == list(INSTANCE_COLUMNS)
    assert list(table["case"]) == list(runs["case"].unique())
    assert table["verdict"].map(len).min() > 0 if len(table) else True


def test_the_facts_are_those_of_the_problem(make_run, make_campaign):
    row, p = instances_of(make_campaign([make_run(problem=GOOD)])).iloc[0], problems.get(GOOD)
    facts = problems.facts_of(p)
    assert (row["jobs"], row["cores"], row["objective"], row["unit"]) == (100, 4, "latency", "cycles")
    assert row["lower_bound"] == facts.lower_bound == p.lower_bound()
    assert (row["random_level"], row["longest_job_share"]) == (facts.random_level, facts.longest_job_share)
    assert bool(row["separates"])
    assert row["verdict"] == facts.verdict


def test_of_two_objectives_the_first_is_told(make_run, make_campaign):
    problem = "mix/S2/bw16/g8/i0/corrected/latency+energy"
    row = instances_of(make_campaign([make_run(problem=problem)])).iloc[0]
    assert (row["objective"], row["unit"]) == ("latency+energy", "cycles")
    assert row["lower_bound"] == problems.get(problem).lower_bound()


def test_degenerate_instances_are_named(make_run, make_campaign):
    table = instances_of(make_campaign([make_run(problem=GOOD), make_run(problem=DEGENERATE)]))
    assert degenerate(table) == [DEGENERATE]
    warning = degeneracy_warning(table)
    assert warning.startswith("1 of 2 instances do not separate optimizers")
    assert warning.endswith(f": {DEGENERATE}.")
    assert degeneracy_warning(table[:1]) == ""


def test_of_many_degenerate_instances_some_are_named():
    table = pd.DataFrame({"case": list("abcdef"), "separates": [False] * 5 + [None]})
    warning = degeneracy_warning(table)
    assert warning.startswith("5 of 6 instances")
    assert warning.endswith(": a, b, c and 2 more.")


def test_instances_that_are_not_known_here_have_no_verdict(make_run, make_campaign):
    row = instances_of(make_campaign([make_run(suite_version=99)])).iloc[0]
    assert row["verdict"] == "unknown problem"
    assert row["separates"] is None
    assert np.isnan(float(row["random_level"]))


def test_very_large_instances_are_not_looked_at(make_run, make_campaign, monkeypatch):
    monkeypatch.setattr("reports.frames.instances.MOST_JOBS", 50)
    row = instances_of(make_campaign([make_run(problem=GOOD)])).iloc[0]
    assert row["verdict"] == "not analysed: more than 50 jobs"
    assert row["lower_bound"] > 0


@pytest.mark.parametrize("value", [True, False])
def test_verdicts_read_back_from_a_file(make_run, make_campaign, tmp_path, value):
    problem = GOOD if value else DEGENERATE
    instances_of(make_campaign([make_run(problem=problem)])).to_csv(tmp_path / "i.csv", index=False)
    assert bool(pd.read_csv(tmp_path / "i.csv")["separates"][0]) is value
