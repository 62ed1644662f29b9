"""How long no value that an optimizer was told can matter: what it says, against what it does."""

import numpy as np
import pytest

import optimizers
from optimizers.builtin import BUILTIN
from optimizers.contract import AskTellOptimizer, Optimizer
from optimizers.testing import BUDGET, Dice
from problems.foundation.errors import InvalidInput
from problems.space import SearchSpace

NAMES = [entry.name for entry in BUILTIN if entry.family != "mapper" and not entry.missing_libraries()]
BUDGETS = {"optuna-gp": 20, "nevergrad-cga": 10, **{name: 60 for name in NAMES if name.startswith("sb3-")}}
"""For slow methods, and those whose luck must be tried often; else as in the conformance suite."""
LESS_THAN_IT_IS = {"nevergrad-portfolio", "deap-es"}
"""Those whose number is not known beforehand."""
NEVER = {
    "random",
    "nevergrad-cauchylhssearch",
    "nevergrad-haltonsearch",
    "nevergrad-hammersleysearch",
    "nevergrad-metarecentering",
    "optuna-random",
    "optuna-qmc",
    "optuna-qmc-scrambled",
}
SENSITIVE = {
    "deap-de": {"population_size": 6},
    "nevergrad-portfolio": {"encoding": "native"},
    "scipy-de": {"population_size": 20},
    "sb3-a2c": {"learning_rate": 0.5},
    "sb3-dqn": {"learning_rate": 0.5, "exploration_fraction": 0.0, "exploration_final_eps": 0.0},
}
"""Parameters with which a value that can matter soon does."""


class LuckyDice(Dice):
    """Some mappings cannot run."""

    def evaluate(self, cores, priorities):
        values = super().evaluate(cores, priorities)
        return np.where(self._rng.random(len(values)) < 0.3, np.inf, values)


def says_and_does(name, number, budget=BUDGET, shape=(6, 3), **parameters):
    """What it says, and how many proposals are the same whatever the values are; None if all of them."""
    kind, said, proposals = (Dice, LuckyDice)[number % 2], set(), []
    for seed in (2 * number, 2 * number + 1):
        dice = kind(seed, *shape)
        search = optimizers.Search(dice, name, budget=budget, seed=number, parameters=parameters)
        search.run()
        said.add(search.first_population)
        proposals.append(dice.proposals)
    (first,) = said
    same = [one == other for one, other in zip(*proposals, strict=True)]
    return first, None if all(same) else same.index(False)


@pytest.mark.parametrize("name", NAMES)
def test_what_every_optimizer_says_is_what_it_does(name):
    tries = (says_and_does(name, i, BUDGETS.get(name, BUDGET), **SENSITIVE.get(name, {})) for i in range(40))
    if name in NEVER:
        assert {next(tries), next(tries)} == {(None, None)}
    elif name in LESS_THAN_IT_IS:
        assert 10 <= next(tries)[0] <= min(next(tries)[1], next(tries)[1])
    else:
        assert any(said == done for said, done in tries)


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("magma", {"population_size": 7}, 7),
        ("native-ga", {"population_size": 6}, 6),
        ("nevergrad-de", {"configuration": {"popsize": 9}}, 9),
        ("nevergrad-de", {"configuration": {"popsize": "large"}}, 84),
        ("nevergrad-pso", {"configuration": {"popsize": 8}}, 8),
        ("nevergrad-tbpsa", {"configuration": {"initial_popsize": 5}}, 20),
        ("nevergrad-cma-wide", {}, 11),
        ("nevergrad:CMApara", {}, 23),
        ("nevergrad:OldCMA", {"configuration": {"popsize": 7}}, 7),
        ("nevergrad:OldCMA", {"configuration": {"inopts": {"popsize": 5}}}, 5),
        ("nevergrad:OldCMA", {"configuration": {"inopts": {"popsize": "2 * N"}}}, 1),
        ("nevergrad-ngopt", {"encoding": "continuous"}, 1),
        ("optuna-tpe", {"sampler_parameters": {"n_startup_trials": 3}}, 3),
        ("optuna-cmaes", {"sampler_parameters": {"n_startup_trials": 4, "popsize": 6}}, 10),
        ("optuna-nsga2", {"sampler_parameters": {"population_size": 8}}, 8),
        ("deap-cmaes", {"lambda_": 9}, 9),
        ("deap-stdga", {"population_size": 10}, 10),
        ("pymoo-ga", {"population_size": 12}, 12),
        ("pymoo-mixedga", {"population_size": 12}, 24),
        ("pymoo-brkga", {"population_size": 20}, 20),
        ("cmaes-catcmawm", {"population_size": 8}, 8),
        ("scipy-de", {"population_size": 12}, 12),
        ("ribs-mapelites", {"batch_size": 9}, 9),
        ("sb3-ppo", {"num_envs": 3, "n_steps": 13}, 6),
        ("sb3-dqn", {"num_envs": 2, "learning_starts": 30}, 4),
    ],
)
def test_it_follows_the_parameters(name, parameters, expected):
    if optimizers.OPTIMIZERS.get(name).missing_libraries():
        pytest.skip("its library is not installed")
    said, done = says_and_does(name, 0, **parameters)
    assert said == expected <= done


@pytest.mark.parametrize("shape", [(1, 1), (2, 2)])
@pytest.mark.parametrize("name", NAMES)
def test_on_the_smallest_problems_it_is_not_too_large(name, shape):
    said, done = says_and_does(name, 1, BUDGETS.get(name, BUDGET), shape)
    assert (done is None) if said is None else (done is None or said <= done)


def test_mappers_do_not_search():
    mappers = [entry.name for entry in BUILTIN if entry.family == "mapper"]
    assert {
        optimizers.Search(Dice(0), n, budget=5, seed=0, parameters={}).optimizer.first_population() for n in mappers
    } == {None}


class Batches(AskTellOptimizer):
    """Says nothing of its first population."""

    def ask(self):
        return self.space.sample(self.rng, 9)

    def tell(self, cores, priorities, values):
        pass


class Loop(Optimizer):
    """Likewise, with a loop of its own."""

    def run(self, evaluator):
        for size in (4, 8):
            evaluator.evaluate(*self.space.sample(self.rng, size))


@pytest.fixture
def registered(monkeypatch):
    def register(factory):
        optimizers.names()
        entry = optimizers.Entry("under-test", "a:b")
        object.__setattr__(entry, "load", lambda: factory)
        monkeypatch.setitem(optimizers.OPTIMIZERS._items, "under-test", entry)
        return "under-test"

    return register


@pytest.mark.parametrize(("factory", "size"), [(Batches, 9), (Loop, 4)])
@pytest.mark.parametrize("budget", [2, 50])
def test_of_a_class_that_says_nothing_the_first_batch_is_known_once_it_is_proposed(registered, factory, size, budget):
    search = optimizers.Search(Dice(0), registered(factory), budget=budget, seed=0, parameters={})
    assert search.first_population is None
    assert search.optimizer.first_population() == search.first_population == 1
    search.run()
    assert search.first_population == size


@pytest.mark.parametrize("wrong", [0, -1, 2.5, "ten", True])
def test_what_is_no_number_is_refused(registered, wrong):
    class Wrong(Batches):
        def first_population(self):
            return wrong

    with pytest.raises(InvalidInput, match="'under-test': first_population: expected an integer of at least 1"):
        optimizers.minimize(Dice(0), registered(Wrong), budget=5)


def test_a_method_of_nevergrad_that_is_not_known_says_one():
    from optimizers.adapters.nevergrad import NevergradOptimizer

    space = SearchSpace(6, 3)
    said = {m: NevergradOptimizer(space, budget=60, seed=0, method=m).first_population() for m in ("SPSA", "ES", "EDA")}
    assert set(said.values()) == {1}
