"""What the libraries are told, and that the adapters do to them what a plain ask/tell loop does."""

import warnings

import nevergrad as ng
import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

import optimizers
import problems
from bench.errors import UnknownName
from optimizers.adapters.nevergrad import NevergradOptimizer
from optimizers.adapters.optuna import FallbackToRandom, OptunaOptimizer, _fallbacks_raise
from optimizers.contract import SearchSpace

SPACE = SearchSpace(num_jobs=8, num_cores=3)
SAMPLERS = {
    "TPE": optuna.samplers.TPESampler,
    "NSGA-II": optuna.samplers.NSGAIISampler,
    "CMA-ES": optuna.samplers.CmaEsSampler,
}


@pytest.mark.parametrize("method", SAMPLERS)
def test_optunas_trace_is_that_of_its_plain_ask_and_tell(method):
    p = problems.get("mix/S2/bw1/g8/i0")
    core = IntDistribution(0, 3) if method == "CMA-ES" else CategoricalDistribution(range(4))
    plain = {f"core_{j}": core for j in range(8)} | {f"priority_{j}": FloatDistribution(0.0, 1.0) for j in range(8)}
    study, values = optuna.create_study(sampler=SAMPLERS[method](seed=5)), []
    for _ in range(60):
        trial = study.ask(plain)
        genome = list(trial.params.values())
        values.append(p.evaluate(genome[:8], np.minimum(genome[8:], 1.0)))
        study.tell(trial, values[-1])
    name = {"TPE": "optuna-tpe", "NSGA-II": "optuna-nsga2", "CMA-ES": "optuna-cmaes"}[method]
    search = optimizers.Search(p, name, budget=60, seed=5, parameters={}, keep_all=True)
    search.run()
    assert search.result().all_values.tolist() == values


def test_optuna_is_told_of_cores_as_categories_and_its_cma_as_integers():
    kinds = {m: OptunaOptimizer(SPACE, budget=5, seed=0, method=m)._distributions["core_0"] for m in SAMPLERS}
    assert isinstance(kinds["TPE"], CategoricalDistribution)
    assert isinstance(kinds["NSGA-II"], CategoricalDistribution)
    assert isinstance(kinds["CMA-ES"], IntDistribution)


def test_optunas_word_that_it_samples_at_random_is_an_error():
    study = optuna.create_study(sampler=optuna.samplers.CmaEsSampler(seed=0))
    categorical = {"a": CategoricalDistribution(range(3)), "x": FloatDistribution(0, 1), "y": FloatDistribution(0, 1)}
    study.tell(study.ask(categorical), 1.0)  # the first is at random by design
    with pytest.raises(FallbackToRandom, match="falls back to random"), _fallbacks_raise():
        study.ask(categorical)


def test_nevergrad_is_told_of_cores_as_choices_and_draws_all_of_them():
    optimizer = NevergradOptimizer(SearchSpace(num_jobs=200, num_cores=4), budget=100, seed=0, method="DE")
    cores, _ = optimizer.ask()
    assert isinstance(optimizer._optimizer.parametrization["cores"], ng.p.TransitionChoice)
    assert np.bincount(cores[0], minlength=4).min() > 30


def test_the_librarys_own_settings_are_told():
    assert OptunaOptimizer(SPACE, budget=5, seed=0, method="TPE").settings()["n_startup_trials"] == 10
    assert isinstance(NevergradOptimizer(SPACE, budget=5, seed=0, method="DE").settings(), dict)


@pytest.mark.parametrize("adapter", [NevergradOptimizer, OptunaOptimizer])
def test_an_unknown_method_is_refused(adapter):
    with pytest.raises(UnknownName, match="Bogus"):
        adapter(SPACE, budget=5, seed=0, method="Bogus")


@pytest.mark.parametrize("name", optimizers.names())
def test_no_library_warns_on_a_problem_of_the_suite(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizers.minimize(problems.get("mix/S2/bw1/g12/i0"), name, budget=120, seed=1)
