"""What pymoo is told, and that the adapter does to it what a plain ask/tell loop does."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.soo.nonconvex.brkga import BRKGA
from pymoo.algorithms.soo.nonconvex.de import DE
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.config import Config
from pymoo.core.evaluator import Evaluator
from pymoo.core.mixed import MixedVariableGA
from pymoo.core.problem import Problem
from pymoo.core.termination import NoTermination
from pymoo.core.variable import Choice, Real
from pymoo.problems.static import StaticProblem

import optimizers
import problems
from optimizers.adapters.pymoo import PymooFronts, PymooMixed, PymooOptimizer
from optimizers.testing import Weights
from problems.doors.encoding import ENCODINGS, codec_of
from problems.doors.pymoo import genomes_of, rows_of, variables
from problems.foundation.errors import InvalidInput, UnknownName
from problems.space import SearchSpace

SPACE = SearchSpace(num_jobs=8, num_cores=3)
ID = "mix/S2/bw16/g8/i0/corrected"
CLASSES = {
    "ga": GA,
    "de": DE,
    "brkga": lambda: BRKGA(n_elites=20, n_offsprings=70, n_mutants=10),
    "nsga2": NSGA2,
    "mixedga": MixedVariableGA,
}


def plain_loop(name, problem, score, generations):
    """The values of ask and tell as pymoo's documentation writes them."""
    seed, algorithm = optimizers.derived_seed(f"pymoo-{name}", 5), CLASSES[name]()
    algorithm.setup(problem, termination=NoTermination(), seed=seed)
    values = []
    for _ in range(generations):
        infills = algorithm.ask()
        F = score(infills.get("X")).reshape(len(infills), -1)
        values += F.tolist()
        Evaluator().eval(StaticProblem(problem, F=F), infills)
        algorithm.tell(infills=infills)
    return values


def on_cube(p):
    def score(X):
        X = np.minimum(X, np.nextafter(1.0, 0.0))
        return p.evaluate((X[:, : p.num_jobs] * p.num_cores).astype(int), X[:, p.num_jobs :].copy())

    return score


def on_choices(p):
    def score(X):
        cores = np.array([[x[f"core_{j}"] for j in range(p.num_jobs)] for x in X])
        priorities = np.array([[x[f"priority_{j}"] for j in range(p.num_jobs)] for x in X])
        return p.evaluate(cores, np.minimum(priorities, np.nextafter(1.0, 0.0)))

    return score


def trace(p, name, budget, **parameters):
    search = optimizers.Search(
        p, f"pymoo-{name}", budget=budget, seed=5, parameters=parameters, full_trace=optimizers.FullTrace.VALUES
    )
    search.run()
    return search.result().all_values.reshape(budget, -1).tolist()


@pytest.mark.parametrize("name", ["ga", "de", "nsga2"])
def test_the_trace_is_that_of_plain_ask_and_tell(name):
    p = problems.get(ID)
    cube = Problem(n_var=2 * p.num_jobs, n_obj=1, xl=0.0, xu=1.0)
    assert trace(p, name, 500) == plain_loop(name, cube, on_cube(p), 5)


def test_the_trace_of_random_keys_is_that_of_plain_ask_and_tell():
    p = problems.get(ID)
    cube = Problem(n_var=2 * p.num_jobs, n_obj=1, xl=0.0, xu=1.0)
    assert trace(p, "brkga", 420) == plain_loop("brkga", cube, on_cube(p), 5)


@pytest.mark.parametrize(("size", "expected"), [(4, (1, 2)), (10, (2, 7)), (100, (20, 70)), (1000, (200, 700))])
def test_random_keys_are_divided_in_pymoos_proportions(size, expected):
    algorithm = PymooOptimizer(SPACE, budget=5, seed=0, method="BRKGA", population_size=size)._algorithm
    assert (algorithm.n_elites, algorithm.n_offsprings) == expected
    assert algorithm.pop_size == size


def test_the_trace_of_two_objectives_is_that_of_plain_ask_and_tell():
    p = problems.get(f"{ID}/latency+energy")
    cube = Problem(n_var=2 * p.num_jobs, n_obj=2, xl=0.0, xu=1.0)
    assert trace(p, "nsga2", 500) == plain_loop("nsga2", cube, on_cube(p), 5)


def test_the_trace_of_mixed_variables_is_that_of_plain_ask_and_tell():
    p = problems.get(ID)
    choices = {f"core_{j}": Choice(options=list(range(p.num_cores))) for j in range(p.num_jobs)}
    reals = {f"priority_{j}": Real(bounds=(0.0, 1.0)) for j in range(p.num_jobs)}
    mixed = Problem(vars=choices | reals, n_obj=1)
    assert trace(p, "mixedga", 200, encoding="native") == plain_loop("mixedga", mixed, on_choices(p), 4)


@given(
    st.sampled_from(ENCODINGS),
    st.lists(st.tuples(st.integers(0, 2), st.floats(0.0, 1.0, exclude_max=True)), min_size=8, max_size=8),
)
def test_a_mapping_comes_back_from_a_genome(encoding, genes):
    cores = np.array([[core for core, _ in genes]])
    priorities = np.array([[priority for _, priority in genes]])
    codec = codec_of(encoding, SPACE)
    genomes = genomes_of(codec.encode(cores, priorities), SPACE, encoding)
    assert list(genomes[0]) == list(variables(SPACE, encoding))
    back = codec.decode(rows_of(genomes))
    assert (back[0] == cores).all()
    assert (back[1] == priorities).all()


def test_cores_are_choices_where_the_encoding_is_native():
    native, continuous = (variables(SPACE, encoding)["core_0"] for encoding in ("native", "continuous"))
    assert isinstance(native, Choice)
    assert native.options == [0, 1, 2]
    assert isinstance(continuous, Real)


def test_the_mixed_ga_takes_both_encodings():
    continuous = optimizers.minimize(Weights(), "pymoo-mixedga", budget=120, seed=0, encoding="continuous")
    native = optimizers.minimize(Weights(), "pymoo-mixedga", budget=120, seed=0, encoding="native")
    assert continuous.num_evaluations == native.num_evaluations == 120
    assert continuous.best_value != native.best_value


def test_no_termination_of_its_own_ends_a_run():
    result = optimizers.minimize(Weights(2, 1), "pymoo-nsga2", budget=6000, seed=0, population_size=10)
    assert result.stopped == "budget"


def test_it_starts_again_where_no_new_individual_is_found(monkeypatch):
    optimizer = PymooOptimizer(SPACE, budget=100, seed=0)
    first = optimizer._algorithm
    monkeypatch.setattr(first, "ask", lambda: None)
    cores, _ = optimizer.ask()
    assert cores.shape == (100, 8)
    assert optimizer._algorithm is not first


def test_the_resolved_settings_are_told():
    told = PymooOptimizer(SPACE, budget=5, seed=0, method="GA").settings()
    assert (told["pop_size"], told["n_offsprings"]) == (100, 100)
    assert told["mating"]["crossover"] == {
        "operator": "SBX",
        "n_parents": 2,
        "n_offsprings": 2,
        "prob": 0.9,
        "prob_var": 0.5,
        "eta": 15,
        "prob_exch": 1.0,
        "prob_bin": 0.5,
    }
    assert PymooOptimizer(SPACE, budget=5, seed=0, method="DE").settings()["mating"]["CR"] == 0.2
    mixed = PymooMixed(SPACE, budget=5, seed=0).settings()
    assert mixed["mating"]["crossover"]["Choice"]["operator"] == "UX"


@pytest.mark.parametrize("make", [PymooOptimizer, PymooFronts, PymooMixed])
def test_settings_are_json_without_addresses(make):
    text = json.dumps(make(SPACE, budget=5, seed=0).settings(), allow_nan=False)
    assert " at 0x" not in text


def test_unknown_methods_and_encodings_are_refused():
    with pytest.raises(UnknownName, match="Bogus"):
        PymooOptimizer(SPACE, budget=5, seed=0, method="Bogus")
    with pytest.raises(UnknownName, match="native"):
        PymooOptimizer(SPACE, budget=5, seed=0, encoding="native")


@pytest.mark.parametrize("size", [3, 10.0, "many"])
def test_impossible_populations_are_refused(size):
    with pytest.raises(InvalidInput, match="population_size: expected an integer of at least 4"):
        PymooOptimizer(SPACE, budget=5, seed=0, population_size=size)


def test_the_advice_to_compile_is_not_printed(monkeypatch, capsys):
    monkeypatch.setattr("pymoo.functions.is_compiled", lambda: False)
    monkeypatch.setattr("pymoo.functions.FunctionLoader._FunctionLoader__instance", None)
    PymooOptimizer(SPACE, budget=5, seed=0)
    assert capsys.readouterr().out == ""
    assert Config.warnings["not_compiled"]
