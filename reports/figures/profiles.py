"""Profiles figure: performance and data profiles, side by side."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from reports.figures.drawing import Drawing
from reports.figures.ecdf import set_axes
from reports.figures.marks import draw_steps, line_handle
from reports.figures.style import FULL, Looks, legend_of, new_figure
from reports.frames.effort import CPU, EVALUATIONS, Effort
from reports.statistics.profiles import DATA, PERFORMANCE, PROFILE_COLUMNS, profile_numbers

AXES = {
    PERFORMANCE: "{unit} / fewest of any optimizer",
    DATA: "{unit} / (variables + 1)",
}
"""Label of the horizontal axis for each profile."""


def draw_profiles(effort: Effort, numbers: pd.DataFrame, look: Looks) -> Figure:
    """Draw one panel per profile, with one line per optimizer; higher is better."""
    names = [name for name in look if name in set(numbers["optimizer"])]
    kinds = list(numbers["profile"].unique())
    figure = new_figure(FULL, 2.6)
    for axis, kind in zip(figure.subplots(1, len(kinds), squeeze=False).flat, kinds, strict=True):
        panel = numbers[numbers["profile"] == kind]
        for place, name in enumerate(names):
            own = panel[panel["optimizer"] == name]
            draw_steps(axis, own["cost"], own["share"], look[name], place / len(names))
        set_axes(axis, panel["cost"], "targets reached")
        axis.set(xlabel=AXES[kind].format(unit=effort.unit), title=f"{kind} profile")
    legend_of(figure, look, names, line_handle)
    return figure


PROFILES = Drawing(
    "profiles",
    profile_numbers,
    partial(draw_profiles, EVALUATIONS),
    PROFILE_COLUMNS,
    "Performance and data profiles",
    "Share of (problem, target) pairs that an optimizer reaches within a cost; higher is better, and the cost axes are "
    "logarithmic. Costs are expected running times with restarts; pairs that no optimizer reaches are left out. Left: "
    "cost relative to the fewest evaluations of any optimizer (performance profile, Dolan & More 2002). A line starts "
    "at the share of pairs on which the optimizer is the fastest and ends at the share that it reaches at all. Right: "
    "cost in units of variables + 1 evaluations (data profile, More & Wild 2009); each job has two variables, its core "
    "and its priority.",
)

PROFILES_CPU = Drawing(
    "profiles-cpu",
    partial(profile_numbers, effort=CPU),
    partial(draw_profiles, CPU),
    {**PROFILE_COLUMNS, "cost": PROFILE_COLUMNS["cost"].replace("running time", "CPU seconds")},
    "Performance and data profiles over CPU seconds",
    "Share of (problem, target) pairs that an optimizer reaches within a cost; higher is better, and the cost axes are "
    "logarithmic. Costs are expected CPU seconds with restarts, where a failed run counts as long as the longest run "
    "on its problem; else all is as over evaluations. CPU seconds depend on the machine; optimizers whose CPU times "
    "are unknown are left out.",
    variant_of="profiles",
)
