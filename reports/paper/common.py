"""What several of the paper's figures share: bars with places kept for absent methods, and absolute throughput."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from reports.figures.lettering import safe
from reports.figures.throughput import THROUGHPUTS
from reports.frames.averages import geometric_mean
from reports.frames.summary import Tables

ABSENT = "n/a"
"""What stands in the place of a method whose library is not installed."""

THROUGHPUT_COLUMNS = {
    "task": "that the jobs are drawn from",
    "platform": "accelerator",
    "bandwidth_gbps": "shared memory bandwidth, GB/s",
    "optimizer": "label in the campaign",
    "throughput_gflops": "at 1 GHz; median over seeds of the best mapping's, then geometric mean over instances",
    "q1_gflops": "the same of the first quartiles",
    "q3_gflops": "the same of the third quartiles",
    "limit_gflops": "certified: no mapping has a higher throughput; geometric mean over instances",
    "instances": "how many these are of",
    "setting": "jobs, evaluations and seeds",
}
"""Of a throughput table."""

SETTING = {"num_jobs": "jobs", "budget": "evaluations", "seeds": "seeds"}
"""What a setting tells: columns, and what they count."""

LIMIT = "certified limit"


def throughput_table(tables: Tables) -> pd.DataFrame:
    """Absolute throughputs, columns as in ``THROUGHPUT_COLUMNS``; those that miss an instance are left out.

    Work over makespan, where work is the throughput of any mapping times its value.
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
    table = table[whole].assign(setting=setting(tables))[list(THROUGHPUT_COLUMNS)].reset_index(drop=True)
    table.attrs["why"] = "no run has found a valid mapping yet, or its throughput is not known"
    return table


def setting(tables: Tables) -> str:
    """How large groups, budgets and numbers of seeds are, in words; a figure of a quick form must tell."""
    seeds = tables.runs.groupby(["case", "optimizer"])["seed"].transform("nunique")
    known = {name: column.dropna() for name, column in tables.runs.assign(seeds=seeds)[list(SETTING)].items()}
    return ", ".join(f"{_span(known[name])} {text}" for name, text in SETTING.items() if len(known[name]))


def _span(values: pd.Series) -> str:
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def mark_absent(axis: Axes, place: float) -> None:
    """Say at the foot of an empty place that its method is not installed."""
    axis.annotate(
        *(ABSENT, (place, 0.0)),
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
    """What ``n/a`` means, from the column ``needs``; "" if nothing is absent."""
    needs = sorted(set(numbers["needs"]) - {""})
    return f"{ABSENT}: not installed, needs {', '.join(map(safe, needs))}" if needs else ""


def with_absent(numbers: pd.DataFrame, tables: Tables, keys: Sequence[str]) -> pd.DataFrame:
    """``numbers`` with a column ``needs``, and below a row for each absent optimizer and combination of ``keys``."""
    gaps = [
        {**dict(zip(keys, values, strict=True)), "optimizer": label, "needs": gap.needs}
        for label, gap in tables.campaign.absent.items()
        for values in numbers[list(keys)].drop_duplicates().itertuples(index=False)
    ]
    both = [numbers.assign(needs=""), pd.DataFrame(gaps)] if gaps else [numbers.assign(needs="")]
    return pd.concat(both, ignore_index=True)


def limit_handle() -> Artist:
    """That of the certified limit, for legends."""
    return Line2D([], [], color="black", linestyle=(0, (4, 2)), linewidth=0.9)
