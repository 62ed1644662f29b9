"""
With Nevergrad
==============

Nevergrad minimises a function over a parametrization. A door makes both of a problem: an ``ExperimentFunction``, whose
candidates are dictionaries of cores and priorities. Its optimizers take it as it is, and so do its
benchmarks, by a file that is below.
"""

# %%
# A problem, and what Nevergrad calls it. The candidates are in the native encoding, a ``TransitionChoice`` of a core
# for each job and an array of priorities; ``encoding="continuous"`` makes them points of the unit cube.
import numpy as np

import problems
from problems.doors.nevergrad import experiment_function, ng

p = problems.get("mix/S2/bw1/g20/i0")
f = experiment_function(p)
print(f.descriptors)

# %%
# Any optimizer of the registry will do. Seed the parametrization: the optimizers draw from its random state.
f.parametrization.random_state = np.random.RandomState(0)
optimizer = ng.optimizers.registry["DiscreteOnePlusOne"](f.parametrization, budget=500)
best = optimizer.minimize(f)

# %%
# The file for ``--imports`` of Nevergrad's benchmark command, ``python -m nevergrad.benchmark``:
#
# .. literalinclude:: ../../examples/nevergrad_imports.py

# %%
# The mapping, and its value: the makespan in cycles, the same number as that of the suite.
cores, priorities = f.decode(best.value)
print(f"makespan {f(best.value):.6g} cycles, {f(best.value) / p.lower_bound():.3f} times the certified bound")
print("cores", cores)
assert f(best.value) == f.evaluation_function(best) == p.evaluate(cores, priorities)
print("the same number:", f(best.value) == p.evaluate(cores, priorities))
