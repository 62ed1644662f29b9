"""Optimizers that evaluate in several threads, or change arrays that they have handed over."""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import optimizers
from optimizers.contract import Optimizer
from optimizers.evaluators.wrapper import RunEnded
from optimizers.journal import Journal
from optimizers.result import FullTrace
from optimizers.testing import TwoWeights, Weights
from problems.foundation.errors import BadProposal

THREADS = 8


@pytest.fixture(autouse=True)
def _frequent_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


class Crowd(Optimizer):
    """Evaluates in threads until each has met the end of the run twice."""

    multi_objective = True
    size = 3

    def run(self, evaluator):
        with ThreadPoolExecutor(THREADS) as pool:
            self.ends = list(pool.map(lambda seed: self.work(evaluator, seed), range(THREADS)))
        type(self).last = self

    def work(self, evaluator, seed):
        rng, ends = np.random.default_rng(seed), 0
        while ends < 2:
            try:
                evaluator.evaluate(*self.space.sample(rng, self.size))
            except RunEnded:
                ends += 1
        return ends


def searched(problem, optimizer, budget, **limits):
    search = optimizers.Search(problem, optimizer, budget=budget, seed=0, parameters={}, full_trace=FullTrace.MAPPINGS)
    search.run(**limits)
    return search.result()


@pytest.mark.parametrize("budget", [1, 200, 1000])
def test_threads_together_spend_the_budget_to_the_evaluation(budget):
    problem = Weights()
    r = searched(problem, Crowd, budget)
    assert r.num_evaluations == problem.num_evaluations == len(r.all_values) == len(r.all_cores) == budget
    assert r.stopped == "budget"
    assert Crowd.last.ends == [2] * THREADS


@pytest.mark.parametrize("problem", [Weights(), TwoWeights()])
def test_the_record_of_threads_is_that_of_their_evaluations_in_order(problem, tmp_path):
    search = optimizers.Search(
        problem,
        Crowd,
        budget=500,
        seed=0,
        parameters={},
        full_trace=FullTrace.VALUES,
        journal=Journal(tmp_path / "journal"),
    )
    search.run()
    r = search.result()
    if r.all_values.ndim == 1:
        assert np.minimum.accumulate(r.all_values)[r.trace_evaluations - 1].tolist() == r.trace_values.tolist()
    else:
        assert r.best_value == pytest.approx(1.0 - problem.hypervolume(r.all_values), abs=1e-12)
    recovered = optimizers.recovered(problem, tmp_path / "journal")
    assert recovered.num_evaluations == r.num_evaluations
    assert recovered.trace_values.tolist() == r.trace_values.tolist()


@pytest.mark.parametrize("limit", ["wall", "cpu"])
def test_a_time_limit_ends_the_run_in_every_thread(limit):
    r = searched(Weights(), Crowd, 10**9, **{f"{limit}_limit_seconds": 0.2})
    assert r.stopped == limit
    assert Crowd.last.ends == [2] * THREADS


def test_a_bad_proposal_ends_the_run_in_every_thread():
    class Bad(Crowd):
        def work(self, evaluator, seed):
            if seed == 3:
                with pytest.raises(BadProposal):
                    evaluator.evaluate(np.zeros((1, 1), int), np.zeros((1, 1)))
            return super().work(evaluator, seed)

    with pytest.raises(BadProposal):
        searched(Weights(), Bad, 10**9)


def test_what_a_thread_evaluates_after_the_run_is_refused_and_changes_nothing():
    outcome = []

    class Leaves(Optimizer):
        def run(self, evaluator):
            evaluator.evaluate(*self.space.sample(self.rng, 5))
            type(self).thread = threading.Thread(target=self.later, args=(evaluator,))
            self.thread.start()

        def later(self, evaluator):
            time.sleep(0.2)
            try:
                evaluator.evaluate(*self.space.sample(self.rng, 5))
            except RunEnded as end:
                outcome.append(end)

    problem = Weights()
    r = searched(problem, Leaves, 100)
    Leaves.thread.join()
    assert len(outcome) == 1
    assert r.num_evaluations == problem.num_evaluations == 5
    assert r.stopped == "finished"


def test_a_result_waits_for_the_evaluation_that_another_thread_is_at():
    class Slow(Weights):
        def evaluate(self, cores, priorities):
            time.sleep(0.2)
            return super().evaluate(cores, priorities)

    class Hurries(Optimizer):
        def run(self, evaluator):
            type(self).thread = threading.Thread(target=evaluator.evaluate, args=self.space.sample(self.rng, 5))
            self.thread.start()
            time.sleep(0.1)

    r = searched(Slow(), Hurries, 100)
    assert r.num_evaluations == len(r.all_values) == 5
    Hurries.thread.join()


class Tidies(Optimizer):
    """Overwrites what it has proposed and received, as soon as it may; remembers copies."""

    multi_objective = True

    def run(self, evaluator):
        cores, priorities = self.space.sample(self.rng, 10)
        type(self).values = []
        type(self).cores = []
        for _ in range(20):
            new_cores, new_priorities = self.space.sample(self.rng, 10)
            cores[:], priorities[:] = new_cores, new_priorities
            values = evaluator.evaluate(cores, priorities)
            self.values.append(values.copy())
            self.cores.append(cores.copy())
            cores[:], priorities[:], values[:] = 0, 0.0, -1.0


@pytest.mark.parametrize("problem", [Weights(), TwoWeights()])
def test_arrays_that_an_optimizer_changes_afterwards_change_nothing_that_is_recorded(problem, tmp_path):
    journal = Journal(tmp_path / "journal")
    search = optimizers.Search(
        problem, Tidies, budget=1000, seed=0, parameters={}, full_trace=FullTrace.MAPPINGS, journal=journal
    )
    search.run()
    r = search.result()
    assert np.array_equal(r.all_values, np.concatenate(Tidies.values))
    assert np.array_equal(r.all_cores, np.concatenate(Tidies.cores))
    assert np.array_equal(
        problem.evaluate(r.front_cores, r.front_priorities).reshape(r.front_values.shape), r.front_values
    )
    recovered = optimizers.recovered(problem, tmp_path / "journal")
    assert np.array_equal(recovered.front_values, r.front_values)
    assert np.array_equal(recovered.front_cores, r.front_cores)


def test_values_that_an_optimizer_changes_are_its_own_and_not_the_problems():
    class Keeps(Weights):
        """Answers with an array that it keeps."""

        def evaluate(self, cores, priorities):
            self.kept = super().evaluate(cores, priorities)
            self.values = self.kept.copy()
            return self.kept

    problem = Keeps()
    optimizers.minimize(problem, Tidies, budget=1000)
    assert problem.kept.tolist() == problem.values.tolist()
