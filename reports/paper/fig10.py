"""Figure 10: mappings that the optimizers explore, in one plane of principal components.

A mapping is encoded as a point. Cores have no order, so each is one-hot, scaled such that moving a job to another core
is a distance of 1. Only the order of the priorities on a core counts, so they become the job's position in the queue of
its core, from 0 (first) to 1.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from problems.arrays import FloatArray, IntArray
from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn, safe
from reports.figures.ratios import COLOURS, ratio_scale, set_ratio_ticks
from reports.figures.style import COLUMN, FULL, Look, Looks, new_figure
from reports.frames.runs import case_names, optimizer_names, used
from reports.frames.summary import Tables
from reports.storage.record import StoredRun

COLUMNS = {
    "case": "case, as in the runs table",
    "optimizer": "label in the campaign",
    "seed": "seed of the run, the first of the optimizer",
    "evaluation": "number of the evaluation, from 1; evenly spaced, and the best",
    "x": "first principal component of the mappings of all optimizers together",
    "y": "second principal component",
    "value": "value of the mapping over the certified lower bound or, if that is 0, over the best value shown",
    "best": "whether the mapping is the optimizer's best",
    "share_x": "share of the variance explained by the first component",
    "share_y": "share of the variance explained by the second component",
}

POINTS = 1_000
"""Maximum number of points per optimizer, evenly spaced over its evaluations; all would make huge files."""

COLUMNS_OF_PANELS = 3

SEAM = [withStroke(linewidth=2.6, foreground="white")]
"""White outline that makes marks visible on points."""


def numbers(tables: Tables) -> pd.DataFrame:
    """Return the points of each optimizer's first run, with columns as in ``COLUMNS``.

    The runs are those on the first case with stored mappings.
    """
    runs, traces = _first_runs(tables)
    if not runs:
        empty = pd.DataFrame(columns=list(COLUMNS))
        empty.attrs["why"] = 'no mappings are stored: the campaign needs full_trace = "mappings"'
        return empty
    rows = [_chosen(trace["values"]) for trace in traces]
    cores, priorities = (
        np.concatenate([trace[part][own] for trace, own in zip(traces, rows, strict=True)])
        for part in ("cores", "priorities")
    )
    plane, shares = principal_plane(encoded(cores, priorities))
    parts = [_points(run, trace["values"], own, tables) for run, trace, own in zip(runs, traces, rows, strict=True)]
    table = pd.concat(parts, ignore_index=True).assign(x=plane[:, 0].round(4), y=plane[:, 1].round(4))
    level = tables.runs.loc[tables.runs["run_id"] == runs[0].id, "lower_bound"].iloc[0]
    table["value"] /= level if level > 0.0 else table["value"].min()
    return table.assign(share_x=shares[0].round(6), share_y=shares[1].round(6))[list(COLUMNS)]


def _first_runs(tables: Tables) -> tuple[list[StoredRun], list[dict[str, FloatArray]]]:
    """Return each optimizer's first run with stored mappings, on the first case that has one, and its trace."""
    cases = case_names(tables.campaign)
    names = optimizer_names(tables.campaign)
    ended = set(used(tables.runs)["run_id"])
    found: dict[str, tuple[StoredRun, dict[str, FloatArray]]] = {}
    case = ""
    for run in tables.campaign.runs:
        if run.id not in ended or names[run.id] in found or cases[run.id] != (case or cases[run.id]):
            continue
        trace = dict(run.full_trace())
        if "cores" in trace and trace["values"].ndim == 1 and np.isfinite(trace["values"]).any():
            found[names[run.id]] = (run, trace)
            case = cases[run.id]
    return [run for run, _ in found.values()], [trace for _, trace in found.values()]


def _chosen(values: FloatArray) -> IntArray:
    """Return ascending indices of at most ``POINTS`` valid mappings, evenly spaced and including the best."""
    valid = np.flatnonzero(np.isfinite(values))
    spaced = valid[np.unique(np.linspace(0, len(valid) - 1, POINTS).astype(np.int64))]
    best = valid[values[valid].argmin()]
    if best not in spaced:
        spaced[np.abs(spaced - best).argmin()] = best
    return np.asarray(spaced, dtype=np.int64)


def _points(run: StoredRun, values: FloatArray, rows: IntArray, tables: Tables) -> pd.DataFrame:
    """Return the columns that depend only on the run."""
    own = values[rows]
    content = {
        "case": case_names(tables.campaign)[run.id],
        "optimizer": optimizer_names(tables.campaign)[run.id],
        "seed": run.spec.seed,
        "evaluation": rows + 1,
        "value": own,
        "best": np.arange(len(own)) == own.argmin(),
    }
    return pd.DataFrame(content)


def encoded(cores: IntArray, priorities: FloatArray) -> FloatArray:
    """Encode mappings ``(n, G)`` as points ``(n, G * A + G)``, as described at the top of this file."""
    one_hot = (cores[:, :, None] == np.unique(cores)) / np.sqrt(2.0)
    order = np.argsort(priorities, axis=1, kind="stable")
    queued = np.take_along_axis(cores, order, axis=1)
    place = np.zeros(cores.shape)
    size = np.zeros(cores.shape)
    for core in np.unique(cores):
        own = queued == core
        place[own] = (own.cumsum(axis=1) - 1)[own]
        size[own] = np.broadcast_to(own.sum(axis=1, keepdims=True), own.shape)[own]
    queue = np.empty_like(place)
    np.put_along_axis(queue, order, place / np.maximum(size - 1.0, 1.0), axis=1)
    return np.concatenate([one_hot.reshape(len(cores), -1), queue], axis=1)


def principal_plane(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Project points ``(n, d)``, d > 1, on their first two principal components.

    Returns:
        The projection ``(n, 2)``, and the shares of variance of the two components.
    """
    centred = points - points.mean(axis=0)
    variances, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, [-1, -2]]
    axes = axes * np.sign(
        axes[np.abs(axes).argmax(axis=0), [0, 1]]
    )  # fixes the sign, which otherwise depends on the library
    shares = np.clip(variances[[-1, -2]], 0.0, None) / (variances.clip(0.0).sum() or 1.0)
    return np.asarray(centred @ axes), shares


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """Draw one panel per optimizer, all in the same plane, with one colour bar."""
    shown = [name for name in looks if name in set(numbers["optimizer"])]
    columns = min(len(shown), COLUMNS_OF_PANELS)
    rows = -(-len(shown) // columns)
    figure = new_figure(COLUMN if columns == 1 else FULL, 0.4 + (2.6 if columns == 1 else 2.1) * rows)
    axes = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat)
    best = numbers.loc[numbers["value"].idxmin()]
    norm = ratio_scale(numbers["value"])
    for axis, (name, text) in zip(axes, drawn(shown).items(), strict=False):
        own = numbers[numbers["optimizer"] == name]
        points = _draw_panel(axis, own, looks[name], norm)
        axis.plot(best["x"], best["y"], marker="+", color="black", markersize=9, zorder=5, path_effects=SEAM)
        axis.set_title(f"{text}: best {own['value'].min():,.2f}")
    for axis in axes[len(shown) :]:
        axis.remove()
    bar = figure.colorbar(points, ax=axes[: len(shown)], label="value / lower bound", extend="max", aspect=30, pad=0.02)
    set_ratio_ticks(bar.ax, norm)
    first = numbers.iloc[0]
    figure.supxlabel(
        f"first principal component ({100.0 * first['share_x']:.1f} % of the variance)\n{safe(first['case'], 90)}",
        fontsize=7.5,
    )
    figure.supylabel(f"second ({100.0 * first['share_y']:.1f} %)", fontsize=7.5)
    return figure


def _draw_panel(axis: Axes, points: pd.DataFrame, look: Look, norm: LogNorm) -> PathCollection:
    """Draw the points with good ones on top, and mark the best."""
    ordered = points.sort_values("value", ascending=False, kind="stable")
    best = points[points["best"]]
    drawn = axis.scatter(ordered["x"], ordered["y"], c=ordered["value"], s=4.0, cmap=COLOURS, norm=norm, linewidth=0.0)
    axis.plot(
        best["x"],
        best["y"],
        marker="o",
        markersize=7,
        color=look.colour,
        fillstyle="none",
        markeredgewidth=1.6,
        path_effects=SEAM,
    )
    axis.grid()
    return drawn


FIG10 = Drawing(
    "fig10",
    numbers,
    draw,
    COLUMNS,
    "Explored points",
    "Mappings evaluated by each optimizer in its first run on one problem, in the plane of the first two principal "
    "components of all mappings together; all panels show the same plane. Dark points are good: the colour is the "
    "value over the certified lower bound, on a logarithmic scale. A ring marks the optimizer's best point, a cross "
    "the best point overall. Cores are one-hot encoded; priorities are encoded as the job's position in the queue of "
    f"its core. Evenly spaced evaluations are shown, at most {POINTS:,} per optimizer. The plane explains only a small "
    "part of the variance: points that look close can be far apart.",
)
