"""Where each design turns from memory-bound to compute-bound."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reports.figures.lettering import drawn
from reports.figures.style import FULL, legend_above, new_figure
from reports.sweeps.figure import BANDWIDTH, SweepFigure, remove_spare, set_bandwidths, set_log, with_values

FOUND, COMPUTE, MEMORY = "best mapping found", "compute ceiling", "memory ceiling"
TURNS = "turning point"

_HANDLES = {
    FOUND: Line2D([], [], color="#0072B2", marker="o", markersize=3.4, markeredgewidth=0.0, linewidth=1.0),
    COMPUTE: Line2D([], [], color="#D55E00", linestyle="--", linewidth=1.0),
    MEMORY: Line2D([], [], color="#009E73", linestyle="-.", linewidth=1.0),
    TURNS: Line2D([], [], color="black", marker="|", markersize=7.0, linestyle="none"),
}


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a time and both ceilings, with the speed that each means.

    It is the throughput or, where the work of some point is unknown, workloads a second.
    """
    rows = with_values(frame, "makespan_ms", "compute_bound_ms", "memory_bound_ms")
    known = rows["throughput_gflops"].notna().all()
    work = rows["throughput_gflops"] * rows["makespan_ms"] if known else pd.Series(1e3, index=rows.index)
    columns = {"found": "makespan_ms", "compute": "compute_bound_ms", "memory": "memory_bound_ms"}
    speeds = {name: work / rows[column] for name, column in columns.items()}
    return rows.assign(**speeds, unit="throughput, GFLOP/s" if known else "workloads per second")


def draw(frame: pd.DataFrame) -> Figure:
    """Draw a panel a design: what was found, below two ceilings that meet in the turning point."""
    own = list(frame.groupby(["design", "cost_model"], sort=False))
    columns = min(4, len(own))
    rows = -(-len(own) // columns)
    figure = new_figure(min(FULL, 1.0 + 2.4 * columns), 0.6 + 1.55 * rows)
    axes = list(figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).flat)
    several = frame["cost_model"].nunique() > 1
    texts = drawn([_name(part, several) for _, part in own], 24)
    for axis, (_, part) in zip(axes, own, strict=False):
        _draw_panel(axis, part.sort_values("bandwidth_gbps"))
        turns = part["turning_point_gbps"].iloc[0]
        axis.set_title(f"{texts[_name(part, several)]}\nturns at {turns:,.3g} GB/s", fontsize=7)
        set_bandwidths(axis, frame["bandwidth_gbps"], most=5)
        set_log(axis, "y", *_limits(frame))
        axis.grid()
    remove_spare(axes, len(own), columns)
    figure.supxlabel(BANDWIDTH, fontsize=7.5)
    figure.supylabel(str(frame["unit"].iloc[0]), fontsize=7.5)
    legend_above(figure, list(_HANDLES.values()), list(_HANDLES))
    return figure


def _name(part: pd.DataFrame, several: bool) -> str:
    design, cost_model = part[["design", "cost_model"]].iloc[0]
    return f"{design}, {cost_model}" if several else str(design)


def _limits(frame: pd.DataFrame) -> tuple[float, float]:
    """Return the lowest and highest speed that is drawn; memory ceilings are cut above the compute ceilings."""
    return float(frame["found"].min()), 1.5 * float(frame["compute"].max())


def _draw_panel(axis: Axes, own: pd.DataFrame) -> None:
    x = own["bandwidth_gbps"].to_numpy(dtype=np.float64)
    compute, turns = float(own["compute"].iloc[0]), float(own["turning_point_gbps"].iloc[0])
    ends = np.array([x[0] / 4.0, x[-1] * 4.0])
    for name, y in ((COMPUTE, np.full(2, compute)), (MEMORY, compute * ends / turns)):
        handle = _HANDLES[name]
        axis.plot(ends, y, color=handle.get_color(), linestyle=handle.get_linestyle(), linewidth=1.0)
    if ends[0] < turns < ends[1]:
        axis.plot([turns], [compute], color="black", marker="|", markersize=7.0, linestyle="none", zorder=5)
    colour = _HANDLES[FOUND].get_color()
    axis.plot(x, own["found"], color=colour, marker="o", markersize=3.0, markeredgewidth=0.0, linewidth=1.0, zorder=4)


ROOFLINE = SweepFigure(
    "roofline",
    numbers,
    draw,
    "Ceilings and turning points",
    "Throughput of the best mapping found, over the shared bandwidth, below two certified ceilings; both axes are "
    "logarithmic and the same in all panels. No mapping exceeds the compute ceiling at any bandwidth; no mapping "
    "exceeds the memory ceiling, at which the memory is never idle and each job moves as few bytes as on any core. "
    "They meet in the turning point: well below it memory limits the design, well above it compute. Near it the best "
    "possible may lie below both, as the mapping with the fewest bytes is not the fastest.",
    "no mapping has been found",
)
