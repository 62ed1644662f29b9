"""The paper's bars: throughput relative to MAGMA, by task, a panel for each platform and bandwidth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from reports.figures.style import COLUMN, FULL, Look, empty_figure, legend_above, looks, new_figure, safe
from reports.statistics import Tables, comparable, geometric_mean

MEAN = "geomean"
WITHOUT = "; no magma, relative to best"
CROSS = "\N{MULTIPLICATION SIGN}"
_WHISKERS: Any = {
    "ecolor": "black",
    "elinewidth": 0.7,
    "path_effects": [withStroke(linewidth=1.7, foreground="white")],
}
_BAR, _GROUP, _MARGIN = 0.048, 0.5, 0.45
"""Inches: a bar and a group's label at least, and what the axis needs beside."""


def draw_throughput(tables: Tables) -> Figure:
    """Bars of relative throughput; higher is better."""
    bars = relative_throughput(tables)
    if bars.empty:
        return empty_figure("Throughput: no run has found a valid mapping yet")
    look = looks(tables)
    shown = [name for name in look if name in set(bars["optimizer"])]
    panels = list(bars.groupby("panel", sort=False))
    groups = max(panel["group"].nunique() for _, panel in panels)
    room = groups * max(_GROUP, (len(shown) + 1) * _BAR) + _MARGIN
    columns = min(len(panels), max(1, int(FULL / room)))
    rows = -(-len(panels) // columns)
    figure = new_figure(COLUMN if columns == 1 and room <= COLUMN else FULL, 0.6 + 1.55 * rows)
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axis, (title, panel) in zip(axes, panels, strict=False):
        _draw_panel(axis, panel, {name: look[name] for name in shown})
        axis.set_title(safe(title, 60))
    for axis in axes[len(panels) :]:
        axis.remove()
    for axis in axes[: len(panels) : columns]:
        axis.set_ylabel(f"throughput\nrelative to {safe(tables.magma, 16) if tables.magma else 'best'}")
    legend_above(figure, [_patch(look[name]) for name in shown], shown)
    return figure


def relative_throughput(tables: Tables) -> pd.DataFrame:
    """Bars, one a row: panel, group (task or mean), optimizer, value, low and high (of the quartiles)."""
    first = tables.runs.drop_duplicates("case").set_index("case")
    cases = tables.summary.dropna(subset=["median_cycles"])
    cases = cases.assign(panel=cases["case"].map(_panels(first)), task=cases["case"].map(first["task"]))
    own = cases[cases["optimizer"] == tables.magma].set_index("case")["median_cycles"].astype(float)
    best = cases.groupby("case")["median_cycles"].min()
    without = ~cases["case"].isin(own.index[np.isfinite(own)])
    cases = cases.assign(reference=cases["case"].map(own).mask(without, cases["case"].map(best)).astype(float))
    if tables.magma:
        cases.loc[without, "panel"] += WITHOUT
    cases = cases[np.isfinite(cases["reference"])]
    quotients = {"value": "median_cycles", "low": "q3_cycles", "high": "q1_cycles"}
    cases = cases.assign(**{name: cases["reference"] / cases[column] for name, column in quotients.items()})
    rows = [row for panel in cases.groupby("panel", sort=False) for row in _bars(*panel)]
    return pd.DataFrame(rows, columns=["panel", "group", "optimizer", *quotients])


def _panels(cases: pd.DataFrame) -> dict[str, str]:
    """The title of each case's panel: platform and bandwidth, and where they differ also jobs, budget and version."""
    several = cases["num_jobs"].nunique() > 1

    def title(case: str, row: pd.Series) -> str:
        if not row["platform"]:
            return "other problems"
        jobs = f", {row['num_jobs']:g} jobs" if several else ""
        return f"{row['platform']}, {row['bandwidth_gbps']:g} GB/s{jobs}{''.join(case.partition(', ')[1:])}"

    return {str(case): title(str(case), row) for case, row in cases.iterrows()}


def _bars(title: str, panel: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """The bars of one panel: by task the mean over instances, then over the tasks that compare."""
    for (task, optimizer), own in panel.groupby(["task", "optimizer"], sort=False):
        yield (title, task, optimizer, *(_mean(own[column]) for column in ("value", "low", "high")))
    if panel["task"].nunique() > 1:
        tasks = comparable(panel).groupby(["optimizer", "task"], sort=False)["value"].agg(_mean)
        for optimizer, own in tasks.groupby("optimizer", sort=False):
            yield (title, MEAN, optimizer, _mean(own), np.nan, np.nan)


def _mean(values: pd.Series) -> float:
    """Geometric mean; 0 if one is, as for an optimizer that found no valid mapping."""
    return 0.0 if (values == 0.0).any() else geometric_mean(values)


def _draw_panel(axis: Axes, panel: pd.DataFrame, look: Mapping[str, Look]) -> None:
    groups = [group for group in panel["group"].unique() if group != MEAN]
    groups += [MEAN] if MEAN in set(panel["group"]) else []
    width = min(0.25, 0.84 / len(look))
    for place, (name, own_look) in enumerate(look.items()):
        own = panel[panel["optimizer"] == name].set_index("group").reindex(groups).dropna(subset=["value"])
        x = np.array([groups.index(g) for g in own.index]) + (place - (len(look) - 1) / 2) * width
        values = own["value"].to_numpy()
        axis.bar(x, values, width, color=own_look.colour, hatch=own_look.hatch, edgecolor="white", linewidth=0.3)
        spread = np.nan_to_num(np.abs(own[["low", "high"]].to_numpy().T - values))
        some = spread.any(axis=0)
        axis.errorbar(x[some], values[some], spread[:, some], fmt="none", capsize=1.2, **_WHISKERS)
        for nothing in x[values == 0.0]:
            axis.annotate(CROSS, (nothing, 0), ha="center", va="bottom", color=own_look.colour, fontsize=7)
    axis.axhline(1.0, color="#444444", linewidth=0.6, zorder=0.9)
    if MEAN in groups:
        axis.axvline(len(groups) - 1.5, color="#aaaaaa", linewidth=0.6)
    axis.set_xticks(range(len(groups)), [safe(_abbreviate(group), 12) for group in groups])
    axis.tick_params(axis="x", length=0)
    axis.set_xlim(-0.5, len(groups) - 0.5)
    axis.set_ylim(0.0, max(1.05, axis.get_ylim()[1]))
    axis.grid(axis="y")


def _abbreviate(group: str) -> str:
    return group if len(group) <= 8 else f"{group[:5]}."


def _patch(look: Look) -> Patch:
    return Patch(facecolor=look.colour, hatch=look.hatch, edgecolor="white", linewidth=0.3)
