"""What the operators of the large neighbourhood search do to a mapping, and how its search runs."""

import numpy as np
import pytest

import optimizers
from optimizers.adapters.alns import (
    DESTROY,
    REPAIR,
    LargeNeighbourhoodSearch,
    Plan,
    any_jobs,
    in_another_order,
    in_each_others_place,
    jobs_close_in_order,
    jobs_of_one_core,
    on_another_core,
)
from optimizers.testing import Weights
from problems.foundation.errors import InvalidInput
from problems.space import SearchSpace


def plan(most_removed=6, num_jobs=30, num_cores=4, seed=0):
    space = SearchSpace(num_jobs, num_cores)
    cores, priorities = space.sample(np.random.default_rng(seed), 1)
    return Plan(space, lambda cores, priorities: 1.0, cores[0], priorities[0], most_removed)


@pytest.mark.parametrize("destroy", DESTROY)
@pytest.mark.parametrize("repair", REPAIR)
def test_operators_change_the_removed_jobs_of_a_copy_and_no_others(destroy, repair):
    before, rng = plan(), np.random.default_rng(1)
    cores, priorities = before.cores.copy(), before.priorities.copy()
    for _ in range(20):
        destroyed = destroy(before, rng)
        after = repair(destroyed, rng)
        kept = np.setdiff1d(np.arange(30), destroyed.removed)
        assert 1 <= len(destroyed.removed) == len(set(destroyed.removed)) <= 6
        assert (after.cores[kept] == cores[kept]).all()
        assert (after.priorities[kept] == priorities[kept]).all()
        assert len(after.removed) == 0
    assert (before.cores == cores).all()
    assert (before.priorities == priorities).all()


def test_removed_jobs_are_of_one_core_or_close_in_order():
    before, rng = plan(), np.random.default_rng(1)
    assert len(set(before.cores[jobs_of_one_core(before, rng).removed])) == 1
    ranks = before.priorities.argsort().argsort()[jobs_close_in_order(before, rng).removed]
    assert (np.diff(ranks) == 1).all()


def test_jobs_are_inserted_as_the_operator_says():
    rng = np.random.default_rng(1)
    destroyed = any_jobs(plan(most_removed=30), rng)
    jobs = destroyed.removed
    moved, ordered, exchanged = (f(destroyed, rng) for f in (on_another_core, in_another_order, in_each_others_place))
    assert (moved.cores[jobs] != destroyed.cores[jobs]).all()
    assert (moved.priorities == destroyed.priorities).all()
    assert (ordered.cores == destroyed.cores).all()
    assert (ordered.priorities[jobs] != destroyed.priorities[jobs]).all()
    assert sorted(exchanged.priorities) == sorted(destroyed.priorities)
    assert sorted(exchanged.cores) == sorted(destroyed.cores)


def test_a_plan_is_evaluated_once():
    calls = []
    first = plan()
    counted = Plan(
        first.space, lambda *_: float(len(calls.append(1) or calls)), first.cores, first.priorities, first.removed
    )
    assert counted.objective() == counted.objective() == 1.0


def test_it_begins_at_the_first_mapping_that_can_run():
    class Closed(Weights):
        def evaluate(self, cores, priorities):
            values = super().evaluate(cores, priorities)
            return values if self.num_evaluations > 10 else np.full_like(values, np.inf)

    result = optimizers.minimize(Closed(), "alns", budget=100, seed=0)
    assert result.num_evaluations == 100
    assert result.best_value < 10.0


def test_a_value_of_zero_is_no_special_case():
    class Zero(Weights):
        def evaluate(self, cores, priorities):
            return np.zeros_like(super().evaluate(cores, priorities))

    assert optimizers.minimize(Zero(), "alns", budget=50, seed=0).num_evaluations == 50


@pytest.mark.parametrize("parameters", [{"largest_share": 2.0}, {"worse": -0.1}])
def test_impossible_shares_are_refused(parameters):
    with pytest.raises(InvalidInput, match="expected a number from 0 to 1"):
        LargeNeighbourhoodSearch(SearchSpace(4, 2), budget=5, seed=0, **parameters)
