from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import problems
from problems.foundation.errors import InvalidInput, UnknownName
from reports.frames.effort import CPU
from reports.frames.summary import GAPS, make_tables
from reports.statistics.targets import FAILED_NOTE, RUNTIME_COLUMNS, references, runtimes, target_values

PROBLEM = "mix/S2/bw1/g10/i0"
TWO = "mix/S2/bw16/g8/i0/corrected/latency+energy"


@pytest.mark.parametrize("targets", ["bound", "best"])
def test_runtimes_have_the_documented_columns_and_a_row_for_each_run_and_target(any_tables_to, targets):
    tables = any_tables_to(targets)
    found = runtimes(tables)
    assert list(found.columns) == list(RUNTIME_COLUMNS)
    assert (found["evaluations"].dropna() <= found["budget"][found["evaluations"].notna()]).all()
    assert found["spent"].notna().all()


def test_targets_are_gaps_to_the_certified_bound_or_to_the_best_known_value(make_run, make_campaign):
    campaign = make_campaign([make_run(seed=0, best=1.5), make_run(seed=1, best=1.2)])
    bound = problems.get(PROBLEM).lower_bound()
    assert references(make_tables(campaign))[PROBLEM] == pytest.approx(bound)
    assert references(make_tables(campaign, targets="best"))[PROBLEM] == pytest.approx(1.2 * bound)
    assert target_values(make_tables(campaign)).loc[PROBLEM, 0.5] == pytest.approx(1.5 * bound)


def test_without_a_bound_targets_are_gaps_to_the_best_known_value(make_run, make_campaign):
    campaign = make_campaign([make_run(seed=0, best=1.5, suite_version=99)])
    assert references(make_tables(campaign))[PROBLEM] == pytest.approx(1.5 * problems.get(PROBLEM).lower_bound())


def test_the_best_known_value_is_not_that_of_a_failed_run(make_run, make_campaign):
    campaign = make_campaign([make_run(best=1.5), make_run(seed=1, best=1.1, status="failed")])
    reference = references(make_tables(campaign, targets="best"))[PROBLEM]
    assert reference == pytest.approx(1.5 * problems.get(PROBLEM).lower_bound())


def test_a_case_without_bound_and_valid_mapping_has_no_targets(make_run, make_campaign):
    tables = make_tables(make_campaign([make_run(best=None)]), targets="best")
    assert np.isnan(references(tables)[PROBLEM])
    assert runtimes(tables).empty


def test_with_two_objectives_targets_are_shortfalls_below_one(make_run, make_campaign):
    campaign = make_campaign([make_run(best=1.5, problem=TWO)])  # a shortfall of 0.15
    values = target_values(make_tables(campaign)).loc[TWO]
    assert values[0.2] == pytest.approx(0.2)
    assert np.isnan(values[1.0])
    assert target_values(make_tables(campaign, targets="best")).loc[TWO, 0.2] == pytest.approx(0.35)


def test_a_target_is_reached_by_the_first_evaluation_at_it_or_below(make_run, make_campaign):
    found = runtimes(make_tables(make_campaign([make_run(best=1.2)])))  # 2.4, 1.8, 1.2 from 1, 10, 50
    hits = dict(zip(found["target"], found["evaluations"], strict=True))
    assert (hits[2.0], hits[1.0], hits[0.5]) == (1, 10, 50)
    assert np.isnan(hits[0.1])
    assert set(hits) == set(GAPS)


def test_a_run_spends_what_it_needs_or_all_that_it_had(make_run, make_campaign):
    short = replace(make_run(best=1.2), num_evaluations=60)
    found = runtimes(make_tables(make_campaign([short]))).set_index("target")["spent"]
    assert (found[1.0], found[0.1]) == (10, 60)


def test_a_failed_run_reaches_nothing_and_has_spent_its_budget(make_run, make_campaign):
    failed = replace(make_run(best=1.0, status="failed"), num_evaluations=3)
    found = runtimes(make_tables(make_campaign([failed, make_run("random")])))
    found = found[found["optimizer"] == "magma"]
    assert found["evaluations"].isna().all()
    assert set(found["spent"]) == {100.0}
    assert "budget" in FAILED_NOTE


def test_missing_runs_are_left_out(make_run, make_campaign):
    campaign = make_campaign([make_run(), make_run(seed=1, status="missing")])
    assert set(runtimes(make_tables(campaign))["seed"]) == {0}


def test_targets_can_be_gaps_to_what_the_suite_knows(make_run, make_campaign):
    stored, unknown = "mix/S2/bw1/g50/i0", "mix/S2/bw1/g50/i77"
    campaign = make_campaign([make_run(problem=p, best=1.5) for p in (stored, unknown)])
    found = references(make_tables(campaign, targets="best-known"))
    assert found[stored] == problems.get(stored).best_known().value
    assert found[unknown] == problems.get(unknown).lower_bound()


def test_targets_can_be_own_gaps_in_any_order(make_run, make_campaign):
    tables = make_tables(make_campaign([make_run(best=1.2)]), gaps=(0.5, 0.25))
    assert tables.gaps == (0.25, 0.5)
    assert list(target_values(tables)) == [0.25, 0.5]
    assert set(runtimes(tables)["target"]) == {0.25, 0.5}


@pytest.mark.parametrize("gaps", [(), (0.0,), (-0.1,), (np.nan,), (np.inf,), (0.1, 0.1), (0.1, 0.1 + 1e-12), ("a",)])
def test_impossible_gaps_are_one_clear_error(tiny, gaps):
    with pytest.raises(InvalidInput, match="gaps: expected"):
        make_tables(tiny, gaps=gaps)


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, 95.0, np.nan])
def test_impossible_levels_are_one_clear_error(tiny, level):
    with pytest.raises(InvalidInput, match="level: expected a number between 0 and 1"):
        make_tables(tiny, level=level)


def test_an_unknown_reference_is_one_clear_error(tiny):
    with pytest.raises(UnknownName, match="did you mean best"):
        make_tables(tiny, targets="bset")


def test_targets_are_reached_after_so_many_cpu_seconds(make_run, make_campaign):
    found = runtimes(make_tables(make_campaign([make_run(best=1.2)])), CPU).set_index("target")
    assert found["cpu_seconds"][[2.0, 1.0, 0.5]].tolist() == [0.2, 0.4, 0.6]  # as the record has them
    assert found["spent"][[2.0, 0.1]].tolist() == [0.2, 2.0]
    assert set(found["budget"]) == {2.0}
