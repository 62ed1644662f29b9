"""
The workflow in pictures
========================

A problem, a few optimizers, a campaign, and its judgement: the whole way in a minute.
"""

# %%
# A problem
# ---------
# A hundred layers are to be mapped onto four cores that share 1 GB/s. A mapping gives each job a core
# and a priority. Here is a random one: rows are cores, boxes are jobs, below them is the bandwidth that they use. All
# jobs that run slow down together as soon as they want more than there is.
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import bench
import optimizers
import problems
import reports

p = problems.get("mix/S2/bw1/g100/i1")
rng = np.random.default_rng(0)
cores, priorities = rng.integers(p.num_cores, size=p.num_jobs), rng.random(p.num_jobs)
before = reports.schedule_figure(p, p.schedule(cores, priorities), title="a random mapping")

# %%
# An optimizer
# ------------
# MAGMA, the paper's genetic algorithm, has 2,000 evaluations. The value is the makespan in cycles; lower is better.
r = optimizers.minimize(p, "magma", budget=2_000, seed=0)
print(f"random {p.evaluate(cores, priorities):,.0f}, MAGMA {r.best_value:,.0f} cycles")
after = reports.schedule_figure(p, p.schedule(r.best_cores, r.best_priorities), title="MAGMA")

# %%
# How good is that?
# -----------------
# Nobody needs to guess: a certificate proves that no mapping is faster than its bound.
names = ["random", "magma", "native-sa", "deap-stdga", "scipy-dual-annealing"]
fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
for name in names:
    found = optimizers.minimize(p, name, budget=2_000, seed=0)
    ax.step(found.trace_evaluations, found.trace_values / p.lower_bound(), where="post", label=name)
ax.axhline(1.0, color="0.4", linestyle="--", label="certified bound")
ax.set(xscale="log", xlabel="evaluations", ylabel="makespan / certified bound")
legend = ax.legend()

# %%
# A campaign
# ----------
# One run is luck. A campaign is problems x optimizers x seeds. Interrupted, it continues where it stopped; ``m3e run``
# does the same from the command line.
folder = Path(tempfile.mkdtemp())
size = (folder / "mine.toml").write_text("""
problems = ["{mix,vision}/S2/bw1/g30/i{0..3}"]
optimizers = ["random", "magma", "native-sa", "deap-stdga"]
seeds = 3
budget = 500
""")
results = bench.run(folder / "mine.toml", folder / "runs")

# %%
# The verdict
# -----------
# It compares problem by problem, corrects for the number of comparisons, and tells how large a difference is.
tables = reports.make_tables(reports.read_results([results]))
print(reports.leading_sentence(tables))
reports.pair_table(tables).shown()

# %%
# The report
# ----------
# All tables and figures, in one folder with a page that needs no network. ``m3e run`` writes it at the end.
page = reports.write_report(reports.read_results([results]), folder / "report")
print(sorted(path.name for path in (folder / "report" / "figures").glob("*.png")))
