"""List scheduling and the mappers, on tables small enough to do by hand."""

import numpy as np
import pytest

import optimizers
import problems
from optimizers.builtin import BUILTIN
from problems.foundation.errors import InvalidInput, UnknownName

MAPPERS = [entry.name for entry in BUILTIN if entry.family == "mapper"]

INF = np.inf
LATENCY = np.array([[4.0, 8.0], [2.0, 1.0], [6.0, 9.0], [1.0, 3.0]])  # means 6, 1.5, 7.5, 2
BANDWIDTH = np.array([[1.0, 1.0], [9.0, 9.0], [2.0, 2.0], [5.0, 5.0]])

PLACED = {  # cores of jobs 0 to 3, and the order in which they are placed
    "list-fcfs-rr": ([0, 1, 0, 1], [0, 1, 2, 3]),
    "list-fcfs-idle": ([0, 1, 1, 0], [0, 1, 2, 3]),
    "list-fcfs-met": ([0, 1, 0, 0], [0, 1, 2, 3]),
    "list-fcfs-heft": ([0, 1, 0, 1], [0, 1, 2, 3]),
    "list-sjf-rr": ([0, 0, 1, 1], [1, 3, 0, 2]),
    "list-sjf-idle": ([0, 0, 1, 1], [1, 3, 0, 2]),
    "list-sjf-met": ([0, 1, 0, 0], [1, 3, 0, 2]),
    "list-sjf-heft": ([0, 1, 1, 0], [1, 3, 0, 2]),
    "list-ljf-rr": ([1, 1, 0, 0], [2, 0, 3, 1]),
    "list-ljf-idle": ([1, 0, 0, 0], [2, 0, 3, 1]),
    "list-ljf-met": ([0, 1, 0, 0], [2, 0, 3, 1]),
    "list-ljf-heft": ([1, 0, 0, 0], [2, 0, 3, 1]),
    "herald-like": ([1, 0, 0, 0], [2, 0, 3, 1]),
    "ai-mt-like": ([1, 0, 0, 0], [1, 0, 3, 2]),  # demands 9, 1, 5, 2
}


def mapped(name, latency=LATENCY, bandwidth=BANDWIDTH):
    p = problems.from_job_table(latency, bandwidth, system_bandwidth=10.0)
    return optimizers.minimize(p, name, budget=100, seed=0)


@pytest.mark.parametrize("name", MAPPERS)
def test_jobs_are_placed_as_by_hand(name):
    cores, order = PLACED[name]
    r = mapped(name)
    assert r.best_cores.tolist() == cores
    assert np.argsort(r.best_priorities).tolist() == order


@pytest.mark.parametrize("name", MAPPERS)
def test_one_mapping_is_all_that_is_evaluated(name):
    r = mapped(name)
    assert r.num_evaluations == 1
    assert r.stopped == "finished"


@pytest.mark.parametrize("name", MAPPERS)
def test_no_job_goes_to_a_core_that_cannot_run_it(name):
    latency = np.array([[INF, 8.0], [2.0, INF], [INF, 9.0], [INF, 3.0], [1.0, 1.0]])
    r = mapped(name, latency, np.where(np.isfinite(latency), 1.0, 0.0))
    assert r.best_cores[:4].tolist() == [1, 0, 1, 1]
    assert np.isfinite(r.best_value)


@pytest.mark.parametrize("name", MAPPERS)
def test_on_every_kind_of_problem_a_mapping_is_found(name):
    for problem in ("mix/S5/bw1/g1/i0", "language/S2/bw4/g50/i0/dep", "mix/S6/bw16/g60/i0/corrected/energy"):
        assert np.isfinite(optimizers.minimize(problems.get(problem), name, budget=5).best_value)


def test_an_unknown_rule_is_answered_with_the_known_ones():
    from optimizers.native.list_scheduling import ListScheduling
    from problems.space import SearchSpace

    with pytest.raises(UnknownName, match="known: fcfs, ljf, sjf"):
        ListScheduling(SearchSpace(2, 2), budget=1, seed=0, order="xyz")
    with pytest.raises(UnknownName, match="did you mean heft"):
        ListScheduling(SearchSpace(2, 2), budget=1, seed=0, core_rule="heff")


def test_a_problem_that_tells_nothing_of_its_jobs_is_refused():
    class Opaque:
        num_jobs, num_cores = 3, 2

        def evaluate(self, cores, priorities):
            return cores.sum(axis=1) + 1.0

    assert optimizers.minimize(Opaque(), "magma", budget=200).best_value == 1.0
    with pytest.raises(InvalidInput, match="'herald-like', which sees the jobs: expected one with a job table"):
        optimizers.minimize(Opaque(), "herald-like", budget=5)


def test_black_box_optimizers_are_told_nothing_of_the_jobs():
    p = problems.get("mix/S2/bw1/g8/i0")
    blind, seeing = (
        optimizers.Search(p, n, budget=1, seed=0, parameters={}).optimizer for n in ("magma", "ai-mt-like")
    )
    assert blind.space.jobs is None
    assert seeing.space.jobs.latency is p.job_table.latency
