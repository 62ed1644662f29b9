"""What Optuna is told, and that its samplers search here as in a plain loop of ask and tell."""

import importlib.util
import json
import logging
import warnings
from itertools import pairwise

import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

import optimizers
import problems
from optimizers.adapters import FallbackToRandom
from optimizers.adapters.optuna import OptunaOptimizer
from optimizers.adapters.optuna.study import LeanStorage, TrialLoop
from optimizers.adapters.optuna.surroundings import fallbacks_raise
from optimizers.testing import TwoWeights, Weights
from problems.doors.encoding import BELOW_ONE, codec_of
from problems.doors.losses import LARGEST_LOSS
from problems.doors.optuna import distributions_of, params_of, rows_of
from problems.foundation.errors import InvalidInput, MissingExtra, UnknownName
from problems.space import SearchSpace

HAS_TORCH = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="needs torch")

SPACE = SearchSpace(num_jobs=8, num_cores=3)
INTEGERS = ("CmaEsSampler", "QMCSampler")
TRIALS = {"RandomSampler": 60, "TPESampler": 40, "CmaEsSampler": 60, "NSGAIISampler": 180, "NSGAIIISampler": 180}
"""Enough that each leaves its beginning, which is at random; else 13."""
ONE_OBJECTIVE = [*TRIALS, "QMCSampler", pytest.param("GPSampler", marks=needs_torch)]
TWO_OBJECTIVES = [method for method in ONE_OBJECTIVE if method != "CmaEsSampler"]


def plain_loop(problem, method, count, seed, encoding="native", name=None, batch=1, first=(), **parameters):
    """The values of ``count`` trials by ``study.ask`` and ``study.tell`` alone, with the seed of optimizer ``name``."""
    seed = optimizers.derived_seed(name or f"optuna:{method}", seed)
    core = CategoricalDistribution(range(problem.num_cores))
    core = IntDistribution(0, problem.num_cores - 1) if method in INTEGERS else core
    core = FloatDistribution(0.0, 1.0) if encoding == "continuous" else core
    space = {f"core_{j}": core for j in range(problem.num_jobs)}
    space |= {f"priority_{j}": FloatDistribution(0.0, 1.0) for j in range(problem.num_jobs)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler = getattr(optuna.samplers, method)(seed=seed, **parameters)
    objectives = getattr(problem, "num_objectives", 1)
    study, told = optuna.create_study(sampler=sampler, directions=["minimize"] * objectives), []
    for params in first:
        study.enqueue_trial(params)
    waiting = []
    for number in range(count):
        if number % batch == 0:
            waiting = [study.ask(space) for _ in range(batch)]
        trial = waiting[number % batch]
        genome = np.array(list(trial.params.values()), dtype=float)[None, :]
        cores, priorities = genome[:, : problem.num_jobs], np.clip(genome[:, problem.num_jobs :], 0.0, BELOW_ONE)
        if encoding == "continuous":
            cores = np.minimum(cores * problem.num_cores, problem.num_cores - 1)
        values = np.atleast_1d(problem.evaluate(cores.astype(np.int64), priorities)[0]).tolist()
        told.append(values)
        if number % batch == batch - 1:
            for trial, one in zip(waiting, told[-batch:], strict=True):
                study.tell(trial, np.minimum(one, LARGEST_LOSS).tolist())
    return told


def trace(problem, method, count, seed, **parameters):
    search = optimizers.Search(
        problem,
        f"optuna:{method}",
        budget=count,
        seed=seed,
        parameters=parameters,
        full_trace=optimizers.FullTrace.VALUES,
    )
    search.run()
    return search.result().all_values.reshape(count, -1).tolist()


@pytest.mark.parametrize("method", ONE_OBJECTIVE)
@pytest.mark.parametrize("encoding", ["native", "continuous"])
def test_the_trace_is_that_of_plain_ask_and_tell(method, encoding):
    p, count = problems.get("mix/S2/bw1/g8/i0"), TRIALS.get(method, 13)
    assert trace(p, method, count, 5, encoding=encoding) == plain_loop(p, method, count, 5, encoding)


@pytest.mark.parametrize("method", [*TRIALS, "QMCSampler"])
@pytest.mark.parametrize("batch", [3, 10])
def test_the_trace_of_batches_is_that_of_as_many_open_trials(method, batch):
    p, count = problems.get("mix/S2/bw1/g8/i0"), TRIALS.get(method, 30) // batch * batch
    found = trace(p, method, count, 5, batch=batch)
    assert found == plain_loop(p, method, count, 5, batch=batch)
    if batch == 3:  # ten divide a generation
        assert (found == trace(p, method, count, 5)) == (method in ("RandomSampler", "QMCSampler"))


@pytest.mark.parametrize("method", ["TPESampler", "CmaEsSampler"])
def test_the_trace_of_a_warm_start_is_that_of_enqueued_trials(method):
    p, count = problems.get("mix/S2/bw1/g8/i0"), TRIALS[method]
    start = [{"cores": [j % 4 for j in range(8)], "priorities": [0.1 * j for j in range(8)]}]
    first = {f"core_{j}": j % 4 for j in range(8)} | {f"priority_{j}": 0.1 * j for j in range(8)}
    assert trace(p, method, count, 5, warm_start=start) == plain_loop(p, method, count, 5, first=[first])


def test_a_warm_start_is_in_the_first_generation_which_no_enqueued_trial_is():
    space = SearchSpace(num_jobs=8, num_cores=3)
    _, distributions = distributions_of(space, "native")
    first = params_of(np.array([0.0] * 8 + [0.5] * 8), distributions)
    loop = TrialLoop(optuna.samplers.NSGAIISampler(seed=0, population_size=2), distributions, 1, [first])
    assert loop.ask() == first
    trial = loop._storage.get_trial(loop._open[0])
    assert trial.system_attrs["NSGAIISampler:generation"] == 0


@pytest.mark.parametrize("batch", [0, 1.5, "3"])
def test_what_is_no_batch_is_told(batch):
    with pytest.raises(InvalidInput, match="batch: expected an integer of at least 1"):
        optimizers.check_parameters("optuna-tpe", {"batch": batch})


@pytest.mark.parametrize("method", TWO_OBJECTIVES)
def test_the_trace_of_two_objectives_is_that_of_plain_ask_and_tell(method):
    p, count = problems.get("mix/S2/bw16/g8/i0/corrected/latency+energy"), TRIALS.get(method, 13)
    assert trace(p, method, count, 5) == plain_loop(p, method, count, 5)


@pytest.mark.parametrize("method", ONE_OBJECTIVE)
@pytest.mark.parametrize("shape", [(1, 3), (5, 1), (1, 1)])
def test_the_trace_of_the_smallest_problems_is_that_of_plain_ask_and_tell(method, shape):
    assert trace(Weights(*shape), method, 12, 2) == plain_loop(Weights(*shape), method, 12, 2)


@pytest.mark.parametrize("method", ["TPESampler", "NSGAIISampler", "CmaEsSampler"])
def test_the_trace_is_the_same_where_mappings_cannot_run(method):
    values = trace(Weights(forbidden=True), method, 60, 1)
    assert values == plain_loop(Weights(forbidden=True), method, 60, 1)
    assert np.isinf(values).any()


@pytest.mark.parametrize(
    ("method", "own"),
    [
        ("NSGAIISampler", {"population_size": 10, "mutation_prob": 0.2}),
        ("NSGAIISampler", {"population_size": 3}),
        ("NSGAIIISampler", {"population_size": 4}),
        ("CmaEsSampler", {"popsize": 5, "with_margin": True}),
        ("CmaEsSampler", {"use_separable_cma": True}),
        ("QMCSampler", {"scramble": True, "qmc_type": "halton"}),
        ("TPESampler", {"multivariate": False, "n_startup_trials": 3}),
    ],
)
def test_parameters_reach_the_sampler(method, own):
    p = problems.get("mix/S2/bw1/g8/i0")
    assert trace(p, method, 40, 3, sampler_parameters=own) == plain_loop(p, method, 40, 3, **own)
    told = OptunaOptimizer(SPACE, budget=5, seed=0, method=method, sampler_parameters=own).settings()
    assert told | own == told


def test_two_objectives_end_with_the_front_that_the_study_has():
    p = problems.get("mix/S2/bw16/g8/i0/corrected/latency+energy")
    values = np.array(plain_loop(p, "NSGAIISampler", 120, 5, name="optuna-nsga2"))
    front = [v for v in values if not ((values <= v).all(axis=1) & (values < v).any(axis=1)).any()]
    result = optimizers.minimize(p, "optuna-nsga2", budget=120, seed=5)
    assert result.front_values.tolist() == np.unique(front, axis=0).tolist()


def test_a_sampler_of_one_objective_refuses_two():
    with pytest.raises(InvalidInput, match="CmaEsSampler cannot be used"):
        OptunaOptimizer(SearchSpace(8, 3, num_objectives=2), budget=5, seed=0, method="CmaEsSampler")
    with pytest.raises(InvalidInput, match="one objective"):
        optimizers.minimize(TwoWeights(), "optuna-cmaes", budget=5)


@pytest.mark.parametrize("method", ["RandomSampler", "TPESampler", "NSGAIISampler", "CmaEsSampler", "QMCSampler"])
def test_a_core_is_a_category_where_samplers_model_categories_and_else_an_integer(method):
    core = OptunaOptimizer(SPACE, budget=5, seed=0, method=method).settings()["core"]
    assert core == ("int" if method in INTEGERS else "categorical")
    unit = OptunaOptimizer(SPACE, budget=5, seed=0, method=method, encoding="continuous")
    assert unit.settings()["core"] == "float"


@given(
    mappings=st.integers(1, 6).flatmap(
        lambda jobs: st.tuples(
            st.lists(st.integers(0, 3), min_size=jobs, max_size=jobs),
            st.lists(st.floats(0.0, 1.0, exclude_max=True), min_size=jobs, max_size=jobs),
        )
    ),
    encoding=st.sampled_from(["native", "continuous"]),
    integers=st.booleans(),
)
def test_mappings_come_back_from_parameters_as_they_were(mappings, encoding, integers):
    cores, priorities = np.array([mappings[0]]), np.array([mappings[1]])
    space = SearchSpace(num_jobs=cores.shape[1], num_cores=4)
    codec, (_, distributions) = codec_of(encoding, space), distributions_of(space, encoding, integers=integers)
    params = params_of(codec.encode(cores, priorities)[0], distributions)
    study = optuna.create_study()
    study.add_trial(optuna.create_trial(params=params, distributions=distributions, value=0.0))  # refuses what is wrong
    back = codec.decode(rows_of([study.trials[0].params]))
    assert (back[0] == cores).all()
    assert (back[1] == priorities).all()


def test_the_samplers_word_that_it_samples_at_random_is_an_error():
    categorical = {"a": CategoricalDistribution(range(3)), "x": FloatDistribution(0, 1), "y": FloatDistribution(0, 1)}
    loop = TrialLoop(optuna.samplers.CmaEsSampler(seed=0), categorical, 1)
    with fallbacks_raise():
        loop.ask()  # the first is at random by design
        loop.tell([1.0])
        with pytest.raises(FallbackToRandom, match="instead of `CmaEsSampler`"):
            loop.ask()


def test_a_run_leaves_optunas_log_and_the_warning_filters_as_they_were():
    logger = logging.getLogger("optuna")
    before = optuna.logging.get_verbosity(), list(logger.handlers), list(warnings.filters)
    optimizers.minimize(Weights(), "optuna-qmc", budget=20)
    assert before == (optuna.logging.get_verbosity(), list(logger.handlers), list(warnings.filters))


def test_nothing_is_said_of_what_is_experimental(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizers.minimize(problems.get("mix/S2/bw1/g12/i0"), "optuna-qmc", budget=40)
        optimizers.minimize(Weights(), "optuna-cmaes", budget=40, sampler_parameters={"with_margin": True})
        optimizers.minimize(Weights(), "optuna-cmaes", budget=40, sampler_parameters={"sigma0": 0.3})
    assert capfd.readouterr() == ("", "")


def test_settings_are_the_samplers_defaults_and_json():
    settings = OptunaOptimizer(SPACE, budget=5, seed=0, method="TPESampler").settings()
    assert settings["n_startup_trials"] == 10
    assert "seed" not in settings
    assert json.loads(json.dumps(settings)) == settings


@pytest.mark.parametrize("method", ["Bogus", "GridSampler", "PartialFixedSampler", "BaseSampler", "nsgaii", "__all__"])
def test_what_is_no_sampler_that_makes_itself_is_refused(method):
    with pytest.raises(UnknownName, match=method):
        OptunaOptimizer(SPACE, budget=5, seed=0, method=method)


def test_a_sampler_that_takes_no_real_numbers_is_refused_with_what_it_says():
    with pytest.raises(InvalidInput, match="step must be given"):
        OptunaOptimizer(SPACE, budget=5, seed=0, method="BruteForceSampler")


@pytest.mark.skipif(HAS_TORCH, reason="needs a place without torch")
def test_the_gaussian_process_names_the_extra_that_it_needs():
    with pytest.raises(MissingExtra, match=r"needs torch: pip install .*torch"):
        OptunaOptimizer(SPACE, budget=5, seed=0, method="GPSampler")


@pytest.mark.parametrize(
    ("own", "error", "words"),
    [
        ({"population": 9}, UnknownName, "population_size"),
        ({"seed": 9}, UnknownName, "seed"),
        ({"population_size": 1}, InvalidInput, "greater than or equal to 2"),
        ({"population_size": "many"}, InvalidInput, "sampler_parameters"),
        ({"crossover": "uniform"}, InvalidInput, "not a valid crossover"),
        (["population_size"], InvalidInput, "sampler_parameters: expected a table"),
    ],
)
def test_parameters_that_the_sampler_does_not_take_are_refused(own, error, words):
    with pytest.raises(error, match=words):
        OptunaOptimizer(SPACE, budget=5, seed=0, method="NSGAIISampler", sampler_parameters=own)


def test_an_unknown_encoding_is_refused():
    with pytest.raises(UnknownName, match="encoding"):
        OptunaOptimizer(SPACE, budget=5, seed=0, encoding="onehot")


def test_only_the_newest_state_of_cma_es_is_kept():
    optimizer = OptunaOptimizer(SPACE, budget=100, seed=0, method="CmaEsSampler")
    kept = []
    for _ in range(100):
        optimizer.tell(*optimizer.ask(), np.array([1.0]))
        trials = optimizer._trials._storage.get_all_trials(0, deepcopy=False)
        kept.append(sum(any(isinstance(v, str) for v in trial.system_attrs.values()) for trial in trials))
    assert kept[-1] == 1
    assert all(later >= earlier for earlier, later in pairwise(kept))


def test_texts_of_a_trial_that_is_not_complete_do_not_replace_those_of_one_that_is():
    storage = LeanStorage()
    study = optuna.create_study(storage=storage)
    first, second = (storage.get_trial(study.ask().number) for _ in range(2))
    storage.set_trial_system_attr(0, "state", "old")
    storage.drop_outdated_texts(first)
    storage.set_trial_system_attr(1, "state", "new")
    assert (first.system_attrs, second.system_attrs) == ({"state": "old"}, {"state": "new"})
    storage.drop_outdated_texts(second)
    assert (first.system_attrs, second.system_attrs) == ({}, {"state": "new"})


def test_the_wall_limit_ends_a_slow_sampler_and_keeps_its_best():
    p = problems.get("mix/S2/bw1/g50/i3")
    result = optimizers.minimize(p, "optuna-tpe", budget=100_000, wall_limit_seconds=1.0)
    assert result.stopped == "wall"
    assert result.seconds.total < 30.0
    assert result.best_value == p.evaluate(result.best_cores[None], result.best_priorities[None])[0]


@pytest.mark.parametrize("encoding", ["native", "continuous"])
@pytest.mark.parametrize(
    ("name", "parameters"),
    [("optuna-cmaes", ["popsize", "sigma0"]), ("optuna-nsga2", ["mutation_prob"]), ("optuna-nsga3", ["mutation_prob"])],
)
def test_what_a_sampler_works_out_is_told_as_it_is(name, parameters, encoding):
    p = problems.get("mix/S2/bw1/g8/i0")
    search = optimizers.Search(p, name, budget=1, seed=5, parameters={"encoding": encoding})
    told = {parameter: search.optimizer.settings()[parameter] for parameter in parameters}
    assert all(isinstance(value, int | float) for value in told.values())
    default, explicit = (
        optimizers.minimize(p, name, budget=170, seed=5, encoding=encoding, **own).trace_values.tolist()
        for own in ({}, {"sampler_parameters": told})
    )
    assert default == explicit
