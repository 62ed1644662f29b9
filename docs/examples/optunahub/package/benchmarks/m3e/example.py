from __future__ import annotations

import optuna
import optunahub


m3e = optunahub.load_module("benchmarks/m3e")
problem = m3e.Problem("mix/S2/bw1/g20/i0")
study = optuna.create_study(directions=problem.directions)
study.optimize(problem, n_trials=30)
print(study.best_value / problem.lower_bound())
