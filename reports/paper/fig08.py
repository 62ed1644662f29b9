"""Figures 8 and 9: throughput of all optimizers relative to MAGMA, on homogeneous and heterogeneous platforms."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures.drawing import Drawing
from reports.figures.lettering import drawn, wrapped
from reports.figures.marks import bar_handle, draw_bars
from reports.figures.style import FULL, Looks, legend_above, new_figure
from reports.figures.throughput import THROUGHPUT
from reports.frames.summary import Tables
from reports.paper.common import ABSENT, absent_note, mark_absent, setting, with_absent
from reports.paper.relative import MEAN, RELATIVE_COLUMNS, relative_numbers
from reports.wording.names import distinct

COLUMNS = {
    "platform": "accelerator",
    "bandwidth_gbps": "shared memory bandwidth, GB/s",
    **RELATIVE_COLUMNS,
    "separates": "False if on every instance of the task the best of 1,000 random mappings is within 2 % of the "
    "certified bound, so that the task does not separate optimizers; empty for the mean",
    "cut": "number of runs cut at the wall limit, over all tasks of the panel",
    "needs": "package to install for an optimizer that was left out; empty for all others",
    "setting": "numbers of jobs, evaluations and seeds; optimizers that make one mapping have one evaluation",
}

_PANEL = 1.2
"""Height of a panel, in inches."""

_MARGIN = 0.5
"""Height of legend and notes, in inches."""


def numbers(tables: Tables) -> pd.DataFrame:
    """Return one row per bar, with columns as in ``COLUMNS``.

    Each place of an absent optimizer has a row without a value.
    """
    cases = tables.runs.drop_duplicates("case")
    panels = cases.groupby(["platform", "bandwidth_gbps"], sort=False, dropna=False)["case"]
    parts = [
        _panel_numbers(_only(tables, set(own))).assign(platform=platform, bandwidth_gbps=bandwidth)
        for (platform, bandwidth), own in panels
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        empty = pd.DataFrame(columns=list(COLUMNS))
        empty.attrs["why"] = relative_numbers(tables).attrs["why"]
        return empty
    return pd.concat(parts, ignore_index=True).assign(setting=setting(tables))[list(COLUMNS)]


def _only(tables: Tables, cases: set[str]) -> Tables:
    """Return the tables that bars are made from, restricted to some cases."""
    own = {name: getattr(tables, name) for name in ("runs", "summary", "instances")}
    return replace(tables, **{name: table[table["case"].isin(cases)] for name, table in own.items()})


def _panel_numbers(tables: Tables) -> pd.DataFrame:
    """Return the bars of one platform at one bandwidth."""
    tasks = tables.runs.drop_duplicates("case").set_index("case")["task"]
    separates = tables.instances.set_index("case")["separates"].groupby(tasks).agg(lambda own: not own.eq(False).all())
    cut = tables.summary.groupby("optimizer")["num_cut"].sum()
    bars = with_absent(relative_numbers(tables), tables, ["panel", "group", "reference", "left_out"])
    return bars.assign(separates=bars["group"].map(separates), cut=bars["optimizer"].map(cut).fillna(0).astype(int))


def draw(numbers: pd.DataFrame, looks: Looks) -> Figure:
    """Draw one panel of bars per platform and bandwidth; MAGMA is last in each group."""
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
    """Draw the tasks and, separated by a line, their mean."""
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
    axis.set_xticks(
        range(len(groups)), [f"{name}*" if group in alike else name for group, name in drawn(groups, 20).items()]
    )
    axis.set_ylim(0.0, max(1.05, axis.get_ylim()[1]))
    reference = panel["reference"].iloc[0]
    axis.set_ylabel(
        f"throughput relative\nto {drawn([*look, reference], 16)[reference] if reference else 'the best'}", fontsize=7
    )


def _notes(numbers: pd.DataFrame) -> list[str]:
    """Return the lines below the figure: the meaning of the marks, and notes on runs and setting."""
    alike = bool(numbers["separates"].eq(False).any())
    short = distinct(numbers["optimizer"], 20)
    cut = ", ".join(short[name] for name in numbers.loc[numbers["cut"] > 0, "optimizer"].unique())
    notes = [
        "* easy: the best of 1,000 random mappings is within 2 % of the certified bound" if alike else "",
        absent_note(numbers),
        f"optimizers with runs cut at the wall limit: {cut}" if cut else "",
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
        f"Throughput of the best mapping of each optimizer, relative to MAGMA, on {kind} platforms, each at its "
        "default and at a low bandwidth; higher is better. Bars are medians over seeds, whiskers span the first to "
        "third quartiles, and the last group is the geometric mean over the tasks. An optimizer whose library is not "
        f"installed keeps its place, marked {ABSENT}; a cross marks runs that found no valid mapping. An asterisk "
        "marks tasks on which the best of 1,000 random mappings is within 2 % of the certified bound, so that they do "
        "not separate optimizers at this bandwidth.",
    )


def _gaps(name: str, kind: str) -> Drawing:
    """Return the figure that tells apart what is close to 1 in the paper's form."""
    return replace(THROUGHPUT, name=name, title=f"Throughput on {kind} platforms: gap by problem")


FIG08, FIG08_GAP = _drawing("fig08", "homogeneous"), _gaps("fig08-gap", "homogeneous")
FIG09, FIG09_GAP = _drawing("fig09", "heterogeneous"), _gaps("fig09-gap", "heterogeneous")
