"""Shared parts of the paper's figures: places for absent optimizers, and tables of absolute throughput."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from problems.arrays import FloatArray
from reports.figures.lettering import safe
from reports.figures.marks import line_properties
from reports.figures.style import Look, Looks, log_ticks
from reports.figures.throughput import FLOOR, THROUGHPUTS, percent
from reports.frames.averages import geometric_mean
from reports.frames.summary import Tables
from reports.wording.numbers import counted

ABSENT = "n/a"
"""Mark in the place of an optimizer whose library is not installed."""

THROUGHPUT_COLUMNS = {
    "task": "task from which the jobs are drawn",
    "platform": "accelerator",
    "bandwidth_gbps": "shared memory bandwidth, GB/s",
    "optimizer": "label in the campaign",
    "throughput_gflops": "throughput of the best mapping, GFLOP/s at 1 GHz; median over seeds, then geometric mean "
    "over instances",
    "q1_gflops": "the same for the first quartiles",
    "q3_gflops": "the same for the third quartiles",
    "limit_gflops": "certified limit, which no mapping exceeds, GFLOP/s at 1 GHz; geometric mean over instances",
    "gap": "limit_gflops / throughput_gflops - 1",
    "gap_q1": "limit_gflops / q3_gflops - 1",
    "gap_q3": "limit_gflops / q1_gflops - 1",
    "instances": "number of instances",
    "setting": "numbers of jobs, evaluations and seeds",
}
"""Columns of a throughput table."""

SETTING = {"num_jobs": "job", "budget": "evaluation", "seeds": "seed"}
"""Columns that make up a setting, and what they count."""

LIMIT = "certified limit"


def throughput_table(tables: Tables) -> pd.DataFrame:
    """Return absolute throughputs, with columns as in ``THROUGHPUT_COLUMNS``.

    Throughput is work over makespan, where work is the throughput of any mapping times its value. Optimizers without
    a result on some instance of a group are left out.
    """
    keys = ["task", "platform", "bandwidth_gbps"]
    runs = tables.runs[tables.runs["objective"].isin(THROUGHPUTS)]
    work = (runs["throughput_gflops"] * runs["best_value"]).groupby(runs["case"]).max()
    parts = runs.drop_duplicates("case").set_index("case")[keys]
    cases = tables.summary.join(parts, on="case").assign(work=tables.summary["case"].map(work).astype(float))
    cases = cases[cases["work"].notna() & cases["median"].notna()]
    sources = {"throughput_gflops": "median", "q1_gflops": "q3", "q3_gflops": "q1", "limit_gflops": "lower_bound"}
    cases = cases.assign(**{name: cases["work"] / cases[source] for name, source in sources.items()}, instances=1)
    groups = cases.groupby([*keys, "optimizer"], sort=False)
    table = groups.agg(dict.fromkeys(sources, geometric_mean) | {"instances": "sum"}).reset_index()
    whole = table["instances"] == table.groupby(keys)["instances"].transform("max")
    table = with_gaps(table[whole]).assign(setting=setting(tables))[list(THROUGHPUT_COLUMNS)].reset_index(drop=True)
    table.attrs["why"] = "no run has found a valid mapping of known throughput yet"
    return table


def with_gaps(table: pd.DataFrame) -> pd.DataFrame:
    """Add the gaps to the limit of a throughput and of its quartiles, of which the first has the greater gap."""
    sources = {"gap": "throughput_gflops", "gap_q1": "q3_gflops", "gap_q3": "q1_gflops"}
    found = {name: table[source].where(table[source] > 0.0) for name, source in sources.items()}
    return table.assign(**{name: (table["limit_gflops"] / own - 1.0).clip(lower=0.0) for name, own in found.items()})


def draw_curves(axis: Axes, points: pd.DataFrame, look: Looks, x: str, columns: Sequence[str], floor: float) -> None:
    """Draw a line per optimizer over column ``x``, with the band between the quartiles.

    Args:
        axis: Axes to draw on.
        points: One row per optimizer and ``x``.
        look: Looks of the optimizers.
        x: Column of the positions.
        columns: Columns of the values and of the two ends of the bands.
        floor: Smallest value that is drawn; lower ones are drawn there.
    """
    for name, own_look in look.items():
        own = points[points["optimizer"] == name]
        middle, low, high = (np.maximum(own[column].to_numpy(dtype=np.float64), floor) for column in columns)
        axis.plot(own[x], middle, **line_properties(own_look))
        axis.fill_between(own[x], low, high, color=own_look.colour, alpha=0.15, linewidth=0, zorder=2)


def draw_course(
    axis: Axes,
    x: FloatArray,
    quartiles: Sequence[FloatArray],
    look: Look,
    span: tuple[float, float],
    *,
    clip_on: bool = True,
) -> None:
    """Draw how a median went, in steps with a few markers, and the band between the quartiles.

    Args:
        axis: Axes to draw on.
        x: Evaluations, shape (n,), ascending.
        quartiles: First quartile, median and third quartile, each of shape (n,).
        look: Look of the optimizer.
        span: First and last evaluation between which markers are spread.
        clip_on: Whether to cut what is beyond the axes.
    """
    low, median, high = quartiles
    spots = np.unique(np.searchsorted(x, np.geomspace(span[0], span[1], 4)[1:], side="right") - 1).tolist()
    axis.plot(x, median, drawstyle="steps-post", markevery=spots, clip_on=clip_on, **line_properties(look))
    axis.fill_between(x, low, high, step="post", color=look.colour, alpha=0.13, linewidth=0, zorder=2)


def set_gap_axis(axis: Axes) -> None:
    """Give a logarithmic axis of gaps a decade at least, and labels in percent."""
    low, high = axis.get_ylim()
    wide = max(1.0, (10.0 * low / high) ** 0.5)
    axis.set_ylim(low / wide, high * wide)
    axis.yaxis.set_major_locator(FixedLocator([tick for tick in log_ticks(*axis.get_ylim()) if tick >= FLOOR]))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value)))
    axis.yaxis.set_minor_locator(NullLocator())


def setting(tables: Tables) -> str:
    """Describe group sizes, budgets and numbers of seeds, so that figures of quick campaigns say so."""
    seeds = tables.runs.groupby(["case", "optimizer"])["seed"].transform("nunique")
    known = {name: column.dropna() for name, column in tables.runs.assign(seeds=seeds)[list(SETTING)].items()}
    return ", ".join(_span(known[name], text) for name, text in SETTING.items() if len(known[name]))


def _span(values: pd.Series, what: str) -> str:
    low, high = int(values.min()), int(values.max())
    return counted(low, what) if low == high else f"{low:,} to {high:,} {what}s"


def mark_absent(axis: Axes, place: float) -> None:
    """Mark an empty place as that of an optimizer that is not installed."""
    axis.annotate(
        ABSENT,
        (place, 0.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 2),
        textcoords="offset points",
        ha="center",
        va="bottom",
        rotation=90,
        fontsize=7,
        color="#555555",
    )


def absent_note(numbers: pd.DataFrame) -> str:
    """Explain ``n/a`` from the column ``needs``; "" if nothing is absent."""
    needs = sorted(set(numbers["needs"]) - {""})
    return f"{ABSENT}: not installed, needs {', '.join(map(safe, needs))}" if needs else ""


def with_absent(numbers: pd.DataFrame, tables: Tables, keys: Sequence[str]) -> pd.DataFrame:
    """Add a column ``needs``, and append a row per absent optimizer and combination of ``keys``."""
    gaps = [
        {**dict(zip(keys, values, strict=True)), "optimizer": label, "needs": gap.needs}
        for label, gap in tables.campaign.absent.items()
        for values in numbers[list(keys)].drop_duplicates().itertuples(index=False)
    ]
    both = [numbers.assign(needs=""), pd.DataFrame(gaps)] if gaps else [numbers.assign(needs="")]
    return pd.concat(both, ignore_index=True)


def limit_handle() -> Artist:
    """Return the legend handle of the certified limit."""
    return Line2D([], [], color="black", linestyle=(0, (4, 2)), linewidth=0.9)
