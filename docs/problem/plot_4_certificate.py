r"""
Certified lower bounds
======================

How good is the best mapping found? Nobody knows the optimum of 100 jobs, but a *certificate* proves that no mapping is
faster than some number of cycles, and anyone can check it without a solver.
"""

# %%
# The relaxation
# --------------
# In virtual (no-stall) time, a schedule is at every moment a *configuration* :math:`s`: at most one job on each core.
# Its jobs ask for the demand :math:`D_s`, and a unit of virtual time in it takes :math:`\max(1, D_s / BW)` of real
# time (:doc:`plot_2_bandwidth`). Forget the order of jobs, and let them be split: what remains is how
# long each configuration lasts. That is a linear programme, and no mapping is faster than its optimum. Its
# dual gives each job a *price* :math:`v_j` in cycles. If, with the no-stall latencies :math:`L_{jc}`,
#
# .. math:: \sum_{(j,c) \in s} \frac{v_j}{L_{jc}} \le \rho \, \max(1, D_s / BW)
#    \quad \text{for every configuration } s
#
# then no configuration earns its prices faster than at the rate :math:`\rho`. All of them have to be earned, so
#
# .. math:: \mathit{makespan} \ge \frac{1}{\rho} \sum_j v_j
#
# *Any* prices prove something: a solver that stops early gives a weaker bound, never a wrong one. Only :math:`\rho`
# must not be too small, and it is found by two knapsack problems, whose numbers are rounded to the safe side.

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np

import optimizers
import problems
from reports.figures.style import COLOURS

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.constrained_layout.use": True})
plt.rcParams.update({"font.size": 9, "axes.axisbelow": True, "grid.color": "#e3e3e3", "legend.frameon": False})
plt.rcParams["savefig.dpi"] = 200

problem = problems.get("mix/S2/bw1/g100/i0")
table, best = problem.job_table, problem.best_known()
certificate = problem.certificate()
print(f"no mapping takes less than {certificate.makespan:,.0f} cycles, the best known {best.value:,.0f}")
print(f"gap {best.value / certificate.value - 1:.2%}; the proof is {len(certificate.prices)} prices")

# %%
# The picture of a certificate: each configuration is a point, its demand against what it earns, in units of the bound.
# None may lie above the line. The best known schedule spends nearly all of its time in configurations on the line;
# it loses the gap where it is below.

fastest = table.latency.min(axis=1)  # prices are stored by cycle on the fastest core
price = np.array(certificate.prices) * fastest
scale = certificate.makespan / price.sum()  # 1 / rho
schedule = problem.schedule(best.cores, best.priorities)
demand, rate, lasting = [], [], np.diff(schedule.times)
for moment in (schedule.times[1:] + schedule.times[:-1]) / 2:
    jobs = np.flatnonzero((schedule.starts <= moment) & (moment < schedule.ends))
    own = schedule.cores[jobs]
    demand.append(table.bandwidth[jobs, own].sum() / problem.system_bandwidth)
    rate.append((price[jobs] / table.latency[jobs, own]).sum() * scale)
earned = np.array(rate) / np.maximum(1, demand)

rng = np.random.default_rng(0)
random = np.argsort(rng.random((3000, problem.num_jobs)), axis=1)[:, : problem.num_cores]  # distinct jobs
cores = np.arange(problem.num_cores)
others = table.bandwidth[random, cores].sum(axis=1), (price[random] / table.latency[random, cores]).sum(axis=1) * scale

figure, axis = plt.subplots(figsize=(7, 4))
width = np.geomspace(5e-3, 100, 200)
axis.plot(width, np.maximum(1, width), color="black", linewidth=1.2, label=r"max(1, demand / bandwidth)")
axis.scatter(*others, s=5, color="#B5B5B5", label="random configurations", zorder=1)
size = 4 + 400 * lasting / schedule.makespan
label = "those of the best known schedule, area: time in it"
axis.scatter(demand, rate, s=size, color="#D55E00", alpha=0.6, label=label)
axis.set(xscale="log", yscale="log", xlim=(5e-3, 100), ylim=(0.1, 100))
axis.set(xlabel="demand / bandwidth", ylabel="prices earned per cycle of virtual time")
axis.grid(linewidth=0.6)
axis.legend(loc="upper left")
plt.show()
on_the_line = lasting[earned > 0.999].sum() / schedule.makespan
print(f"{on_the_line:.0%} of the time of the best known schedule goes to configurations within 0.1 % of the line")
print(f"price earned a cycle of real time, mean over the schedule: {(earned * lasting).sum() / schedule.makespan:.4f}")

# %%
# To verify, without a solver
# ---------------------------
# ``verify`` finds the worst configuration anew, from the prices and the job table alone, and what they prove. A claim
# that is too high, or is not what the prices prove, is refused:

print(certificate.kind, certificate.verify(problem))
for forged in (
    replace(certificate, value=1.001 * certificate.value),
    replace(certificate, prices=(2 * certificate.prices[0], *certificate.prices[1:])),
):
    try:
        forged.verify(problem)
        print("accepted")
    except ValueError as error:
        print(f"refused: claims {error.actual:,.0f} cycles,\n  expected {error.expected}")

# %%
# How close do optimizers come?
# -----------------------------
# The bound makes "how far from the optimum, at most" readable off a run. Three optimizers with the paper's budget
# of 10,000 evaluations:

budget = 10_000
looks = {"random": COLOURS[6], "native-sa": COLOURS[1], "magma": "#D55E00"}
figure, axis = plt.subplots(figsize=(7, 3.6))
for name, colour in looks.items():
    result = optimizers.minimize(problem, name, budget=budget, seed=0)
    evaluations = [*result.trace_evaluations, budget]
    gaps = np.append(result.trace_values, result.best_value) / certificate.value - 1
    axis.step(evaluations, gaps, where="post", color=colour, label=name)
    print(f"{name:10} at most {gaps[-1]:6.1%} above the optimum")
axis.axhline(best.value / certificate.value - 1, color="black", linestyle=":", label="best known")
axis.set(xscale="log", yscale="log", xlabel="evaluations", ylabel="makespan above the bound, share")
axis.grid(linewidth=0.6)
axis.legend()
plt.show()

# %%
# The simpler bound, and the bandwidth
# ------------------------------------
# Without configurations there is a cheaper relaxation: the largest load, the volume of all bytes over the bandwidth,
# and the longest job alone, of which every one is a lower bound. Loads and volume are combined by a linear programme
# too, but it misses what they cost *together*. Where memory and cores bind at once, it is loose:

figure, axis = plt.subplots(figsize=(7, 3.2))
instances = [problems.get(f"mix/S4/bw{limit}/g100/i0") for limit in (1, 4, 16, 64, 256)]
limits = [one.system_bandwidth for one in instances]
known = np.array([one.best_known().value for one in instances])
for name, bounds, marker in (
    ("certificate", [one.lower_bound() for one in instances], "o-"),
    ("loads, volume and longest job", [one.latency_bound() for one in instances], "s--"),
):
    axis.plot(limits, known / bounds, marker, color=COLOURS[1] if "o" in marker else COLOURS[2], label=name)
    print(f"{name:30}", *(f"{ratio:.4f}" for ratio in known / bounds))
axis.axhline(1, color="#555555", linewidth=0.9)
axis.set(xscale="log", xlabel="shared bandwidth, GB/s", ylabel="best known / bound")
axis.grid(linewidth=0.6)
axis.legend()
plt.show()
