"""
With OptunaHub
==============

OptunaHub's benchmarks are packages with a class ``Problem``. The folder ``optunahub`` beside this file holds one of the
whole suite, laid out as the registry wants it; a single problem needs no package.
"""

# %%
# The package, loaded from its folder. ``optunahub.load_module("benchmarks/m3e")`` loads one that is registered.
from pathlib import Path

import optuna
import optunahub

import problems
from problems.doors.optunahub import problem

optuna.logging.set_verbosity(optuna.logging.WARNING)
root = Path(problems.__file__).parents[1] / "docs" / "examples" / "optunahub" / "package"  # of the clone
m3e = optunahub.load_local_module("benchmarks/m3e", registry_root=str(root))
benchmark = m3e.Problem("mix/S2/bw1/g20/i0")
print(len(benchmark.search_space), "parameters, core_0:", benchmark.search_space["core_0"])

# %%
# A benchmark is an objective, and knows the directions of its study.
study = optuna.create_study(directions=benchmark.directions, sampler=optuna.samplers.TPESampler(seed=0))
study.optimize(benchmark, n_trials=100)
print(f"{study.best_value:.6g} cycles, {study.best_value / benchmark.lower_bound():.3f} times the certified bound")

# %%
# Any problem that is at hand is a benchmark too, and all give the same number.
p = problems.get("mix/S2/bw1/g20/i0")
cores, priorities = benchmark.decode(study.best_params)
assert study.best_value == problem(p).evaluate(study.best_params) == p.evaluate(cores, priorities)
print("the same number:", study.best_value == p.evaluate(cores, priorities))
