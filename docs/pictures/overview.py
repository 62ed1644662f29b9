"""Draw the picture of the README: ``python docs/pictures/overview.py``."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import optimizers
import problems
from problems import Problem, Schedule

PROBLEM = "mix/S2/bw1/g100/i1"
NAMES = {
    "random": "random search",
    "deap-stdga": "standard GA",
    "nevergrad-de": "DE",
    "magma": "MAGMA",
    "native-swap-sa": "annealing",
}
BUDGET = 10_000


def draw() -> Figure:
    """A schedule on the left, and how optimizers approach the bound on the right."""
    p = problems.get(PROBLEM)
    results = {name: optimizers.minimize(p, name, budget=BUDGET, seed=0) for name in NAMES}
    best = min(results.values(), key=lambda result: result.best_value)
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
    _draw_schedule(left, p, p.schedule(best.best_cores, best.best_priorities))
    for name, result in results.items():
        right.step(
            [*result.trace_evaluations, BUDGET],
            np.array([*result.trace_values, result.best_value]) / p.lower_bound(),
            where="post",
            label=NAMES[name],
        )
    right.axhline(1.0, color="0.3", linestyle="--", linewidth=1)
    right.text(11, 0.985, "no mapping is below this: certified", va="top", fontsize=8, color="0.3")
    right.set(xscale="log", xlim=(10, BUDGET), ylim=(0.88, 3), xlabel="evaluations", ylabel="time / certified bound")
    right.set_title("... and how optimizers find one, a run each", loc="left", fontsize=10)
    right.legend(frameon=False, fontsize=8, loc="upper right")
    right.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_schedule(axis: Axes, p: Problem, schedule: Schedule) -> None:
    networks = list(dict.fromkeys(p.job_networks))
    colours = mpl.colormaps["tab20"].colors
    for start, end, job, core in zip(schedule.starts, schedule.ends, range(p.num_jobs), schedule.cores, strict=True):
        colour = colours[networks.index(p.job_networks[job]) % len(colours)]
        axis.barh(core, (end - start) / 1e6, left=start / 1e6, color=colour, edgecolor="white", linewidth=0.5)
    axis.set_yticks(range(p.num_cores), [f"core {core}" for core in range(p.num_cores)])
    axis.invert_yaxis()
    axis.set(xlabel="time, ms")
    axis.set_title(f"A mapping of {p.num_jobs} layers of {len(networks)} networks", loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    draw().savefig(Path(__file__).with_suffix(".png"), dpi=200, facecolor="white")
