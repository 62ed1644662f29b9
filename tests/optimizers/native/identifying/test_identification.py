"""What experiments tell of the jobs, compared with the table that the values come from."""

import numpy as np
import pytest

import problems
from optimizers.native.identifying.bench import Bench
from optimizers.native.identifying.identification import evaluations_needed, identify
from optimizers.native.identifying.lab import Lab, Unidentified
from problems.space import SearchSpace

KINDS = [0, 0, 1, 0, 1]


def table(demands, seed=0):
    """Latency and demand of jobs; on the second kind of core, a slower one, they ask for a twentieth of ``demands``."""
    rng = np.random.default_rng(seed)
    latency = rng.uniform(1.0, 3.0, (len(demands), 2)) * [1.0, 2.0]
    return latency, np.stack([demands, 0.05 * np.asarray(demands)], axis=1)


def problem_of(latency, demand, kinds=KINDS):
    return problems.from_job_table(latency[:, kinds], demand[:, kinds], 1.0)


def identified(problem):
    lab = Lab(SearchSpace(problem.num_jobs, problem.num_cores), problem, 10**6)
    bench = Bench(lab)
    return bench, identify(bench, np.random.default_rng(1)), lab


def some_mappings(problem, count=100):
    return SearchSpace(problem.num_jobs, problem.num_cores).sample(np.random.default_rng(2), count)


MIXED = [0.001] * 10 + [0.1, 0.3, 0.6] * 5 + [1.5, 3.0, 12.0] * 3


def test_cores_are_of_one_kind_if_they_are_equal():
    bench, _, _ = identified(problem_of(*table(MIXED)))
    assert [bench.kinds[core] == bench.kinds[0] for core in range(5)] == [kind == 0 for kind in KINDS]


def test_latencies_are_those_of_the_table():
    latency, demand = table(MIXED)
    bench, costs, _ = identified(problem_of(latency, demand))
    assert costs.latency[:, bench.kinds] == pytest.approx(latency[:, KINDS], rel=2e-3)


def test_volumes_are_those_of_the_table():
    latency, demand = table(MIXED)
    bench, costs, _ = identified(problem_of(latency, demand))
    assert costs.volume[:, bench.kinds] == pytest.approx((latency * demand)[:, KINDS], rel=2e-2, abs=1e-2)


@pytest.mark.parametrize("demands", [MIXED, [0.001] * 12, [0.001] * 8 + [2.0, 5.0] * 8])
def test_the_model_predicts_mappings_that_were_no_experiment(demands):
    p = problem_of(*table(demands))
    bench, costs, _ = identified(p)
    model = problem_of(costs.latency, costs.volume / costs.latency, bench.kinds)
    mappings = some_mappings(p)
    assert model.evaluate(*mappings) == pytest.approx(p.evaluate(*mappings), rel=5e-3)


@pytest.mark.parametrize("platform", ["S1/bw1", "S4/bw1", "S5/bw16"])
def test_the_model_predicts_mappings_of_the_suite(platform):
    p = problems.get(f"mix/{platform}/g40/i100")
    bench, costs, _ = identified(p)
    model = problem_of(costs.latency, costs.volume / costs.latency, bench.kinds)
    mappings = some_mappings(p)
    assert model.evaluate(*mappings) == pytest.approx(p.evaluate(*mappings), rel=2e-2)


def test_the_excess_of_jobs_that_are_loud_everywhere_adds_up():
    latency, demand = table([0.001] * 8 + [5.0, 2.0, 4.0])
    p = problem_of(latency, demand, [0, 0, 0])
    _, costs, _ = identified(p)
    alone = np.maximum(latency, latency * demand)[:, 0].sum()
    assert np.maximum(costs.latency, costs.volume).sum() == pytest.approx(alone, rel=1e-3)


def test_a_job_that_outlasts_all_others_is_told_on_every_kind():
    latency, demand = table(MIXED)
    latency[0] = [3.0, 1.5] * latency.sum(axis=0)
    bench, costs, _ = identified(problem_of(latency, demand))
    assert costs.latency[0, bench.kinds] == pytest.approx(latency[0, KINDS], rel=2e-2)


def test_it_takes_as_many_evaluations_as_it_says():
    p = problem_of(*table(MIXED))
    bench, _, lab = identified(p)
    assert 10**6 - lab.left == p.num_cores + evaluations_needed(bench)


def test_without_equal_cores_there_is_no_bench():
    with pytest.raises(Unidentified):
        identified(problem_of(*table(MIXED), [0, 1]))


def test_the_lab_keeps_the_best_mapping():
    p = problem_of(*table(MIXED))
    _, _, lab = identified(p)
    ranks = np.argsort(lab.best_order) / p.num_jobs
    assert p.evaluate(lab.best_cores[None, :], ranks[None, :])[0] == lab.best_value
