"""
With DEAP
=========

A door makes a problem a toolbox: individuals, populations, ``evaluate``, and operators that keep cores integers and
priorities in [0, 1]. Nothing is registered in ``deap.creator``, so that individuals travel between processes.
"""

# %%
import random

from deap import algorithms, tools

import problems
from problems.doors.deap import toolbox

p = problems.get("mix/S2/bw1/g20/i0")
box = toolbox(p)

# %%
# Operators of your own replace those that are there: here tournaments of five instead of three.
box.register("select", tools.selTournament, tournsize=5)

# %%
# DEAP draws from the global generator of ``random``, so that is what to seed.
random.seed(0)
best = tools.HallOfFame(1)
first = box.population(n=50)
_, log = algorithms.eaSimple(first, box, cxpb=0.6, mutpb=0.6, ngen=15, halloffame=best, verbose=False)
print(sum(log.select("nevals")), "evaluations")

# %%
# The fitness of an individual is the value of its mapping: the makespan in cycles.
cores, priorities = box.decode(best[0])
(value,) = best[0].fitness.values
print(f"makespan {value:.6g} cycles, {value / p.lower_bound():.3f} times the certified bound")
assert value == p.evaluate(cores, priorities)
print("the same number:", value == p.evaluate(cores, priorities))
