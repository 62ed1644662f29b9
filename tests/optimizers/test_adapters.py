"""What the libraries are told, and that the adapters do to them what a plain ask/tell loop does."""

import random
import warnings

import nevergrad as ng
import numpy as np
import optuna
import pytest
from deap import base, tools
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

import optimizers
import problems
from bench.errors import InvalidInput, UnknownName
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


def test_optunas_trace_of_two_objectives_is_that_of_its_plain_ask_and_tell():
    p = problems.get("mix/S2/bw16/g8/i0/corrected/latency+energy")
    core = CategoricalDistribution(range(4))
    plain = {f"core_{j}": core for j in range(8)} | {f"priority_{j}": FloatDistribution(0.0, 1.0) for j in range(8)}
    study = optuna.create_study(sampler=optuna.samplers.NSGAIISampler(seed=5), directions=["minimize", "minimize"])
    for _ in range(120):
        trial = study.ask(plain)
        genome = list(trial.params.values())
        study.tell(trial, p.evaluate(genome[:8], np.minimum(genome[8:], 1.0)).tolist())
    search = optimizers.Search(p, "optuna-nsga2", budget=120, seed=5, parameters={}, keep_all=True)
    search.run()
    assert search.result().all_values.tolist() == [trial.values for trial in study.trials]
    front = np.array(sorted(t.values for t in study.best_trials))
    assert search.result().front_values.tolist() == np.unique(front, axis=0).tolist()


def make_deap_individual(genes, weights):
    fitness = type("Fitness", (base.Fitness,), {"weights": weights})
    individual = type("Individual", (list,), {})(genes)
    individual.fitness = fitness()
    return individual


def examples_of_deap(p, generations, seed):
    """The values that ``examples/ga/nsga2.py`` of DEAP evaluates, on the unit cube of ``p``."""
    toolbox = base.Toolbox()
    genes, weights, values = 2 * p.num_jobs, (-1.0,) * p.num_objectives, []
    toolbox.register("mate", tools.cxSimulatedBinaryBounded, low=0.0, up=1.0, eta=20.0)
    toolbox.register("mutate", tools.mutPolynomialBounded, low=0.0, up=1.0, eta=20.0, indpb=1.0 / genes)

    def score(individuals):
        for individual in individuals:
            cube = np.minimum(individual, np.nextafter(1.0, 0.0))
            cores = (cube[: p.num_jobs] * p.num_cores).astype(int)
            individual.fitness.values = np.atleast_1d(p.evaluate(cores, cube[p.num_jobs :])).tolist()
            values.append(list(individual.fitness.values))

    random.seed(seed)
    population = [make_deap_individual([random.random() for _ in range(genes)], weights) for _ in range(100)]
    score(population)
    population = tools.selNSGA2(population, len(population))
    for _ in range(1, generations):
        offspring = [toolbox.clone(i) for i in tools.selTournamentDCD(population, len(population))]
        for one, other in zip(offspring[::2], offspring[1::2], strict=True):
            if random.random() <= 0.9:
                toolbox.mate(one, other)
            toolbox.mutate(one)
            toolbox.mutate(other)
            del one.fitness.values, other.fitness.values
        score(offspring)
        population = tools.selNSGA2(population + offspring, 100)
    return values


@pytest.mark.parametrize("objective", ["", "/latency+energy"])
def test_deaps_nsga2_is_the_one_of_its_examples(objective):
    p = problems.get(f"mix/S2/bw16/g8/i0/corrected{objective}")
    search = optimizers.Search(p, "deap-nsga2", budget=400, seed=5, parameters={}, keep_all=True)
    search.run()
    state = random.getstate()
    try:
        expected = examples_of_deap(p, 4, 5)
    finally:
        random.setstate(state)
    assert search.result().all_values.reshape(400, -1).tolist() == expected


@pytest.mark.parametrize(
    "wrong", [{"population_size": 10}, {"population_size": 0}, {"crossover_rate": 2.0}, {"mutation_eta": -1.0}]
)
def test_deaps_nsga2_refuses_impossible_parameters(wrong):
    with pytest.raises(InvalidInput, match=f"{next(iter(wrong))}: expected"):
        optimizers.minimize(problems.get("mix/S2/bw1/g5/i0"), "deap-nsga2", budget=10, **wrong)


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
