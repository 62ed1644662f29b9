"""Annealing that sees the job table, as an optimizer."""

from itertools import product

import numpy as np
import pytest

import optimizers
import problems
from optimizers.native.informed.search import _Clock
from problems.foundation.errors import InvalidInput

NAME = "native-annealing-informed"
MIX = "mix/S2/bw1/g12/i100"


def search(problem, budget=50, seed=0, **parameters):
    made = optimizers.Search(problem, NAME, budget=budget, seed=seed, parameters=parameters)
    made.run()
    return made


def every_value(problem):
    """Values of all assignments, the jobs in all orders of a few jobs."""
    from itertools import permutations

    orders = [np.argsort(order) for order in permutations(range(problem.num_jobs))]
    for cores in product(range(problem.num_cores), repeat=problem.num_jobs):
        yield problem.evaluate(np.tile(cores, (len(orders), 1)), np.array(orders)).min()


@pytest.mark.parametrize("predecessors", [None, [[], [0], [], [2], [1]]])
@pytest.mark.parametrize("objective", ["latency", "edp", "energy"])
def test_on_tiny_tables_the_optimum_is_found(objective, predecessors):
    rng = np.random.default_rng(7)
    latency, bandwidth, energy = rng.random((3, 5, 2)) + 0.1
    energy = np.ascontiguousarray(energy)
    p = problems.from_job_table(latency, bandwidth, 0.8, energy=energy, predecessors=predecessors, objective=objective)
    found = search(p, steps=20_000).result().best_value
    assert found == pytest.approx(min(every_value(p)), rel=1e-9)


@pytest.mark.parametrize("problem", [MIX, f"{MIX}/dep", f"{MIX}/corrected/edp", f"{MIX}/throughput"])
def test_it_is_far_better_than_random_search_with_the_same_budget(problem):
    p = problems.get(problem)
    own = search(p, steps=20_000).result()
    assert own.best_value < optimizers.minimize(p, "random", budget=50).best_value
    assert p.evaluate(own.best_cores, own.best_priorities) == own.best_value


def test_the_budget_is_of_the_suites_evaluations_and_the_others_are_told():
    made = search(problems.get(MIX), budget=3, steps=5_000)
    assert made.result().num_evaluations <= 3
    assert made.settings == {"planned_steps": 5_000, "internal_evaluations": 5_000}


@pytest.mark.parametrize("steps", [1, 2, 7, 99])
def test_it_takes_as_many_steps_as_it_is_given(steps):
    assert search(problems.get(MIX), steps=steps).settings["internal_evaluations"] == steps


def test_what_is_handed_out_improves_all_the_way():
    r = search(problems.get("mix/S2/bw4/g50/i100"), steps=50_000).result()
    assert r.num_evaluations == len(r.trace_values) > 3


def test_it_ends_when_its_seconds_are_over():
    r = search(problems.get(MIX), seconds=0.2).result()
    assert r.seconds.total < 1.0


@pytest.mark.parametrize("seed", range(3))
def test_jobs_stay_on_cores_that_can_run_them(seed):
    latency = np.array([[np.inf, 8.0], [2.0, np.inf], [np.inf, 9.0], [0.0, 3.0]])
    r = search(problems.from_job_table(latency, np.ones((4, 2)), 1.0), seed=seed, steps=500).result()
    assert r.best_cores[:3].tolist() == [1, 0, 1]


@pytest.mark.parametrize("factor", [0.0, 1e-300, 1e300])
def test_any_scale_of_latencies_will_do(factor):
    latency = np.arange(1.0, 9.0).reshape(4, 2) * factor
    assert np.isfinite(search(problems.from_job_table(latency, np.ones((4, 2)), 1.0), steps=200).result().best_value)


def test_two_objectives_are_refused():
    with pytest.raises(InvalidInput, match="expected one objective"):
        search(problems.get(f"{MIX}/corrected/latency+energy"))


@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"seconds": -1.0}, {"initial_temperature": 0.1, "final_temperature": 0.2}]
)
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(InvalidInput):
        search(problems.get(MIX), **wrong)


def as_tables(cores, priorities):
    return [{"cores": c.tolist(), "priorities": p.tolist()} for c, p in zip(cores, priorities, strict=True)]


@pytest.mark.parametrize("problem", [MIX, f"{MIX}/dep", "mix/S4/bw1/g40/i100/dep"])
def test_a_warm_start_is_never_made_worse_whatever_ties_it_holds(problem):
    p = problems.get(problem)
    rng = np.random.default_rng(3)
    cores = rng.integers(p.num_cores, size=(3, p.num_jobs))
    priorities = rng.integers(4, size=cores.shape) / 4
    r = search(p, steps=1, warm_start=as_tables(cores, priorities)).result()
    assert r.trace_values[0] == p.evaluate(cores, priorities)[0]
    assert r.best_value <= p.evaluate(cores, priorities).min()


def test_a_search_goes_on_from_what_another_has_found():
    p = problems.get("mix/S2/bw4/g50/i100/dep")
    former = search(p, steps=50_000).result()
    start = as_tables(former.best_cores[None], former.best_priorities[None])
    model = search(p, budget=2, steps=1, warm_start=start)
    assert model.result().trace_values.tolist() == [former.best_value]
    assert search(p, steps=50_000, seed=1, warm_start=start).result().best_value <= former.best_value


def test_a_warm_start_is_moved_off_cores_that_cannot_run_its_jobs():
    latency = np.array([[np.inf, 8.0], [2.0, np.inf], [np.inf, 9.0]])
    p = problems.from_job_table(latency, np.ones((3, 2)), 1.0)
    r = search(p, steps=10, warm_start=[{"cores": [0, 1, 0], "priorities": [0.1, 0.2, 0.3]}]).result()
    assert r.best_cores.tolist() == [1, 0, 1]


def test_with_a_budget_of_one_the_suite_evaluates_what_came_of_a_warm_start():
    p = problems.get(MIX)
    start = as_tables(np.zeros((1, 12), int), np.zeros((1, 12)))
    r = search(p, budget=1, steps=5_000, warm_start=start).result()
    assert r.num_evaluations == 1
    assert r.best_value < p.evaluate(np.zeros(12, int), np.zeros(12))


@pytest.mark.parametrize("steps", [1, 31, 999, 10**6])
def test_pieces_make_up_the_round_and_are_short_of_many_jobs(steps):
    clock = _Clock(steps, None, longest=1_000)
    pieces = []
    while piece := clock.next_steps():
        pieces.append(piece)
        clock.advance(piece)
    assert sum(pieces) == steps
    assert max(pieces) <= 1_001


def test_more_steps_than_can_be_counted_are_refused():
    with pytest.raises(InvalidInput, match="steps: expected an integer from 1 to"):
        search(problems.get(MIX), steps=10**30)
