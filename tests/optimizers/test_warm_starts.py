"""Every optimizer starts from given mappings, or says why it cannot."""

import numpy as np
import pytest

import optimizers
from optimizers.builtin import BUILTIN
from optimizers.contract import Optimizer
from optimizers.testing import TwoWeights, Weights
from problems.foundation.errors import InvalidInput

INSTALLED = [entry.name for entry in BUILTIN if not entry.missing_libraries()]
SLOW = {"optuna-gp": 12}


def takes_a_warm_start(name):
    return "warm_start" in optimizers.resolve_parameters(name, {})


def learns(name):
    search = optimizers.Search(Weights(), name, budget=100, seed=0, parameters={})
    return search.optimizer.first_population() is not None


STARTING = [name for name in INSTALLED if takes_a_warm_start(name)]
ABLE = [name for name in STARTING if learns(name)]
REFUSING = [name for name in INSTALLED if name not in STARTING]
BLACK_BOX = [name for name in ABLE if name != "native-annealing-informed"]


def tables(count=3):
    rng = np.random.default_rng(5)
    return [{"cores": rng.integers(3, size=6).tolist(), "priorities": rng.random(6).tolist()} for _ in range(count)]


def proposals(name, budget=40, objective=None, **parameters):
    search = optimizers.Search(
        Weights() if objective is None else objective,
        name,
        budget=SLOW.get(name, budget),
        seed=1,
        parameters=parameters,
        full_trace=optimizers.FullTrace.MAPPINGS,
    )
    search.run()
    return search.result()


def test_these_start_from_mappings():
    families = {name.partition("-")[0] for name in STARTING}
    assert families >= {"magma", "native", "nevergrad", "optuna", "deap"}
    assert {"native-ga", "native-sa", "native-swap-sa", "deap-stdga", "deap-es", "deap-de", "deap-pso"} <= set(STARTING)


@pytest.mark.parametrize("name", BLACK_BOX)
def test_the_given_mappings_are_evaluated_first_and_in_order(name):
    given = tables()
    r = proposals(name, warm_start=given)
    assert r.all_cores[:3].tolist() == [table["cores"] for table in given]
    assert np.allclose(r.all_priorities[:3], [table["priorities"] for table in given], atol=1e-6)
    assert r.num_evaluations == SLOW.get(name, 40)
    again = proposals(name, warm_start=given)
    assert (again.all_values == r.all_values).all()


@pytest.mark.parametrize("name", [n for n in BLACK_BOX if n not in SLOW])
def test_a_good_start_is_never_lost(name):
    best = proposals("native-swap-sa", 3000)
    start = [{"cores": best.best_cores.tolist(), "priorities": best.best_priorities.tolist()}]
    r = proposals(name, 250, warm_start=start)
    assert r.best_value <= best.best_value * (1 + 1e-6)
    assert r.trace_evaluations[0] == 1


@pytest.mark.parametrize("name", BLACK_BOX)
def test_more_mappings_than_the_first_generation_or_budget_holds_do_no_harm(name):
    r = proposals(name, 20, warm_start=tables(130))
    assert r.num_evaluations == SLOW.get(name, 20)


@pytest.mark.parametrize("name", BLACK_BOX)
def test_a_start_that_cannot_run_or_is_given_twice_does_no_harm(name):
    start = [{"cores": [0] * 6, "priorities": [0.5] * 6}] * 2
    r = proposals(name, 200, objective=Weights(forbidden=True), warm_start=start)
    assert np.isfinite(r.best_value)


@pytest.mark.parametrize("name", ["optuna-nsga2", "optuna-tpe", "deap-nsga2"])
def test_fronts_start_from_mappings_too(name):
    r = proposals(name, objective=TwoWeights(), warm_start=tables())
    assert r.all_cores[:3].tolist() == [table["cores"] for table in tables()]


@pytest.mark.parametrize("name", ["optuna-tpe", "nevergrad-de", "deap-stdga"])
def test_the_other_encoding_starts_from_the_same_mappings(name):
    r = proposals(name, warm_start=tables(), encoding="continuous")
    assert r.all_cores[:3].tolist() == [table["cores"] for table in tables()]


@pytest.mark.parametrize("name", STARTING)
def test_what_is_no_mapping_is_told(name):
    with pytest.raises(InvalidInput, match=r"warm_start: expected"):
        optimizers.minimize(Weights(), name, budget=5, warm_start=[{"cores": [7] * 6, "priorities": [0.5] * 6}])


@pytest.mark.parametrize("name", REFUSING)
def test_others_say_why_not(name):
    with pytest.raises(InvalidInput, match="can start from mappings, got") as told:
        optimizers.minimize(Weights(), name, budget=5, warm_start=tables())
    assert told.value.hint not in ("", Optimizer.no_warm_start)


@pytest.mark.parametrize("name", sorted({*STARTING} - {*ABLE, "native-annealing-informed"}))
def test_methods_that_never_learn_say_so(name):
    with pytest.raises(InvalidInput, match=r"can start from mappings, got .*do not depend on what was evaluated"):
        optimizers.minimize(Weights(), name, budget=5, warm_start=tables())
