r"""
Mappings and their encodings
============================

A mapping gives each job a core and a priority. That is all an optimizer proposes: a core runs its jobs one after
another, those of low priority value first.
"""

# %%
# From genome to schedule
# -----------------------
# With :math:`G` jobs and :math:`A` cores a mapping is two lists, the *genome*: cores, integers from 0 to
# :math:`A - 1`, and priorities, reals in :math:`[0, 1)`. Jobs of one core, sorted by priority, are its *queue*; ties go
# by the number of the job.

import math

import matplotlib.pyplot as plt
import numpy as np

import problems
from problems.doors.encoding import codec_of
from problems.space import SearchSpace
from reports.figures.style import COLOURS
from reports.schedules.chart import NetworkLook, draw_bandwidth, draw_jobs

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.constrained_layout.use": True})
plt.rcParams.update({"font.size": 9, "axes.axisbelow": True, "grid.color": "#e3e3e3", "legend.frameon": False})
plt.rcParams["savefig.dpi"] = 200

small = problems.get("mix/S2/bw1/g10/i7")
cores = small.best_known().cores
priorities = small.best_known().priorities / small.num_jobs  # stored as ranks from 0; only their order counts
print("cores      ", *(f"{core:4}" for core in cores))
print("priorities ", *(f"{priority:4.2f}" for priority in priorities))
for core in range(small.num_cores):
    queue = [job for job in np.argsort(priorities, kind="stable") if cores[job] == core]
    print(f"queue of core {small.core_names[core]}:", *(f"job {job}" for job in queue))

schedule = small.schedule(cores, priorities)
looks = [NetworkLook(COLOURS[1 + job % 10], "") for job in range(small.num_jobs)]
figure, (above, below) = plt.subplots(2, 1, figsize=(7, 3.4), sharex=True, height_ratios=(1.5, 1))
draw_jobs(above, schedule, looks, scale=1e3)
draw_bandwidth(below, schedule, scale=1e3)
for job, (start, end) in enumerate(zip(schedule.starts, schedule.ends, strict=True)):
    if end - start > 0.02 * schedule.makespan:
        middle = (start + end) / 2e3
        above.text(middle, schedule.cores[job], f"{job}", ha="center", va="center", color=looks[job].ink)
above.set_yticks(range(4), [name.split("-")[0] for name in small.core_names])
above.set_ylim(3.5, -0.5)
above.set_xlim(0, schedule.makespan / 1e3)
above.set_title(f"best mapping known of {small.id}", loc="left")
below.set_xlabel("time, thousand cycles")
plt.show()

# %%
# The search space
# ----------------
# Only the order of priorities within a queue counts. Each distinct schedule is a way to line up :math:`G` different
# jobs in :math:`A` different queues; the first job has :math:`A` places, the next :math:`A + 1`, and so on:
#
# .. math:: A (A + 1) \cdots (A + G - 1) = \frac{(A + G - 1)!}{(A - 1)!}

for jobs, count in ((10, 4), (100, 4), (100, 16), (1000, 16)):
    digits = (math.lgamma(count + jobs) - math.lgamma(count)) / math.log(10)
    assignments = jobs * math.log10(count)
    print(f"{jobs:5} jobs on {count:2} cores: 10^{assignments:.0f} assignments, 10^{digits:.0f} schedules")

# %%
# Many of them are worth the same. Any strictly increasing change of all priorities is no change at all, cores of one
# kind can be relabelled, and so can equal jobs:

problem = problems.get("mix/S2/bw1/g100/i0")
cores, priorities = problem.best_known().cores, problem.best_known().priorities / problem.num_jobs
best = problem.evaluate(cores, priorities)
relabelled = np.array([1, 2, 0, 3])[cores]  # cores 0 to 2 are alike
print("other priorities in the same order:", problem.evaluate(cores, priorities**3) == best)
print("cores 0, 1 and 2 renamed 1, 2 and 0:", math.isclose(problem.evaluate(relabelled, priorities), best))
table = np.concatenate([problem.job_table.latency, problem.job_table.bandwidth], axis=1)
print(f"{len(np.unique(table, axis=0))} different rows among {problem.num_jobs} jobs")

# %%
# Two encodings
# -------------
# Optimizers differ in the variables that they take, so a mapping has two encodings. ``native`` is the genome as it is,
# integers (or categories) and reals. ``continuous`` is the unit cube with :math:`2G` dimensions: core :math:`c` is the
# interval from :math:`c/A` to :math:`(c+1)/A`, and its middle stands for it.

codec = codec_of("continuous", SearchSpace(num_jobs=3, num_cores=4))
print(codec.encode(np.array([[2, 0, 3]]), np.array([[0.5, 0.25, 0.75]])))
print(*codec.decode(np.array([[0.6, 0.24, 0.99, 0.5, 0.25, 0.75]])))

# %%
# In the cube the makespan is a step function: flat within a core's interval, and along a priority flat until the job
# passes another one in its queue. There is no gradient, and steps have very different heights:

job = int(np.argmax(problem.job_table.latency.min(axis=1)))
codec = codec_of("continuous", SearchSpace(problem.num_jobs, problem.num_cores))
point = codec.encode(cores[None], priorities[None])[0]
positions = np.linspace(0, 1, 2001)[:-1]
figure, axes = plt.subplots(1, 2, figsize=(7, 2.8))
for axis, place, name in ((axes[0], job, "core"), (axes[1], problem.num_jobs + job, "priority")):
    points = np.tile(point, (len(positions), 1))
    points[:, place] = positions
    axis.plot(positions, 100 * (problem.evaluate(*codec.decode(points)) / best - 1), color=COLOURS[1])
    axis.plot(point[place], 0, "o", color="#D55E00", label="best known")
    axis.set_xlabel(f"coordinate of the {name}\nof job {job}, the longest")
    axis.grid(linewidth=0.6)
axes[0].set_ylabel("makespan above best known, %")
axes[1].legend()
plt.show()

# %%
# One changed gene
# ----------------
# From a mapping, change one gene in all ways: each job to each other core, or to a hundred other priorities. How much
# does the makespan change? The share of changes, for a random mapping and for the best known one:


def changed(cores, priorities, gene):
    """Relative changes of the makespan: a job moves to another core, or gets another priority."""
    values = np.arange(problem.num_cores) if gene == "core" else (np.arange(100) + 0.5) / 100
    shape = (problem.num_jobs, len(values), problem.num_jobs)
    genome = {"core": np.broadcast_to(cores, shape).copy(), "priority": np.broadcast_to(priorities, shape).copy()}
    for number in range(problem.num_jobs):
        genome[gene][number, :, number] = values
    makespans = problem.evaluate(*(part.reshape(-1, problem.num_jobs) for part in genome.values()))
    return makespans / problem.evaluate(cores, priorities) - 1


rng = np.random.default_rng(0)
start = rng.integers(problem.num_cores, size=100), rng.random(100)
limits = (-np.inf, -1e-2, -1e-9, 1e-9, 1e-2, 1, np.inf)
names = ("better by > 1 %", "better", "no change", "worse", "worse by > 1 %", "more than doubled")
shades = (COLOURS[3], "#8FD3BF", "#DADADA", "#F3C79A", "#E08A3C", "#8C2D04")
figure, axis = plt.subplots(figsize=(7, 2.9))
rows = []
print("shares, in the order of the legend")
for mapping, of in ((start, "random"), ((cores, priorities), "best known")):
    for gene in ("core", "priority"):
        counts = np.histogram(changed(*mapping, gene), limits)[0]
        shares = counts / counts.sum()
        rows.append(f"{of}: {gene}")
        for number, share in enumerate(shares):
            label = names[number] if len(rows) == 1 else None
            axis.barh(len(rows) - 1, share, left=shares[:number].sum(), color=shades[number], label=label)
        print(f"{rows[-1]:21}", *(f"{share:6.1%}" for share in shares))
axis.set_yticks(range(4), rows)
axis.set(xlim=(0, 1), ylim=(3.5, -0.5), xlabel="share of all changes of one gene")
figure.legend(*axis.get_legend_handles_labels(), loc="outside upper center", ncols=3)
plt.show()

# %%
# From a random mapping, a third of all changes help, few of them by much: the makespan is that of one overloaded core,
# and each job that leaves it is a small step. Around the best known mapping no order changes the makespan by more than
# 1 %, but half of the moves to another core do, and one in twenty doubles it. A swap of two jobs, which changes
# several genes at once, can keep the loads as they are where a single move cannot. A few changes still gain a trifle:
# best known means best so far.
