"""Claims that the stored mapping does not bear out."""

from dataclasses import replace

import numpy as np
import pytest

import problems
from reports.replay import replayed

PROBLEM = "mix/S2/bw1/g10/i0"


@pytest.fixture
def honest(make_run):
    p = problems.get(PROBLEM)
    cores, priorities = np.zeros(10, int), np.linspace(0.0, 0.9, 10)
    run = make_run(problem=PROBLEM)
    return replace(run, cores=cores, priorities=priorities, best_cycles=p.evaluate(cores, priorities))


def test_an_honest_run_stays_as_it_is(honest, make_campaign):
    assert replayed(make_campaign([honest])).runs == (honest,)


@pytest.mark.parametrize("claim", [100.0, -5.0, 1e30])
def test_a_claim_that_the_mapping_does_not_bear_out_fails_the_run(honest, make_campaign, claim):
    run = replayed(make_campaign([replace(honest, best_cycles=claim)])).runs[0]
    assert run.status == "failed"
    assert "its stored mapping takes" in run.message


def test_a_mapping_that_is_none_fails_the_run(honest, make_campaign):
    run = replayed(make_campaign([replace(honest, cores=honest.cores + 7)])).runs[0]
    assert run.status == "failed"
    assert "expected a core from 0 to 3" in run.message


def test_runs_of_other_suites_and_unknown_problems_are_taken_at_their_word(honest, make_campaign):
    other = replace(honest, best_cycles=1.0, spec=replace(honest.spec, suite_version=99))
    unknown = replace(honest, best_cycles=1.0, spec=replace(honest.spec, problem="plugin/S1/bw1/g10/i0"))
    assert replayed(make_campaign([other, unknown])).runs == (other, unknown)
