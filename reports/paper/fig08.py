"""Figures 8 and 9: throughput of all methods relative to MAGMA, on homogeneous and on heterogeneous platforms."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn, wrapped
from reports.figures.marks import bar_handle, draw_bars
from reports.figures.style import FULL, Looks, legend_above, new_figure
from reports.figures.throughput import MEAN, THROUGHPUT_COLUMNS, throughput_numbers
from reports.frames.summary import Tables
from reports.paper.common import ABSENT, absent_note, mark_absent, setting, with_absent
from reports.wording.names import distinct

COLUMNS = {
    "platform": "accelerator",
    "bandwidth_gbps": "shared memory bandwidth, GB/s",
    **THROUGHPUT_COLUMNS,
    "separates": "False where on every instance of the task the best of 1,000 random mappings is within 2 % of the "
    "certified bound, so that it tells no methods apart; empty for the mean",
    "cut": "runs that were cut at the wall limit, on all tasks of the panel",
    "needs": "what to install for a method that was left out; empty for all others",
    "setting": "jobs, evaluations and seeds; methods that make one mapping have one evaluation",
}

_PANEL, _MARGIN = 1.2, 0.5
"""Inches of height: a panel, and legend and notes."""


def numbers(tables: Tables) -> pd.DataFrame:
    """Bars, one a row, and a row without a value for each place of an absent method; columns as in ``COLUMNS``."""
    cases = tables.runs.drop_duplicates("case")
    panels = cases.groupby(["platform", "bandwidth_gbps"], sort=False, dropna=False)["case"]
    parts = [
        _panel_numbers(_only(tables, set(own))).assign(platform=platform, bandwidth_gbps=bandwidth)
        for (platform, bandwidth), own in panels
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        empty = pd.DataFrame(columns=list(COLUMNS))
        empty.attrs["why"] = throughput_numbers(tables).attrs["why"]
        return empty
    return pd.concat(parts, ignore_index=True).assign(setting=setting(tables))[list(COLUMNS)]


def _only(tables: Tables, cases: set[str]) -> Tables:
    """The tables that bars are made of, of some cases alone."""
    own = {name: getattr(tables, name) for name in ("runs", "summary", "instances")}
    return replace(tables, **{name: table[table["case"].isin(cases)] for name, table in own.items()})


def _panel_numbers(tables: Tables) -> pd.DataFrame:
    """The bars of one platform at one bandwidth."""
    tasks = tables.runs.drop_duplicates("case").set_index("case")["task"]
    separates = tables.instances.set_index("case")["separates"].groupby(tasks).agg(lambda own: not own.eq(False).all())
    cut = tables.summary.groupby("optimizer")["num_cut"].sum()
    bars = with_absent(throughput_numbers(tables), tables, ["panel", "group", "reference", "left_out"])
    return bars.assign(separates=bars["group"].map(separates), cut=bars["optimizer"].map(cut).fillna(0).astype(int))


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """A row of bars for each platform and bandwidth; MAGMA is the last of each group."""
    shown = [name for name in looks if name in set(numbers["optimizer"])]
    look = {name: looks[name] for name in sorted(shown, key=lambda name: looks[name].leads)}
    panels = list(numbers.groupby("panel", sort=False))
    notes = _notes(numbers)
    figure = new_figure(FULL, _MARGIN + _PANEL * len(panels) + 0.12 * len(notes))
    axes = figure.subplots(len(panels), 1, squeeze=False)[:, 0]
    names = drawn((title for title, _ in panels), 90)
    for axis, (title, panel) in zip(axes, panels, strict=True):
        _draw_panel(axis, panel, look)
        axis.set_title(names[title])
    absent = numbers.loc[numbers["needs"] != "", "optimizer"]
    legend_above(figure, [bar_handle(own) for own in look.values()], list(look), dict.fromkeys(absent, f" ({ABSENT})"))
    if notes:
        figure.supxlabel("\n".join(notes), fontsize=7)
    return figure


def _draw_panel(axis: Axes, panel: pd.DataFrame, look: Looks) -> None:
    """The tasks, and behind a line their mean."""
    groups = sorted(panel["group"].unique(), key=lambda group: group == MEAN)
    draw_bars(axis, panel, look, groups)
    gaps = panel[panel["needs"] != ""]
    width = min(0.25, 0.86 / len(look))
    for group, optimizer in zip(gaps["group"], gaps["optimizer"], strict=True):
        mark_absent(axis, groups.index(group) + (list(look).index(optimizer) - (len(look) - 1) / 2) * width)
    axis.axhline(1.0, color="#444444", linewidth=0.6, zorder=0.9)
    if MEAN in groups:
        axis.axvline(len(groups) - 1.5, color="#aaaaaa", linewidth=0.6)
    alike = set(panel.loc[panel["separates"].eq(False), "group"])
    axis.set_xticks(range(len(groups)), [name + "*" * (group in alike) for group, name in drawn(groups, 20).items()])
    axis.set_ylim(0.0, max(1.05, axis.get_ylim()[1]))
    reference = panel["reference"].iloc[0]
    axis.set_ylabel(
        f"throughput relative\nto {drawn([*look, reference], 16)[reference] if reference else 'the best'}", fontsize=7
    )


def _notes(numbers: pd.DataFrame) -> list[str]:
    """What the marks mean, and what else is to be known; lines."""
    alike = bool(numbers["separates"].eq(False).any())
    short = distinct(numbers["optimizer"], 20)
    cut = ", ".join(short[name] for name in numbers.loc[numbers["cut"] > 0, "optimizer"].unique())
    notes = [
        "* easy: the best of 1,000 random mappings is already within 2 % of the certified bound" * alike,
        absent_note(numbers),
        f"has runs that were cut at the wall limit: {cut}" * bool(cut),
        *dict.fromkeys(numbers["left_out"]),
        numbers["setting"].iloc[0],
    ]
    return [line for note in notes if note for line in wrapped(note, 115).split("\n")]


def _drawing(name: str, kind: str) -> Drawing:
    return Drawing(
        name,
        numbers,
        draw,
        COLUMNS,
        f"Throughput on {kind} platforms",
        f"Throughput of the best mapping that each method finds, relative to MAGMA, on {kind} platforms, each at its "
        "default and at a low bandwidth; higher is better. Bars are medians over seeds, whiskers reach from the first "
        "to the third quartile, the last group is the geometric mean over the tasks. A method whose library is not "
        f"installed keeps its place, marked {ABSENT}; a cross stands for runs that found no valid mapping. With an "
        "asterisk: the best of 1,000 random mappings is within 2 % of the certified bound, so that the task tells no "
        "search methods apart at this bandwidth.",
    )


FIG08 = _drawing("fig08", "homogeneous")
FIG09 = _drawing("fig09", "heterogeneous")
