"""
Which instances tell optimizers apart
=====================================

On many instances everything ends at the same value, random search included. Results on those say nothing about
optimizers; the bound tells which they are.
"""

# %%
# Random mappings against the bound
# ---------------------------------
# Six instances of 100 jobs, 1,000 random mappings of each, divided by the certified bound: nothing can lie left of 1.
# ``facts_of`` says how far the best of the thousand is from the bound, and what share of the bound the longest job
# alone takes, on its fastest core with all the bandwidth.

import matplotlib.pyplot as plt
import numpy as np

import optimizers
import problems
from problems.sampling import random_mappings
from reports.figures.style import COLOURS

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.constrained_layout.use": True})
plt.rcParams.update({"font.size": 9, "axes.axisbelow": True, "grid.color": "#e3e3e3", "legend.frameon": False})
plt.rcParams["savefig.dpi"] = 200

names = (
    "mix/S3/bw256/g100/i4",
    "mix/S3/bw1/g100/i0",
    "recommendation/S1/bw16/g100/i0",
    "vision/S2/bw16/g100/i0",
    "mix/S2/bw1/g100/i0",
    "mix/S5/bw16/g100/i2",
)
instances = {name: problems.get(name) for name in names}


def memory_share(problem):
    """Least time in which the memory moves the bytes of all jobs, as a share of the bound."""
    volume = (problem.job_table.latency * problem.job_table.bandwidth).min(axis=1).sum()
    return volume / problem.system_bandwidth / problem.lower_bound()


print(f"{'':31}best of 1,000   longest job   memory")
for name, problem in instances.items():
    facts = problems.facts_of(problem)
    print(f"{name:31}{facts.random_level:13.3f}{facts.longest_job_share:14.3f}{memory_share(problem):9.3f}", end="   ")
    print("separates" if facts.separates else "degenerate")

# %%
# Three reasons stand out:
#
# - ``mix/S3/bw256/g100/i4``: *one giant layer*. It takes as long as the bound wherever it runs, for the cores are
#   equal, and the other 99 jobs fit beside it. Whatever a search does, it is done.
# - ``mix/S3/bw1/g100/i0``: *bandwidth so short that everything is bound by it*. The bytes are the same on all of the
#   equal cores, and the memory needs the whole of the bound to move them: a mapping can only keep it from idling, and
#   5.9 % is all that this gains on the best random one. It counts as separating all the same: the limit is 2 %.
# - ``recommendation/S1/bw16/g100/i0``: *many small jobs on few equal cores*. Random splits are not far from even, and
#   the best of a thousand is nearly so.
#
# The others have unequal cores, where a layer on the wrong one costs tens of times as much, and a random mapping is
# sure to contain some:

figure, axis = plt.subplots(figsize=(7, 3.6))
for row, problem in enumerate(instances.values()):
    mappings = random_mappings(problem.num_jobs, problem.num_cores)  # the same as in facts_of
    ratio = np.sort(problem.evaluate(*mappings)) / problem.lower_bound()
    parts = axis.violinplot(np.log10(ratio), [row], orientation="horizontal", widths=0.8, showextrema=False)
    parts["bodies"][0].set(facecolor=COLOURS[1], alpha=0.45)
    known = problem.best_known().value / problem.lower_bound()
    axis.plot(np.log10(ratio[0]), row, "|", color=COLOURS[1], markersize=16)
    axis.plot(np.log10(known), row, "D", color="#D55E00", markersize=5)
axis.plot([], [], "|", color=COLOURS[1], markersize=10, label="best of 1,000 random mappings")
axis.plot([], [], "D", color="#D55E00", markersize=5, label="best known")
axis.axvline(0, color="black", linewidth=1)
axis.set_yticks(range(len(names)), [name.replace("/g100", "") for name in names])
ticks = (1, 2, 5, 10, 30, 100, 300)
axis.set_xticks(np.log10(ticks), ticks)
axis.set(ylim=(5.5, -0.6), xlim=(-0.05, 2.8), xlabel="makespan / certified bound")
axis.grid(axis="x", linewidth=0.6)
axis.legend(loc="upper right")
plt.show()

# %%
# The share of the longest job alone is no sign: on ``vision/S2/bw16/g100/i0`` it is 1 too, but that layer reaches the
# bound only on the core that suits it, and all others have to be on theirs.
#
# What optimizers make of it
# --------------------------
# 2,000 evaluations each, seed 0; the excess over the bound:

methods = ("random", "native-sa", "magma", "herald-like")
print(f"{'':31}" + "".join(f"{method:>12}" for method in methods))
for name, problem in instances.items():
    values = [optimizers.minimize(problem, method, budget=2_000, seed=0).best_value for method in methods]
    print(f"{name:31}" + "".join(f"{value / problem.lower_bound() - 1:12.2%}" for value in values))

# %%
# On the first three, random search ends within some per cent of the bound, and no method can be better by more than
# that. On the others they differ by far. (``herald-like`` is list scheduling that sees the job table; the others are
# black-box optimizers.)
#
# The whole picture
# -----------------
# The same for five groups of one task on two platforms. On equal cores (S3) the best random mapping is within a third
# of the bound, on unequal ones (S5) never. Where the longest job reaches the bound on equal cores, little is left to
# find.

figure, axis = plt.subplots(figsize=(7, 3.6))
for platform, colour, marker in (("S3", COLOURS[2], "s"), ("S5", COLOURS[1], "o")):
    for limit, size in ((1, 18), (256, 50)):
        for number in range(5):
            problem = problems.get(f"mix/{platform}/bw{limit}/g100/i{number}")
            facts = problems.facts_of(problem)
            label = f"{platform}, {limit} GB/s" if number == 0 else None
            place = facts.longest_job_share, facts.random_level
            axis.scatter(*place, s=size, color=colour, marker=marker, alpha=0.7, label=label)
axis.axhline(1.02, color="#D55E00", linestyle="--", linewidth=1)
axis.text(0.15, 0.99, "degenerate below the line, within 2 % of the bound", color="#B34E00", va="top", fontsize=8)
axis.set(yscale="log", xlabel="longest job alone / bound", ylabel="best of 1,000 random / bound", ylim=(0.85, 20))
axis.set_yticks((1, 1.5, 2, 3, 5, 10, 15), ("1", "1.5", "2", "3", "5", "10", "15"))
axis.minorticks_off()
axis.grid(linewidth=0.6)
figure.legend(*axis.get_legend_handles_labels(), loc="outside upper center", ncols=2)
plt.show()

# %%
# ``m3e show ID`` prints these facts for any instance; the campaigns ``quick`` and ``core`` use instances that separate.
