"""
With Optuna
===========

A door makes a problem the objective of a study: each job has a categorical parameter for its core and a float for its
priority. CMA-ES and quasi-random samplers do not model categories; for them there are integers, or the unit cube.
"""

# %%
import optuna

import problems
from problems.doors.optuna import objective

optuna.logging.set_verbosity(optuna.logging.WARNING)
p = problems.get("mix/S2/bw1/g20/i0")
f = objective(p)

# %%
# A study with the TPE sampler. Its cost grows with parameters times trials: this takes seconds, 10,000 trials of 100
# jobs take hours.
study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
study.optimize(f, n_trials=100)
print(f"TPE: {study.best_value:.6g} cycles, {study.best_value / p.lower_bound():.3f} times the certified bound")

# %%
# Two objectives, makespan in cycles and energy in nJ, are a study with two directions.
p2 = problems.get("mix/S2/bw4/g20/i0/corrected/latency+energy")
both = optuna.create_study(directions=["minimize"] * 2, sampler=optuna.samplers.NSGAIISampler(seed=0))
both.optimize(objective(p2), n_trials=200)
front = [trial.values for trial in both.best_trials]
print(f"NSGA-II: {len(front)} points, hypervolume {p2.hypervolume(front):.3f}")

# %%
# The parameters of a trial are a mapping, and their value is that of the suite.
cores, priorities = f.decode(study.best_params)
assert study.best_value == p.evaluate(cores, priorities)
print("the same number:", study.best_value == p.evaluate(cores, priorities))
