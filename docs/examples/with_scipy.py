"""
With SciPy and pycma
====================

Whatever minimises a callable takes a problem as a function on the unit cube: of 2G coordinates the first G are cores,
core c of A being the interval from c/A to (c+1)/A, the others priorities. The function is constant around almost every
point, so gradients are 0: choose methods that need none.
"""

# %%
import cma
from scipy.optimize import differential_evolution

import problems
from problems.doors.unit_cube import function

p = problems.get("mix/S2/bw1/g20/i0")
f = function(p)
print(f.name, "in", f.dimension, "dimensions")

# %%
# SciPy's differential evolution; ``polish`` would descend by gradients.
found = differential_evolution(f, f.bounds, popsize=1, maxiter=15, polish=False, rng=0)
print(f"DE: {found.fun:.6g} cycles after {found.nfev} evaluations")

# %%
# CMA-ES of pycma, within the same bounds.
options = {"bounds": [0, 1], "maxfevals": 600, "seed": 1, "verbose": -9}
x, strategy = cma.fmin2(f, [0.5] * f.dimension, 0.3, options)
print(f"CMA-ES: {f(x):.6g} cycles, {f(x) / p.lower_bound():.3f} times the certified bound")

# %%
# The mapping that a point encodes has that value.
cores, priorities = f.decode(x)
print("cores", cores)
assert f(x) == p.evaluate(cores, priorities)
assert found.fun == p.evaluate(*f.decode(found.x))
print("the same number:", f(x) == p.evaluate(cores, priorities))
