"""What a trial costs by Optuna's samplers at 200 dimensions, here and by its own ``ask`` and ``tell``."""

import warnings

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from optimizers.adapters.optuna import OptunaOptimizer
from problems.space import SearchSpace

JOBS, CORES, TRIALS = 100, 4, 60
METHODS = ["RandomSampler", "TPESampler", "CmaEsSampler", "NSGAIISampler", "NSGAIIISampler", "QMCSampler"]


def search_plainly(method):
    core = CategoricalDistribution(range(CORES))
    core = IntDistribution(0, CORES - 1) if method in ("CmaEsSampler", "QMCSampler") else core
    space = {f"core_{j}": core for j in range(JOBS)} | {f"priority_{j}": FloatDistribution(0, 1) for j in range(JOBS)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = optuna.create_study(sampler=getattr(optuna.samplers, method)(seed=0))
    for _ in range(TRIALS):
        trial = study.ask(space)
        study.tell(trial, sum(trial.params.values()))


def search_here(method):
    optimizer = OptunaOptimizer(SearchSpace(JOBS, CORES), budget=TRIALS, seed=0, method=method)
    with optimizer.surroundings():
        for _ in range(TRIALS):
            cores, priorities = optimizer.ask()
            optimizer.tell(cores, priorities, np.array([cores.sum() + priorities.sum()]))


@pytest.mark.parametrize("search", [search_here, search_plainly])
@pytest.mark.parametrize("method", METHODS)
def test_sixty_trials(benchmark, method, search):
    benchmark.group = f"60 trials of 200 parameters, {method}"
    benchmark.pedantic(search, args=[method], rounds=2, iterations=1)
