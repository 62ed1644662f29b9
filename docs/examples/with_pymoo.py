"""
With pymoo
==========

A door makes a problem a pymoo ``Problem``, with one objective or two. Most of its algorithms want reals, so the default
is the unit cube; ``encoding="native"`` has a variable for every gene, for ``MixedVariableGA``.
"""

# %%
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.config import Config
from pymoo.core.mixed import MixedVariableGA
from pymoo.optimize import minimize

import problems
from problems.doors.pymoo import problem

Config.warnings["not_compiled"] = False

# %%
# One objective, the makespan in cycles, with cores that are choices.
p = problems.get("mix/S2/bw1/g20/i0")
one = minimize(problem(p, encoding="native"), MixedVariableGA(pop_size=50), ("n_eval", 500), seed=0)
print(f"GA: {one.F[0]:.6g} cycles, {one.F[0] / p.lower_bound():.3f} times the certified bound")

# %%
# Two objectives, makespan in cycles and energy in nJ: the front, and how much of the space it dominates.
p2 = problems.get("mix/S2/bw4/g20/i0/corrected/latency+energy")
two = minimize(problem(p2), NSGA2(pop_size=50), ("n_eval", 500), seed=0)
print(f"NSGA-II: {len(two.F)} points, hypervolume {p2.hypervolume(two.F):.3f}")

# %%
# What pymoo calls ``F`` are the numbers of the suite.
assert one.F[0] == p.evaluate(*one.problem.decode(one.X))
for x, values in zip(two.X, two.F, strict=True):
    assert (values == p2.evaluate(*two.problem.decode(x))).all()
print("the same number:", one.F[0] == p.evaluate(*one.problem.decode(one.X)))
