r"""
The shared bandwidth
====================

All cores load their data from one memory. When running jobs ask for more than it gives, they slow down together: that
is what makes mapping more than a bin-packing problem.
"""

# %%
# The allocator
# -------------
# Running job :math:`j` on core :math:`c` asks for :math:`B_{jc}` bytes/cycle, all running jobs together for the
# *demand* :math:`D`; the memory gives :math:`BW`. If :math:`D \le BW`, everyone gets what it asks for. Else each gets
# its share in proportion (Kao & Krishna 2022): :math:`B_{jc} \cdot BW / D`. So all running jobs slow down by the same
# factor :math:`\max(1, D / BW)`.
#
# Five jobs on two cores, first with ample memory, then with 2 bytes/cycle:

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

import problems
from problems.makespan import events
from reports.figures.style import COLOURS
from reports.schedules.chart import NetworkLook, draw_bandwidth, draw_jobs

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.constrained_layout.use": True})
plt.rcParams.update({"font.size": 9, "axes.axisbelow": True, "grid.color": "#e3e3e3", "legend.frameon": False})
plt.rcParams["savefig.dpi"] = 200

latency = np.array([[40, 90], [30, 70], [60, 50], [20, 45], [50, 80]], dtype=float)  # cycles, by job and core
bandwidth = np.array([[1.0, 0.5], [2.5, 1.0], [0.5, 1.5], [3.0, 1.0], [1.0, 0.5]])  # bytes/cycle
cores = [0, 0, 1, 1, 0]
priorities = [0.1, 0.5, 0.2, 0.4, 0.9]  # a core runs low ones first

schedules = {}
for limit in (8.0, 2.0):
    problem = problems.from_job_table(latency, bandwidth, system_bandwidth=limit)
    schedules[limit] = problem.schedule(cores, priorities)

looks = [NetworkLook(colour, "") for colour in (COLOURS[1], COLOURS[2], COLOURS[3], COLOURS[4], COLOURS[5])]
figure, axes = plt.subplots(4, 1, figsize=(7, 6), sharex=True, height_ratios=(1, 1.2, 1, 1.2))
for (limit, schedule), (above, below) in zip(schedules.items(), (axes[:2], axes[2:]), strict=True):
    draw_jobs(above, schedule, looks, scale=1.0)
    draw_bandwidth(below, schedule, scale=1.0)
    for job, (start, end) in enumerate(zip(schedule.starts, schedule.ends, strict=True)):
        above.text((start + end) / 2, cores[job], f"job {job}", ha="center", va="center", color=looks[job].ink)
    above.set_yticks((0, 1), ("core 0", "core 1"))
    above.set_ylim(1.5, -0.5)
    above.set_title(f"{limit:g} bytes/cycle: makespan {schedule.makespan:g} cycles", loc="left")
    below.set_ylabel("bytes/cycle")
axes[0].set_xlim(0, schedules[2.0].makespan)
axes[-1].set_xlabel("time, cycles")
plt.show()

# %%
# Two evaluations of one mapping
# ------------------------------
# The paper simulates that event by event: take the time to the next end of a job, let all jobs run until then, start
# the next job, share the bandwidth anew. But as all jobs slow down alike, the *order* of events is the same as without
# any memory limit. Let each core run its jobs back to back in *virtual*, no-stall time :math:`\tau`, and let
# :math:`D(\tau)` be the demand there. A unit of virtual time takes :math:`\max(1, D / BW)` of real time, thus
#
# .. math:: \mathit{makespan} = \int_0^{T} \max(1, D(\tau) / BW) \, \mathrm{d}\tau
#
# with :math:`T` the largest load, the sum of no-stall latencies on one core. The demand is constant between two
# ends of jobs, so the integral is a sum of at most as many terms as there are jobs:

ends = {core: np.cumsum([latency[j, core] for j in jobs]) for core, jobs in ((0, (0, 1, 4)), (1, (2, 3)))}
queues = {0: (0, 1, 4), 1: (2, 3)}
total = 0.0
for before, after in pairwise(sorted({0.0, *ends[0], *ends[1]})):
    running = []
    for core in (0, 1):
        for j, end in zip(queues[core], ends[core], strict=True):
            if end - latency[j, core] <= before < end:
                running.append((j, core))
    demand = sum(bandwidth[j, core] for j, core in running)
    total += (after - before) * max(1.0, demand / 2.0)
    jobs = " and ".join(str(j) for j, _ in running)
    print(f"virtual time {before:3g} to {after:3g}: jobs {jobs:7} ask for {demand:g}, real time {total:6.2f}")
print("closed form", total, "- event by event", events.makespan(latency, bandwidth, 2.0, cores, priorities))

# %%
# They agree
# ----------
# The suite has both: ``problems.makespan.events`` is the paper's simulation, in plain Python; ``Problem.evaluate`` is
# the closed form, compiled, for many mappings in one call. On random mappings of a real instance:

problem = problems.get("mix/S5/bw1/g100/i0")
table, rng = problem.job_table, np.random.default_rng(0)
mappings = rng.integers(problem.num_cores, size=(100, 100)), rng.random((100, 100))
closed = problem.evaluate(*mappings)
simulated = [
    events.makespan(table.latency.tolist(), table.bandwidth.tolist(), problem.system_bandwidth, own, order)
    for own, order in zip(mappings[0].tolist(), mappings[1].tolist(), strict=True)
]
worst = np.abs(closed / simulated - 1).max()
print(f"100 mappings of 100 jobs on {problem.num_cores} cores; largest relative difference {worst:.1e}")
assert worst < 1e-12

# %%
# What the limit does to a mapping
# --------------------------------
# The makespan of a mapping falls with the bandwidth. It is never below its largest load, nor below the time in which
# the memory moves all its bytes; the dotted lines are the larger of the two. Left of the bend memory counts, right of
# it one core does; around it they have to be traded off, and a mapping that is good at one bandwidth is not at another.

ids = {limit: f"mix/S5/bw{limit}/g100/i0" for limit in (1, 16)}
best = {limit: problems.get(name).best_known() for limit, name in ids.items()}
chosen = {f"best known at {limit} GB/s": (best[limit].cores, best[limit].priorities) for limit in ids}
chosen |= {"a random mapping": (mappings[0][0], mappings[1][0])}
chosen |= {"all on one eye core": (np.full(100, 3), np.zeros(100))}
width = np.geomspace(0.01, 100, 80)
figure, axis = plt.subplots(figsize=(7, 3.8))
for (name, (own, order)), colour in zip(chosen.items(), (COLOURS[1], "#D55E00", COLOURS[2], COLOURS[3]), strict=True):
    cycles = [problems.Schedule.of(table, one, own, order).makespan for one in width]
    jobs = np.arange(100)
    load = np.bincount(own, table.latency[jobs, own]).max()
    volume = (table.latency * table.bandwidth)[jobs, own].sum()
    axis.plot(width, cycles, color=colour, linewidth=2, label=name)
    axis.plot(width, np.maximum(load, volume / width), color=colour, linewidth=1, linestyle=":")
axis.set(xscale="log", yscale="log", xlabel="shared bandwidth, GB/s at 1 GHz", ylabel="makespan, cycles")
axis.grid(linewidth=0.6)
axis.legend()
plt.show()

for limit, name in ids.items():
    values = [problems.get(name).evaluate(own.cores, own.priorities) for own in best.values()]
    print(f"at {limit:2} GB/s: {values[0]:11,.0f} cycles with the first mapping, {values[1]:11,.0f} with the second")
