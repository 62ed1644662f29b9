"""How SciPy's optimizers, which own their loops, run under the contract."""

import numpy as np
import pytest
from scipy.optimize import dual_annealing

import optimizers
import problems
from optimizers.adapters.scipy import DifferentialEvolution
from optimizers.testing import Dice, Weights
from problems.foundation.errors import InvalidInput
from problems.space import SearchSpace

SPACE = SearchSpace(num_jobs=8, num_cores=3)
ID = "mix/S2/bw16/g8/i0/corrected"


def trace(p, name, budget, **parameters):
    search = optimizers.Search(
        p, name, budget=budget, seed=5, parameters=parameters, full_trace=optimizers.FullTrace.VALUES
    )
    search.run()
    return search.result().all_values.tolist()


@pytest.mark.parametrize("local_search", [False, True])
def test_the_trace_of_dual_annealing_is_that_of_a_plain_call(local_search):
    p, values = problems.get(ID), []

    def score(x):
        x = np.minimum(x, np.nextafter(1.0, 0.0))[None, :]
        values.append(float(p.evaluate((x[:, :8] * p.num_cores).astype(int), x[:, 8:].copy())[0]))
        return values[-1]

    rng = np.random.default_rng(optimizers.derived_seed("scipy-dual-annealing", 5))
    dual_annealing(score, [(0.0, 1.0)] * 16, maxiter=30, no_local_search=not local_search, rng=rng)
    assert trace(p, "scipy-dual-annealing", 300, local_search=local_search) == values[:300]


def test_a_generation_of_differential_evolution_is_one_batch():
    batches = []

    class Counting(Weights):
        def evaluate(self, cores, priorities):
            batches.append(len(cores))
            return super().evaluate(cores, priorities)

    optimizers.minimize(Counting(), "scipy-de", budget=50, population_size=20)
    assert batches == [20, 20, 10]


def test_differential_evolution_restarts_where_all_values_are_equal():
    class Flat(Dice):
        def evaluate(self, cores, priorities):
            return np.full(len(super().evaluate(cores, priorities)), 2.0)

    flat = Flat(0)
    result = optimizers.minimize(flat, "scipy-de", budget=200, population_size=20)
    assert result.stopped == "budget"
    assert len(set(flat.proposals)) == 200


def test_the_default_population_is_scipys():
    assert DifferentialEvolution(SPACE, budget=5, seed=0).settings() == {"population_size": 240}


@pytest.mark.parametrize("size", [0, 4, 10.0])
def test_impossible_populations_are_refused(size):
    with pytest.raises(InvalidInput, match="population_size: expected an integer of at least 5"):
        DifferentialEvolution(SPACE, budget=5, seed=0, population_size=size)


@pytest.mark.parametrize("wrong", ["False", 1, None])
def test_local_search_is_true_or_false(wrong):
    with pytest.raises(InvalidInput, match="local_search: expected true or false"):
        optimizers.minimize(Weights(), "scipy-dual-annealing", budget=10, local_search=wrong)
