"""
With IOHexperimenter
====================

A door makes a problem a function of ioh, on the unit cube, so that its loggers write what IOHanalyzer and iohinspector
read. ``m3e export --format ioh`` writes the same of a campaign's runs.
"""

# %%
import tempfile
from pathlib import Path

import ioh
import numpy as np

import problems
from problems.doors import unit_cube
from problems.doors.ioh import problem

p = problems.get("mix/S2/bw1/g20/i0")
f = problem(p)
print(f)

# %%
# A local search that changes a tenth of the coordinates at a time, logged: an optimizer of yours goes here.
folder = tempfile.mkdtemp()
logger = ioh.logger.Analyzer(root=folder, folder_name="logs", algorithm_name="local search")
f.attach_logger(logger)
rng = np.random.default_rng(0)
best = rng.random(f.meta_data.n_variables)
value = f(best)
for _ in range(499):
    x = np.where(rng.random(best.size) < 0.1, rng.random(best.size), best)
    if (y := f(x)) <= value:
        best, value = x, y
logger.close()
print(*sorted(path.name for path in Path(folder).rglob("*.*")))

# %%
# ioh has kept the best, and it is the makespan in cycles.
cores, priorities = unit_cube.function(p).decode(f.state.current_best.x)
print(f"makespan {value:.6g} cycles, {value / p.lower_bound():.3f} times the certified bound")
print(f.state.evaluations, "evaluations")
assert value == f.state.current_best.y == p.evaluate(cores, priorities)
print("the same number:", value == p.evaluate(cores, priorities))
