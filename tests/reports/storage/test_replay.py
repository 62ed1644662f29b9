"""Claims that the stored mapping does not bear out."""

import re
from dataclasses import replace

import numpy as np
import pytest

import optimizers
import problems
from reports.storage.replay import refusal, replayed

PROBLEM = "mix/S2/bw1/g10/i0"
TWO = "mix/S2/bw16/g8/i0/corrected/latency+energy"


@pytest.fixture
def honest(make_run):
    p = problems.get(PROBLEM)
    cores, priorities = np.zeros(10, int), np.linspace(0.0, 0.9, 10)
    value = p.evaluate(cores, priorities)
    front = {
        "front_values": np.array([[value]]),
        "front_cores": cores[None, :],
        "front_priorities": priorities[None, :],
    }
    return replace(make_run(problem=PROBLEM), best_value=value, **front)


@pytest.fixture
def honest_front(make_run):
    r = optimizers.minimize(problems.get(TWO), "random", budget=200)
    front = {"front_values": r.front_values, "front_cores": r.front_cores, "front_priorities": r.front_priorities}
    return replace(make_run(problem=TWO), best_value=r.best_value, **front)


def test_an_honest_run_stays_as_it_is(honest, make_campaign):
    assert replayed(make_campaign([honest])).runs == (honest,)


@pytest.mark.parametrize("claim", [100.0, -5.0, 1e30])
def test_a_claim_that_the_mapping_does_not_bear_out_fails_the_run(honest, make_campaign, claim):
    run = replayed(make_campaign([replace(honest, best_value=claim, front_values=np.array([[claim]]))])).runs[0]
    assert run.status == "failed"
    assert re.search(
        r"its stored mapping does not match: stored [0-9.,e+-]+ cycles, evaluated [0-9.,e+]+ cycles", run.message
    )


def test_a_value_that_is_not_that_of_the_mapping_fails_the_run(honest, make_campaign):
    run = replayed(make_campaign([replace(honest, best_value=1.0)])).runs[0]
    assert run.status == "failed"
    assert "stored 1, evaluated" in run.message


def test_a_mapping_that_cannot_run_bears_out_nothing(honest, make_campaign, monkeypatch):
    stuck = problems.from_job_table([[np.inf, 1.0]] * 10, np.ones((10, 2)), 1.0)
    monkeypatch.setattr("reports.storage.replay.known_problem", lambda problem_id, files: stuck)
    assert replayed(make_campaign([honest])).runs[0].status == "failed"


def test_an_honest_front_stays_as_it_is(honest_front, make_campaign):
    assert len(honest_front.front_values) > 2
    assert replayed(make_campaign([honest_front])).runs == (honest_front,)


def test_every_mapping_of_a_front_is_replayed(honest_front, make_campaign):
    values = honest_front.front_values.copy()
    values[1] *= 0.9
    run = replayed(make_campaign([replace(honest_front, front_values=values)])).runs[0]
    assert run.status == "failed"
    assert re.search(
        r"mapping 2 of its stored front does not match: stored .* cycles and .* nJ, evaluated .* cycles and",
        run.message,
    )


@pytest.mark.parametrize("claim", [0.0, -1.0, 0.999])
def test_a_shortfall_that_the_front_does_not_leave_fails_the_run(honest_front, make_campaign, claim):
    run = replayed(make_campaign([replace(honest_front, best_value=claim)])).runs[0]
    assert run.status == "failed"
    assert "evaluated 0." in run.message


def test_a_front_of_a_problem_with_one_objective_fails_the_run(honest_front, make_campaign):
    other = replace(honest_front.spec, problem=TWO.removesuffix("/latency+energy"))
    run = replayed(make_campaign([replace(honest_front, spec=other)])).runs[0]
    assert "have 2 value(s) each: expected 1" in run.message


def test_a_campaign_is_replayed_once(honest, make_campaign):
    campaign = make_campaign([honest])
    once = replayed(campaign)
    assert replayed(once) is once


def test_a_mapping_that_is_none_fails_the_run(honest, make_campaign):
    run = replayed(make_campaign([replace(honest, front_cores=honest.front_cores + 7)])).runs[0]
    assert run.status == "failed"
    assert "expected a core from 0 to 3" in run.message


def test_runs_of_other_suites_and_unknown_problems_are_taken_at_their_word(honest, make_campaign):
    other = replace(honest, best_value=1.0, spec=replace(honest.spec, suite_version=99))
    unknown = replace(honest, best_value=1.0, spec=replace(honest.spec, problem="plugin/S1/bw1/g10/i0"))
    assert replayed(make_campaign([other, unknown])).runs == (other, unknown)


def test_a_refusal_tells_why_a_runs_results_are_not_believed(honest, make_run):
    assert refusal(honest) == refusal(make_run(status="failed")) == ""
    assert "does not match" in refusal(replace(honest, front_values=honest.front_values / 2.0))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"best_value": -5.0}, "a value of -5: expected 0, or from"),
        ({"trace_values": np.array([2.0, 1.0, -np.inf])}, "a value of -inf"),
        ({"best_value": 1e308}, "a value of 1e+308"),
        ({"trace_evaluations": np.array([0, 1, 2])}, "an evaluation number 0"),
    ],
)
def test_numbers_that_cannot_be_right_fail_the_run_and_enter_no_figure(make_run, make_campaign, changes, message):
    run = replayed(make_campaign([replace(make_run(), **changes)])).runs[0]
    assert (run.status, run.num_evaluations, run.trace_values.size) == ("failed", 0, 0)
    assert message in run.message


def test_a_failed_run_keeps_its_message(make_run, make_campaign):
    run = replace(make_run(status="failed", message="ValueError: no"), best_value=-5.0)
    assert replayed(make_campaign([run])).runs[0].message == "ValueError: no"


def test_values_of_nothing_are_values(make_run, make_campaign):
    run = replace(make_run(), best_value=0.0, trace_values=np.array([2.0, 1.0, 0.0]))
    assert replayed(make_campaign([run])).runs == (run,)
