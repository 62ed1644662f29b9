"""What an optimizer must be, and an objective."""

from contextlib import suppress
from functools import partial

import numpy as np
import pytest

import optimizers
import problems
from optimizers.builtin import BUILTIN
from optimizers.contract import AskTellOptimizer, Optimizer
from optimizers.testing import TwoWeights, Weights
from problems.foundation.errors import BadValue, InvalidInput


@pytest.fixture
def registered(monkeypatch):
    """Register an optimizer class for one test."""

    def register(factory):
        optimizers.names()  # loads the built-in ones
        entry = optimizers.Entry("under-test", "a:b")
        object.__setattr__(entry, "load", lambda: factory)
        monkeypatch.setitem(optimizers.OPTIMIZERS._items, "under-test", entry)
        return "under-test"

    return register


class Asks(AskTellOptimizer):
    def ask(self):
        return self.space.sample(self.rng, 2)

    def tell(self, cores, priorities, values):
        pass


class OwnRun(Asks):
    def run(self, evaluator):
        evaluator.evaluate(*self.ask())


class Looping:
    def run(self, evaluator):
        evaluator.evaluate(*self.ask())


class MixedIn(Looping, Asks):
    pass


class Inherited(OwnRun):
    pass


class PassesOn(Asks):
    def run(self, evaluator):
        super().run(evaluator)


class Static(Asks):
    @staticmethod
    def run(evaluator):
        pass


class Bound(Asks):
    def __init__(self, space, *, budget, seed):
        super().__init__(space, budget=budget, seed=seed)
        self.run = partial(Looping.run, self)


class NoFunction(Asks):
    run = None


OWN_RUNS = [OwnRun, MixedIn, Inherited, PassesOn, Static, Bound, NoFunction]


@pytest.mark.parametrize("factory", OWN_RUNS)
def test_an_ask_tell_optimizer_with_a_run_of_its_own_is_refused_and_told_what_to_derive_from(registered, factory):
    name = registered(factory)
    message = rf"'under-test': {factory.__name__}: expected either ask and tell, or run.*optimizers\.Optimizer"
    with pytest.raises(InvalidInput, match=message):
        optimizers.minimize(Weights(), name, budget=10)
    with pytest.raises(InvalidInput, match=message):
        optimizers.check_parameters(name, {})


def test_a_mixin_that_leaves_the_loop_alone_is_welcome(registered):
    class Helper:
        def surroundings(self):
            return super().surroundings()

    class Helped(Helper, Asks):
        pass

    assert optimizers.minimize(Weights(), registered(Helped), budget=10).num_evaluations == 10


def test_no_built_in_ask_tell_optimizer_has_a_run_of_its_own():
    for entry in BUILTIN:
        if not entry.missing_libraries() and issubclass(entry.load(), AskTellOptimizer):
            assert entry.load().run is AskTellOptimizer.run


class Stubborn(Optimizer):
    """Catches errors, and goes on."""

    multi_objective = True

    def run(self, evaluator):
        for _ in range(50):
            with suppress(Exception):
                evaluator.evaluate(*self.space.sample(self.rng, 3))


class Turns(Weights):
    """Its sixth value is what it was made with."""

    def __init__(self, wrong):
        super().__init__()
        self.wrong = wrong

    def evaluate(self, cores, priorities):
        values = super().evaluate(cores, priorities).astype(object)
        if self.num_evaluations >= 6:
            values[5 - self.num_evaluations] = self.wrong
        return values


@pytest.mark.parametrize(
    ("wrong", "message"), [(-np.inf, "no value of -inf"), (None, "numbers as values"), ("7", "numbers as values")]
)
def test_a_bad_value_ends_a_run_also_if_the_optimizer_catches_the_error(registered, wrong, message):
    objective = Turns(wrong)
    search = optimizers.Search(objective, registered(Stubborn), budget=100, seed=0, parameters={})
    with pytest.raises(BadValue, match=f"objective Turns: expected {message}"):
        search.run()
    assert objective.num_evaluations == 6
    assert search.result().num_evaluations == 3  # of the batch with it none counts
    assert np.isfinite(search.result().best_value)


@pytest.mark.parametrize("name", ["magma", "nevergrad-de", "optuna-nsga2", "deap-cmaes"])
def test_a_bad_value_is_told_by_every_kind_of_optimizer(name):
    with pytest.raises(BadValue, match=r"got it of the mapping cores \[\d, .*priorities \[0\."):
        optimizers.minimize(Turns(-np.inf), name, budget=100)


def test_a_hypervolume_that_is_no_share_ends_a_run_also_if_the_optimizer_catches_the_error(registered):
    class Broken(TwoWeights):
        def hypervolume(self, values):
            return np.nan

    with pytest.raises(BadValue, match="hypervolume of the objective"):
        optimizers.minimize(Broken(), registered(Stubborn), budget=100)


def test_a_problem_without_a_box_for_its_hypervolume_is_told():
    table = np.full((3, 2), 1e300), np.zeros((3, 2)), 1.0
    p = problems.from_job_table(*table, energy=table[0], objective="latency+energy")
    with pytest.raises(InvalidInput, match="a box whose area the floats can hold"):
        optimizers.minimize(p, "random", budget=10)


@pytest.mark.parametrize("objective", ["energy", "edp", "latency+energy"])
@pytest.mark.parametrize("name", ["random", "optuna-tpe", "deap-nsga2", "pymoo-nsga2"])
def test_jobs_that_cost_no_energy_can_be_searched(name, objective):
    if optimizers.OPTIMIZERS.get(name).missing_libraries():
        pytest.skip("its library is not installed")
    latency = np.random.default_rng(0).random((6, 3))
    p = problems.from_job_table(latency, np.zeros((6, 3)), 1.0, energy=np.zeros((6, 3)), objective=objective)
    r = optimizers.minimize(p, name, budget=130)
    assert r.num_evaluations == 130
    assert 0.0 < r.best_value < 1.0 if objective == "latency+energy" else r.best_value == 0.0
