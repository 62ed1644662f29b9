import numpy as np
import pytest

import problems


def test_facts_are_the_same_every_time_and_at_least_what_they_must_be():
    p = problems.get("mix/S2/bw1/g100/i0")
    facts = problems.facts_of(p)
    assert facts == problems.facts_of(problems.get("mix/S2/bw1/g100/i0"))
    assert facts.lower_bound == p.lower_bound()
    assert facts.random_level > 1.02
    assert facts.separates
    assert 0 < facts.longest_job_share < 1


def test_an_instance_that_one_job_decides_is_degenerate():
    latency = np.ones((20, 4))
    latency[0] = 1000.0
    facts = problems.facts_of(problems.from_job_table(latency, np.zeros((20, 4)), 1.0))
    assert facts.longest_job_share == pytest.approx(1.0)
    assert facts.random_level == pytest.approx(1.0, abs=0.02)
    assert not facts.separates
    assert "degenerate" in facts.verdict


def test_a_chain_forces_its_sum():
    before = [[], [0], [1], [2]]
    p = problems.from_job_table(np.ones((4, 2)), np.zeros((4, 2)), 1.0, predecessors=before)
    assert p.lower_bound() == pytest.approx(4.0)
    assert problems.facts_of(p).longest_job_share == pytest.approx(1.0)


def test_where_the_bound_is_0_the_level_is_unknown():
    facts = problems.facts_of(problems.from_job_table(np.zeros((5, 2)), np.zeros((5, 2)), 1.0))
    assert np.isnan(facts.random_level)
    assert "unknown" in facts.verdict


def test_jobs_that_a_core_cannot_run_are_repaired_in_the_random_mappings():
    latency = np.full((60, 2), np.inf)
    latency[:, 0] = 1.0
    facts = problems.facts_of(problems.from_job_table(latency, np.zeros((60, 2)), 1.0))
    assert facts.random_level == pytest.approx(1.0)
