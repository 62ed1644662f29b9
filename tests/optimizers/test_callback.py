"""Callbacks: what they see, when they are called, and how they end a run."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import FrozenInstanceError
from itertools import pairwise

import numpy as np
import pytest

import optimizers
from optimizers.contract import AskTellOptimizer, Optimizer
from optimizers.evaluators.wrapper import RunEnded
from optimizers.testing import TwoWeights, Weights
from problems.foundation.errors import InvalidInput


def watched(name="native-sa", objective=None, budget=60, **options):
    """The result of a run, and all that its callback has seen."""
    seen = []
    objective = Weights() if objective is None else objective
    return optimizers.minimize(objective, name, budget=budget, callback=seen.append, **options), seen


@pytest.mark.parametrize(
    "name", ["native-sa", "random", "native-ga", "nevergrad-oneplusone", "optuna-random", "deap-de"]
)
def test_a_callback_changes_nothing(name):
    r, seen = watched(name)
    plain = optimizers.minimize(Weights(), name, budget=60)
    assert r.trace_evaluations.tolist() == plain.trace_evaluations.tolist()
    assert r.trace_values.tolist() == plain.trace_values.tolist()
    assert r.stopped == "budget"
    assert seen[-1].best_value == r.best_value


def test_it_sees_each_improvement_of_a_method_that_proposes_one_mapping_at_a_time():
    r, seen = watched()
    assert [p.evaluations for p in seen] == r.trace_evaluations.tolist()
    assert [p.best_value for p in seen] == r.trace_values.tolist()
    assert (seen[-1].best_cores == r.best_cores).all()
    assert (seen[-1].best_priorities == r.best_priorities).all()
    assert 0.0 < seen[0].seconds <= seen[-1].seconds <= r.seconds.total


def test_it_sees_every_so_many_evaluations_too_and_a_batch_once():
    r, seen = watched(callback_every=20)
    assert [p.evaluations for p in seen] == sorted({*r.trace_evaluations.tolist(), 20, 40, 60})
    _, seen = watched("native-ga", budget=250, callback_every=1)
    assert [p.evaluations for p in seen] == [100, 199, 250]


def test_it_sees_the_shortfall_of_two_objectives():
    r, seen = watched("random", TwoWeights())
    assert seen[-1].best_value == r.best_value
    assert all(a.best_value > b.best_value for a, b in pairwise(seen))


def test_what_it_is_given_is_its_own():
    def spoil(progress):
        progress.best_cores[:] = 99
        with pytest.raises(FrozenInstanceError):
            progress.evaluations = 0

    r = optimizers.minimize(Weights(), "native-sa", budget=30, callback=spoil)
    assert r.best_cores.max() < 3


@pytest.mark.parametrize(
    "name", ["native-sa", "random", "nevergrad-oneplusone", "nevergrad-cma", "optuna-random", "deap-de"]
)
def test_true_ends_the_run(name):
    r = optimizers.minimize(Weights(), name, budget=500, callback=lambda p: p.evaluations >= 30, callback_every=10)
    assert r.stopped == "callback"
    assert 30 <= r.num_evaluations < 500


class Stubborn(Optimizer):
    """Catches whatever it can."""

    def run(self, evaluator):
        for _ in range(100):
            try:
                evaluator.evaluate(*self.space.sample(self.rng, 1))
            except Exception:
                continue


@pytest.mark.parametrize(
    ("answer", "stopped"),
    [(True, "callback"), (np.True_, "callback"), (False, "budget"), (np.False_, "budget"), (None, "budget")],
)
def test_true_ends_it_and_false_or_nothing_does_not(answer, stopped):
    assert optimizers.minimize(Weights(), "native-sa", budget=20, callback=lambda p: answer).stopped == stopped


@pytest.mark.parametrize("optimizer", ["native-sa", "nevergrad-oneplusone", Stubborn])
@pytest.mark.parametrize("callback", [lambda p: 1, lambda p: "yes", lambda p: [], lambda p: p.best_value])
def test_any_other_answer_is_told_at_once(optimizer, callback):
    objective = Weights()
    with pytest.raises(InvalidInput, match="callback: expected True, False or None, got"):
        optimizers.minimize(objective, optimizer, budget=20, callback=callback)
    assert objective.num_evaluations == 1


def test_the_last_evaluation_may_be_ended_by_the_callback():
    r = optimizers.minimize(
        Weights(), "native-sa", budget=20, callback=lambda p: p.evaluations == 20, callback_every=20
    )
    assert (r.stopped, r.num_evaluations) == ("callback", 20)


@pytest.mark.parametrize("optimizer", ["native-sa", "nevergrad-oneplusone", "optuna-random", Stubborn])
def test_its_exceptions_reach_the_caller(optimizer):
    def fail(progress):
        raise ZeroDivisionError("mine")

    objective = Weights()
    with pytest.raises(ZeroDivisionError, match="mine"):
        optimizers.minimize(objective, optimizer, budget=50, callback=fail)
    assert objective.num_evaluations == 1


class Threads(Optimizer):
    """Evaluates in four threads until each has met the end of the run."""

    def run(self, evaluator):
        def search(rng):
            with suppress(RunEnded):
                while True:
                    evaluator.evaluate(*self.space.sample(rng, 1))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(search, self.rng.spawn(4)))


@pytest.mark.parametrize("optimizer", [Threads, Stubborn])
@pytest.mark.parametrize("again", [True, False])
def test_a_stop_is_final_whoever_goes_on(optimizer, again):
    """Whatever the callback would say later, and in whatever thread."""
    seen = []

    def stop(progress):
        seen.append(progress.evaluations)
        return progress.evaluations == 50 or (again and progress.evaluations > 50)

    objective = Weights()
    r = optimizers.minimize(objective, optimizer, budget=90, callback=stop, callback_every=1)
    assert (r.stopped, r.num_evaluations, objective.num_evaluations) == ("callback", 50, 50)
    assert seen == list(range(1, 51))


def test_an_exception_that_is_false_reaches_the_caller_too():
    class Odd(Exception):
        def __bool__(self):
            return False

    def fail(progress):
        raise Odd

    objective = Weights()
    with pytest.raises(Odd):
        optimizers.minimize(objective, Stubborn, budget=50, callback=fail)
    assert objective.num_evaluations == 1


class Asks(AskTellOptimizer):
    def ask(self):
        return self.space.sample(self.rng, 1)

    def tell(self, cores, priorities, values):
        pass


def test_its_time_is_in_the_total_alone():
    r = optimizers.minimize(Weights(), Asks, budget=4, callback=lambda p: time.sleep(0.05), callback_every=1)
    assert r.seconds.total >= 0.2
    assert r.seconds.ask + r.seconds.tell + r.seconds.evaluate < 0.05


def test_its_time_counts_for_the_wall_limit():
    r = optimizers.minimize(
        Weights(), Asks, budget=100, callback=lambda p: time.sleep(0.05), callback_every=1, wall_limit_seconds=0.2
    )
    assert r.stopped == "wall"
    assert r.num_evaluations < 10


async def waits(progress):
    return True


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"callback": 3}, "callback: expected a function of the progress, got 3"),
        ({"callback": waits}, "callback: expected a function that returns its answer, got a coroutine"),
        ({"callback": print, "callback_every": 0}, "callback_every: expected an integer of at least 1, got 0"),
        ({"callback": print, "callback_every": 1.5}, "callback_every: expected an integer of at least 1, got 1.5"),
        ({"callback_every": 5}, "callback_every: expected none without a callback, got 5"),
    ],
)
def test_what_is_no_callback_is_told(options, message):
    with pytest.raises(InvalidInput, match=message):
        optimizers.minimize(Weights(), "random", budget=5, **options)
