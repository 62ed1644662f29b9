"""An optimizer given as a class, as in a notebook."""

import numpy as np
import pytest

import optimizers
from optimizers.native.random_search import RandomSearch
from optimizers.testing import TwoWeights, Weights
from problems.foundation.errors import InvalidInput, UnknownName


class Mine(optimizers.AskTellOptimizer):
    """Random mappings, a batch at a time."""

    def __init__(self, space, *, budget, seed, batch=5):
        super().__init__(space, budget=budget, seed=seed)
        self.batch = batch

    def ask(self):
        return self.space.sample(self.rng, self.batch)

    def tell(self, cores, priorities, values):
        pass


def test_a_class_searches_like_an_optimizer_of_that_name():
    result = optimizers.minimize(Weights(), Mine, budget=33, seed=3, batch=7)
    assert result.num_evaluations == 33
    again = optimizers.minimize(Weights(), Mine, budget=33, seed=3, batch=7)
    assert result.trace_values.tolist() == again.trace_values.tolist()
    assert optimizers.canonical_name(Mine).endswith(":Mine")


def test_a_class_and_its_name_give_the_same_trace():
    given = optimizers.minimize(Weights(), RandomSearch, budget=50, seed=1)
    named = optimizers.minimize(Weights(), "optimizers.native.random_search:RandomSearch", budget=50, seed=1)
    assert given.trace_values.tolist() == named.trace_values.tolist()
    assert np.array_equal(given.best_priorities, named.best_priorities)


def test_errors_name_the_class():
    with pytest.raises(UnknownName, match=r"parameter of optimizer '.*:Mine': 'bach': did you mean batch"):
        optimizers.minimize(Weights(), Mine, budget=5, bach=1)
    with pytest.raises(InvalidInput, match=r"problem for optimizer '.*:Mine': expected one objective"):
        optimizers.minimize(TwoWeights(), Mine, budget=5)
    for wrong in (Weights, 5, None):
        with pytest.raises(InvalidInput, match=r"a name, or a class derived from optimizers.Optimizer"):
            optimizers.minimize(Weights(), wrong, budget=5)


class Counted(Weights):
    num_objectives = 2


class HandsOn:
    """A wrapper that hands on all that it does not know, as users write them."""

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)


def test_two_objectives_need_a_hypervolume():
    with pytest.raises(InvalidInput, match=r"problem of 2 objectives: expected a method hypervolume"):
        optimizers.minimize(Counted(), "random", budget=5)


def test_a_wrapper_that_hands_on_attributes_offers_what_its_inner_problem_does():
    inner = optimizers.minimize(TwoWeights(), "random", budget=40, seed=2)
    outer = optimizers.minimize(HandsOn(TwoWeights()), "random", budget=40, seed=2)
    assert outer.front_values.tolist() == inner.front_values.tolist()
    assert optimizers.minimize(HandsOn(Weights()), "list-ljf-heft", budget=1).num_evaluations == 1
