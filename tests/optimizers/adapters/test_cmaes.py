"""That the adapter does to cmaes what a plain ask/tell loop does, and what it does when a distribution is spent."""

import cmaes
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import optimizers
import problems
from optimizers.adapters.cmaes import CmaesCategories, CmaesCube, CmaesMargin
from problems.foundation.errors import InvalidInput, UnknownName
from problems.space import SearchSpace

SPACE = SearchSpace(num_jobs=8, num_cores=3)
ID = "mix/S2/bw16/g8/i0/corrected"
BELOW_ONE = np.nextafter(1.0, 0.0)


def trace(p, name, budget):
    search = optimizers.Search(p, name, budget=budget, seed=5, parameters={}, full_trace=optimizers.FullTrace.VALUES)
    search.run()
    return search.result().all_values.tolist()


def plain_loop(distribution, score, generations):
    """The values of ask and tell as the library documents them; ``score`` gives what is told, and its value."""
    values = []
    with threadpool_limits(1):
        for _ in range(generations):
            told = [score(distribution.ask()) for _ in range(distribution.population_size)]
            values += [value for _, value in told]
            distribution.tell(told)
    return values


def value_of(p, cores, priorities):
    return float(p.evaluate(cores[None, :].astype(int), np.minimum(priorities, BELOW_ONE)[None, :])[0])


@pytest.mark.parametrize(("name", "kind"), [("cmaes-cma", cmaes.CMA), ("cmaes-sepcma", cmaes.SepCMA)])
def test_the_trace_in_the_cube_is_that_of_plain_ask_and_tell(name, kind):
    p = problems.get(ID)
    bounds, seed = np.array([[0.0, 1.0]] * 16), optimizers.derived_seed(name, 5)

    def score(x):
        return x, value_of(p, np.minimum(x[:8], BELOW_ONE) * p.num_cores, x[8:])

    distribution = kind(mean=np.full(16, 0.5), sigma=0.3, bounds=bounds, seed=seed, n_max_resampling=1)
    assert trace(p, name, 60) == plain_loop(distribution, score, 5)


def test_the_trace_with_margin_is_that_of_plain_ask_and_tell():
    p = problems.get(ID)
    bounds = np.array([[0.0, p.num_cores - 1.0]] * 8 + [[0.0, 1.0]] * 8)
    widths = bounds[:, 1] - bounds[:, 0]
    distribution = cmaes.CMAwM(
        mean=bounds.mean(axis=1),
        sigma=0.3,
        bounds=bounds,
        steps=np.array([1.0] * 8 + [0.0] * 8),
        cov=np.diag(widths**2),
        seed=optimizers.derived_seed("cmaes-cmawm", 5),
        n_max_resampling=1,
    )

    def score(pair):
        return pair[1], value_of(p, pair[0][:8], pair[0][8:])

    assert trace(p, "cmaes-cmawm", 60) == plain_loop(distribution, score, 5)


def test_the_trace_with_categories_is_that_of_plain_ask_and_tell():
    p = problems.get(ID)
    distribution = cmaes.CatCMAwM(
        x_space=[[0.0, 1.0]] * 8,
        c_space=[p.num_cores] * 8,
        sigma=0.3,
        cov=np.eye(8),
        seed=optimizers.derived_seed("cmaes-catcmawm", 5),
    )

    def score(solution):
        return solution, value_of(p, solution.c.argmax(axis=1), solution.x)

    assert trace(p, "cmaes-catcmawm", 60) == plain_loop(distribution, score, 5)


@pytest.mark.parametrize("make", [CmaesCube, CmaesMargin, CmaesCategories])
def test_a_spent_distribution_is_replaced(make, monkeypatch):
    optimizer = make(SPACE, budget=100, seed=0)
    first = optimizer._distribution
    monkeypatch.setattr(first, "should_stop", lambda: True)
    mappings = optimizer.ask()
    optimizer.tell(*mappings, np.arange(len(mappings[0]), dtype=float))
    assert optimizer._distribution is not first
    assert (optimizer.ask()[1] != mappings[1]).any(axis=1).all()


@pytest.mark.parametrize("make", [CmaesMargin, CmaesCategories])
def test_one_core_leaves_only_priorities_to_be_sampled(make):
    cores, priorities = make(SearchSpace(4, 1), budget=100, seed=0).ask()
    assert (cores == 0).all()
    assert len(np.unique(priorities)) > 4


def test_the_population_is_the_librarys_unless_given():
    assert CmaesCube(SPACE, budget=5, seed=0).settings() == {"population_size": 12, "encoding": "continuous"}
    assert CmaesMargin(SPACE, budget=5, seed=0, population_size=7).settings() == {
        "population_size": 7,
        "encoding": "native",
    }


def test_impossible_parameters_are_refused():
    with pytest.raises(UnknownName, match="SepCMAA"):
        CmaesCube(SPACE, budget=5, seed=0, method="SepCMAA")
    with pytest.raises(InvalidInput, match="population_size: expected an integer of at least 4"):
        CmaesMargin(SPACE, budget=5, seed=0, population_size=3)
    with pytest.raises(InvalidInput, match="initial_step: expected a finite number above 0"):
        CmaesCategories(SPACE, budget=5, seed=0, initial_step=0.0)
