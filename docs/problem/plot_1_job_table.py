"""
From networks to a job table
============================

A *job* is one layer of a neural network, run once. What the optimizers work on is a table: how long each job takes on
each core, and how much memory bandwidth it needs meanwhile.
"""

# %%
# Layers
# ------
# A convolution is six nested loops, and multiplies once in each pass through the innermost: ``K`` output channels,
# ``C`` input channels, ``Y`` x ``X`` input rows and columns, ``R`` x ``S`` filter rows and columns. A matrix product
# or a fully connected layer has fewer loops, a depthwise convolution has one filter for each channel. A layer holds
# only these sizes, no weights: costs do not depend on values.

import matplotlib.pyplot as plt
import numpy as np

import problems
from reports.figures.style import COLOURS

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.constrained_layout.use": True})
plt.rcParams.update({"font.size": 9, "axes.axisbelow": True, "legend.frameon": False, "savefig.dpi": 200})

networks = ("resnet50", "mobilenet_v2", "gpt2", "dlrm")
layers = {name: problems.NETWORKS.get(name).layers() for name in networks}
for name in networks:
    one = layers[name][len(layers[name]) // 2]
    print(f"{name:13}{len(layers[name]):3} layers, for instance {one.name}: {one.kind.name}", end=" ")
    print(f"K={one.K} C={one.C} Y={one.Y} X={one.X} R={one.R} S={one.S}, {one.macs / 1e6:.1f} million MACs")

# %%
# Cores
# -----
# A core is an array of processing elements (PEs), each of which does one multiply-accumulate (MAC) at a time. Its
# *dataflow*, fixed in hardware, says which loops are spread over the PEs; the others run one after another:
#
# =======  ==================================================  ==========================  =====================
# name     spread over the PEs                                 after                       in Kao & Krishna 2022
# =======  ==================================================  ==========================  =====================
# ``dla``  output and input channels (``K``, ``C``)            NVDLA                       HB, high bandwidth
# ``eye``  output rows                                         Eyeriss                     LB, low bandwidth
# ``shi``  output rows and columns                             ShiDianNao                  not used
# =======  ==================================================  ==========================  =====================
#
# A *cost model* turns a layer and a core into numbers: the *no-stall latency* in cycles, if data always arrive in time,
# and the *required bandwidth* in bytes per cycle for which they do. At 1 GHz, 1 byte/cycle is 1 GB/s. The default
# model, ``maestro``, is the one of the paper; :doc:`/problem/costs` has all formulas. Here are three cores of
# 2,048 PEs:

platform = problems.Platform("one of each", tuple(problems.Core(d, 2048) for d in ("dla", "eye", "shi")), 16)
tables = {name: problems.analyze_jobs(layers[name], platform) for name in networks}

styles = {"dla": (COLOURS[1], "o"), "eye": (COLOURS[2], "s"), "shi": (COLOURS[3], "^")}
figure, axes = plt.subplots(2, 2, figsize=(7, 5.6), sharex=True, sharey=True)
for axis, name in zip(axes.flat, networks, strict=True):
    for core, (style, (colour, marker)) in enumerate(styles.items()):
        table = tables[name]
        x, y = table.latency[:, core], table.bandwidth[:, core]
        axis.scatter(x, y, s=14, color=colour, marker=marker, alpha=0.6, label=style)
    axis.set(xscale="log", yscale="log")
    axis.set_title(name, loc="left")
    axis.grid(color="#e3e3e3", linewidth=0.6)
axes[0, 0].legend()
figure.supxlabel("no-stall latency, cycles")
figure.supylabel("required bandwidth, bytes/cycle")
plt.show()

# %%
# The same layer is fast and hungry on ``dla`` (top left), slow and frugal on ``eye`` and ``shi`` (bottom right).
# Nearly all layers lie so. How many layers are fastest on which dataflow, and how much slower ``eye`` is than ``dla``:

print(f"{'':13}{'dla':>5}{'eye':>5}{'shi':>5}{'equal':>7}   eye / dla: least, median, most")
for name, table in tables.items():
    fastest = table.latency == table.latency.min(axis=1, keepdims=True)
    alone = fastest & (fastest.sum(axis=1, keepdims=True) == 1)
    wins = [*alone.sum(axis=0), len(table.latency) - alone.sum()]
    ratio = np.quantile(table.latency[:, 1] / table.latency[:, 0], (0, 0.5, 1))
    print(f"{name:13}{wins[0]:5}{wins[1]:5}{wins[2]:5}{wins[3]:7}   {ratio[0]:.3g}, {ratio[1]:.3g}, {ratio[2]:,.0f}")

# %%
# Which core suits which layer
# ----------------------------
# ``dla`` needs channels to fill its PEs, and the first layers of an image network have three. ``eye`` and ``shi`` need
# rows and columns, and the last layers have 7 of each, or 1. So along ResNet-50 and MobileNetV2 the advantage of
# ``dla`` grows. MAESTRO costs a depthwise layer the same on all cores: those are the points on the line.

figure, axes = plt.subplots(2, 1, figsize=(7, 5.2), sharey=True)
for axis, name in zip(axes, ("resnet50", "mobilenet_v2"), strict=True):
    latency = tables[name].latency
    for core, style in ((1, "eye"), (2, "shi")):
        colour, marker = styles[style]
        axis.plot(latency[:, core] / latency[:, 0], marker, color=colour, markersize=4, label=f"{style} / dla")
    axis.axhline(1, color="#555555", linewidth=0.9)
    axis.set(yscale="log", ylabel="ratio of latencies")
    axis.set_title(name, loc="left")
    axis.grid(axis="y", color="#e3e3e3", linewidth=0.6)
axes[0].legend(ncols=2)
axes[1].set_xlabel("layer, in the order of the network")
plt.show()

# %%
# The job table of an instance
# ----------------------------
# An instance draws a group of jobs, here 100, from the layers of all networks of a task, and puts them on a platform
# of the paper: S2 has three ``dla`` cores and one ``eye`` core. The result is a *job analysis table*, two numbers for
# each job and core; nothing else of networks and accelerators enters the search.

problem = problems.get("mix/S2/bw1/g100/i0")  # task / platform / shared GB/s / jobs / number of the draw
table = problem.job_table
print("cores:", ", ".join(table.core_names))
for job in (0, 1, 2):
    print(f"job {job}, {table.job_names[job]}")
    for core in (0, 3):
        cycles, need = table.latency[job, core], table.bandwidth[job, core]
        print(f"   on core {core}: {cycles:11,.0f} cycles at {need:.2g} bytes/cycle")

order = np.argsort(table.latency[:, 0])
figure, axes = plt.subplots(2, 1, figsize=(7, 3.6), sharex=True)
for axis, what, unit in ((axes[0], "latency", "cycles"), (axes[1], "bandwidth", "bytes/cycle")):
    values = np.log10(getattr(table, what)[order].T)
    image = axis.imshow(values, aspect="auto", cmap="viridis", interpolation="nearest")
    axis.set_yticks(range(4), [name.split("-")[0] for name in table.core_names])
    axis.set_title(what, loc="left")
    axis.spines[:].set_visible(False)
    figure.colorbar(image, ax=axis, label=f"log10 of\n{unit}", pad=0.01)
axes[1].set_xlabel("job, by latency on core 0")
plt.show()

# %%
# The numbers of a table lie far apart. Here latencies span

low, high = table.latency.min(), table.latency.max()
least = table.latency.min(axis=1)
print(f"{np.log10(high / low):.1f} decades over all cells,", end=" ")
print(f"{np.log10(least.max() / low):.1f} over the jobs, each on its fastest core")
