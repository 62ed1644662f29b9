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
FROM_THE_BEST = [
    "alns",
    "cmaes-catcmawm",
    "cmaes-cma",
    "cmaes-cmawm",
    "cmaes-sepcma",
    "deap-cmaes",
    "fcmaes-biteopt",
    "fcmaes-crfmnes",
    "native-sa",
    "native-swap-sa",
    "scipy-dual-annealing",
]
"""Those that go on from the best of the given mappings, however many there are."""
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
    installed = {entry.family for entry in BUILTIN if not entry.missing_libraries()}
    refusing = {name for name in REFUSING if not name.startswith("sb3-")}
    assert families >= {"magma", "native", "nevergrad", "optuna", "deap"}
    assert families >= installed & {"alns", "cmaes", "fcmaes", "pymoo", "ribs", "scipy"}
    assert refusing - {entry.name for entry in BUILTIN if entry.family == "mapper"} <= {
        "cp-sat",
        "native-identifying",
        "random",
    }


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


def of_the_installed(names):
    return [name for name in names if name in STARTING]


@pytest.mark.parametrize("name", of_the_installed(FROM_THE_BEST))
def test_methods_of_one_mapping_evaluate_all_that_are_given_once_and_wait_for_their_values(name):
    search = optimizers.Search(Weights(), name, budget=90, seed=1, parameters={"warm_start": tables(60)})
    assert search.optimizer.first_population() == 60
    r = proposals(name, 90, warm_start=tables(60))
    assert r.all_cores[:60].tolist() == [table["cores"] for table in tables(60)]
    again = (r.all_cores[60] == r.all_cores[:60]) & (r.all_priorities[60] == r.all_priorities[:60])
    assert not again.all(axis=1).any()


@pytest.mark.parametrize("name", of_the_installed(["alns", "native-sa", "native-swap-sa"]))
def test_the_first_step_is_from_the_best_of_the_given_mappings(name):
    r = proposals(name, 61, warm_start=tables(60))
    best, first = r.all_values[:60].argmin(), r.all_cores[60]
    assert (r.all_cores[best] == first).sum() >= 4


@pytest.mark.parametrize("name", of_the_installed([n for n in FROM_THE_BEST if "cma" in n and "fcma" not in n]))
def test_a_small_step_stays_near_the_best_of_the_given_mappings(name):
    r = proposals(name, 68, warm_start=tables(60), initial_step=0.001)
    best = r.all_values[:60].argmin()
    assert (r.all_cores[60:] == r.all_cores[best]).mean() > 0.95
    assert np.abs(r.all_priorities[60:] - r.all_priorities[best]).max() < 0.02


@pytest.mark.parametrize("name", of_the_installed(FROM_THE_BEST))
def test_where_no_given_mapping_can_run_the_search_starts_as_without(name):
    start = [{"cores": [0] * 6, "priorities": [0.5] * 6}] * 2
    r = proposals(name, 60, objective=Weights(forbidden=True), warm_start=start)
    without = proposals(name, 58, objective=Weights(forbidden=True))
    assert r.all_cores[2:5].tolist() == without.all_cores[:3].tolist()


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


@pytest.mark.parametrize("wrong", ["0.5", True, 10**400, None, "x", [0.5], np.nan, 1.0, -0.1])
def test_what_is_no_priority_is_told(wrong):
    start = {"cores": [0] * 6, "priorities": [wrong] * 6}
    with pytest.raises(InvalidInput, match=r"(warm_start: expected|JSON can hold)"):
        optimizers.minimize(Weights(), "magma", budget=5, warm_start=[start])


@pytest.mark.parametrize("start", [{}, {"cores": [0] * 6, "priorities": [0.5] * 6}, [[0] * 6], 3, "x", []])
def test_what_is_no_list_of_tables_is_told(start):
    with pytest.raises(InvalidInput, match=r"warm_start: expected mappings, each with cores"):
        optimizers.minimize(Weights(), "magma", budget=5, warm_start=start)


def test_arrays_are_as_good_as_lists():
    arrays = [{key: np.array(row) for key, row in table.items()} for table in tables()]
    given, told = (proposals("magma", warm_start=start) for start in (arrays, tables()))
    assert given.all_cores.tolist() == told.all_cores.tolist()


@pytest.mark.parametrize("name", REFUSING)
def test_others_say_why_not(name):
    with pytest.raises(InvalidInput, match="can start from mappings, got") as told:
        optimizers.minimize(Weights(), name, budget=5, warm_start=tables())
    assert told.value.hint not in ("", Optimizer.no_warm_start)


@pytest.mark.parametrize("name", sorted({*STARTING} - {*ABLE, "native-annealing-informed"}))
def test_methods_that_never_learn_say_so(name):
    with pytest.raises(InvalidInput, match=r"can start from mappings, got .*do not depend on what was evaluated"):
        optimizers.minimize(Weights(), name, budget=5, warm_start=tables())
