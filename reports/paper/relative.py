"""Throughput relative to MAGMA by task, panels by platform and bandwidth: the form of the paper's figures 8 and 9."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from reports.figures.throughput import THROUGHPUTS, left_out_of
from reports.frames.averages import geometric_mean
from reports.frames.summary import Tables, comparable
from reports.wording.names import split_case

MEAN = "geomean"
WITHOUT = "; no magma, relative to best"

_OPTIONS: Mapping[str, Callable[[Any], str]] = {  # Any: each column has cells of its own type
    "num_jobs": lambda jobs: "all jobs" if jobs != jobs else f"{jobs:g} jobs",
    "dependent": lambda dependent: "dependent" if dependent else "",
    "cost_model": str,
    "objective": str,
}
"""Formatters of the problem options in which panels may differ."""

RELATIVE_COLUMNS = {
    "panel": "title of the panel",
    "group": "task, or the mean over tasks",
    "optimizer": "label in the campaign",
    "value": "throughput relative to the reference; geometric mean over instances of the medians",
    "low": "the same for the third quartiles of the makespan",
    "high": "the same for the first quartiles of the makespan",
    "reference": "optimizer whose throughput is 1; empty: the best on each problem",
    "left_out": "problems that are not in the figure, or empty",
}


def relative_numbers(tables: Tables) -> pd.DataFrame:
    """Return one row per bar, with columns as in ``RELATIVE_COLUMNS``."""
    left_out = left_out_of(tables)
    bars = relative_throughput(tables).assign(reference=tables.magma, left_out=left_out)
    reason = "no run has found a valid mapping yet"
    bars.attrs["why"] = f"{left_out}; {reason}" if left_out else reason
    return bars


def relative_throughput(tables: Tables) -> pd.DataFrame:
    """Return one row per bar: panel, group (task or mean), optimizer, value, low and high (from the quartiles)."""
    first = tables.runs.drop_duplicates("case").set_index("case")
    cases = tables.summary.dropna(subset=["median"])
    cases = cases[cases["objective"].isin(THROUGHPUTS)]
    cases = cases.assign(panel=cases["case"].map(_panels(first)), task=cases["case"].map(first["task"]))
    own = cases[cases["optimizer"] == tables.magma].set_index("case")["median"].astype(float)
    best = cases.groupby("case")["median"].min()
    without = ~cases["case"].isin(own.index[np.isfinite(own)])
    cases = cases.assign(reference=cases["case"].map(own).mask(without, cases["case"].map(best)).astype(float))
    if tables.magma:
        cases.loc[without, "panel"] += WITHOUT
    cases = cases[np.isfinite(cases["reference"])]
    quotients = {"value": "median", "low": "q3", "high": "q1"}
    cases = cases.assign(**{name: cases["reference"] / cases[column] for name, column in quotients.items()})
    rows = [row for panel in cases.groupby("panel", sort=False) for row in _bars(*panel)]
    return pd.DataFrame(rows, columns=["panel", "group", "optimizer", *quotients])


def _panels(cases: pd.DataFrame) -> dict[str, str]:
    """Return the panel title of each case: platform, bandwidth, and the options in which cases differ."""
    differing = [name for name in _OPTIONS if cases[name].nunique() > 1]

    def title(case: str, row: pd.Series) -> str:
        if not row["platform"]:
            return "other problems"
        options = [_OPTIONS[name](row[name]) for name in differing]
        parts = [row["platform"], f"{row['bandwidth_gbps']:g} GB/s", *filter(None, options)]
        return ", ".join(parts) + split_case(case)[1]

    return {str(case): title(str(case), row) for case, row in cases.iterrows()}


def _bars(title: str, panel: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """Yield the bars of one panel: means over the instances of each task, then over the comparable tasks."""
    for (task, optimizer), own in panel.groupby(["task", "optimizer"], sort=False):
        yield (title, task, optimizer, *(geometric_mean(own[column]) for column in ("value", "low", "high")))
    if panel["task"].nunique() > 1:
        tasks = comparable(panel).groupby(["optimizer", "task"], sort=False)["value"].agg(geometric_mean)
        for optimizer, own in tasks.groupby("optimizer", sort=False):
            yield (title, MEAN, optimizer, geometric_mean(own), np.nan, np.nan)
