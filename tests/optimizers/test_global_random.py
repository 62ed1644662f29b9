"""Runs whose libraries draw from the global random generators, beside code of users that does."""

import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from pymoo.config import Config

import optimizers
from optimizers.testing import Weights
from problems.doors.global_random import GlobalRandom, given_back

LENDING = ["deap-de", "deap-stdga", "nevergrad-pso", "pymoo-ga"]
BUDGET = 230


def states():
    return random.getstate(), np.random.get_state(legacy=False)["state"]["key"].tolist()


def trace(name, objective=None, **options):
    r = optimizers.minimize(objective or Weights(), name, budget=BUDGET, seed=1, **options)
    return r.trace_evaluations.tolist(), r.trace_values.tolist(), r.best_priorities.tolist()


class Noisy(Weights):
    """Draws from both generators."""

    def evaluate(self, cores, priorities):
        return super().evaluate(cores, priorities) + np.random.random(len(cores)) + random.random()


@pytest.mark.parametrize("name", LENDING)
def test_what_a_callback_draws_changes_nothing_and_is_the_callers_stream(name):
    drawn = []
    random.seed(4)
    np.random.seed(4)
    expected = [(random.random(), np.random.random()) for _ in range(3)]
    random.seed(4)
    np.random.seed(4)
    found = trace(name, callback=lambda p: drawn.append((random.random(), np.random.random())), callback_every=1)
    assert found == trace(name)
    assert drawn[:3] == expected


@pytest.mark.parametrize("name", LENDING)
def test_a_noisy_objective_draws_from_the_callers_stream(name):
    traces = []
    for seed in (1, 1, 2):
        random.seed(seed)
        np.random.seed(seed)
        traces.append(trace(name, Noisy()))
    assert traces[0] == traces[1] != traces[2]


def test_searches_in_threads_are_those_in_sequence_and_leave_the_generators_alone():
    names = LENDING * 2
    expected = list(map(trace, names))
    before = states()
    with ThreadPoolExecutor(len(names)) as pool:
        assert list(pool.map(trace, names)) == expected
    assert states() == before
    assert Config.warnings["not_compiled"]  # pymoo's, for the whole process


def test_a_search_may_start_another_one_in_its_callback():
    inner = []
    found = trace("deap-de", callback=lambda p: inner.append(trace("deap-stdga")))
    assert found == trace("deap-de")
    assert inner[0] == trace("deap-stdga")


def test_nothing_is_given_back_where_nothing_is_lent():
    before = states()
    with given_back():
        assert states() == before
    with GlobalRandom(7).lent():
        assert states() != before
        with given_back():
            assert states() == before
    assert states() == before
