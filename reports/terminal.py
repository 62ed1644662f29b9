"""The summary that the terminal shows, 80 columns wide."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.store import StoredCampaign
from problems.objectives import DEFAULT_OBJECTIVE
from reports.instances import degeneracy_warning
from reports.names import common_parts, short_names, shorten
from reports.provenance import progress, warnings_of
from reports.replay import replayed
from reports.summary import Tables, make_tables
from reports.table import Table as Published
from reports.units import amount, title_of

DETAILED_ROWS = 24
"""Up to so many rows each problem and optimizer gets a line; beyond, a cell of a matrix."""

BLOCK = 8
"""Optimizers side by side in a matrix."""

NAME = 26
"""Characters of an optimizer's name in the overall table."""

CASE = 24
"""Characters of a problem's name beside its results; longer ones stand above."""

DETAILS = {"optimizer": 20, "runs": 8, "median [q1, q3]": 34, "gap": 7, "rank": 4}
"""Columns that tell how an optimizer does on a problem, and their least widths where names stand above."""

LISTED = 5
"""Messages of failed runs that are shown."""


def print_table(table: Published, console: Console) -> None:
    """Print a published table's shown columns, and its warnings."""
    console.print(Text(table.title, style="bold"))
    console.print(Text(table.note, style="dim"))
    columns = [(column.head, column.number) for column in table.view.values()]
    printed = _table([head for head, _ in columns], left=[head for head, number in columns if not number])
    marks = table.marks or (False,) * len(table.frame)
    for row, mark in zip(table.shown().to_numpy().tolist(), marks, strict=True):
        printed.add_row(*map(Text, row), style="bold" if mark else "")
    console.print(printed)
    for warning in table.warnings:
        console.print(Text(f"warning: {warning}", style="yellow"))
    console.print()


def print_summary(campaign: StoredCampaign, console: Console) -> None:
    """Print how far the campaign is, how the optimizers rank, and how they do on each problem."""
    campaign = replayed(campaign)
    tables = make_tables(campaign)
    console.print(Text(f"{campaign.name}: {progress(campaign)}", style="bold"), soft_wrap=True)
    if not tables.overall.empty:
        _print_tables(tables, console)
    _print_trouble(campaign, tables, console)


def _print_tables(tables: Tables, console: Console) -> None:
    numbers = {name: f"{i}" for i, name in enumerate(tables.overall["optimizer"], start=1)}
    console.print(_overall(tables, numbers))
    console.print(Text(_legend(tables), style="dim"))
    console.print()
    if len(tables.summary) > DETAILED_ROWS:
        _print_matrix(tables, numbers, console)
        return
    console.print(Text(f"{_values(tables)}; * best{_common(tables)}"))
    short = short_names(list(tables.summary["case"].unique()))
    if len(tables.objectives) > 1 or max(map(len, short.values())) > CASE:
        _print_cases(tables, short, console)
    else:
        console.print(_details(tables.summary, short))


def _values(tables: Tables) -> str:
    """What the medians are, if they are all the same."""
    if len(tables.objectives) > 1:
        return "values in the unit beside each problem"
    return _title(tables.objectives[0])


def _title(objective: str) -> str:
    return title_of(objective, "thousand cycles" if objective == DEFAULT_OBJECTIVE else None)


def _common(tables: Tables) -> str:
    common = common_parts(tables.cases)
    return f"; all problems {common}" if common else ""


def _overall(tables: Tables, numbers: dict[str, str]) -> Table:
    headers = ("#", "optimizer", "runs", "mean\nrank", "best\non", "median\n/bound", "s per 1k\nevals", "eval.\nshare")
    table = _table(headers, left=("optimizer",))
    for row in tables.overall.to_dict("records"):
        table.add_row(
            numbers[row["optimizer"]],
            Text(shorten(row["optimizer"], NAME)),
            row["runs"],
            _ratio(row["mean_rank"], 2),
            str(row["num_best"]),
            _ratio(row["ratio"]),
            _ratio(row["seconds_per_1000"]),
            _percent(row["evaluate_share"], 0),
        )
    return table


def _legend(tables: Tables) -> str:
    """What the columns of the overall table mean."""
    compared, cases = int(tables.overall["num_compared"].max()), len(tables.cases)
    over = f"{cases} problems" if cases != 1 else "1 problem"
    if compared < cases:
        over = f"the {compared} of {over} on which all have results"
    return (
        f"mean rank, best on and median/bound (geometric mean; 1.000 cannot be beaten) are\nover {over}; eval. share: "
        "time spent in scoring mappings"
    )


def _details(summary: pd.DataFrame, short: Mapping[str, str]) -> Table:
    """A line for each problem and optimizer."""
    table = _table(("problem", *DETAILS), left=("problem", "optimizer"))
    previous = ""
    for row in summary.to_dict("records"):
        name = "" if row["case"] == previous else short[row["case"]]
        table.add_row(Text(name), *_detail(row), style=_style(row))
        previous = row["case"]
    return table


def _print_cases(tables: Tables, short: Mapping[str, str], console: Console) -> None:
    """The same with a line for each problem's name, which there is no room for beside; and its unit if they differ."""
    for place, (case, rows) in enumerate(tables.summary.groupby("case", sort=False)):
        unit = f": {_title(rows['objective'].iloc[0])}" if len(tables.objectives) > 1 else ""
        console.print(Text(f"{short[str(case)]}{unit}", style="italic"))
        table = _table(DETAILS, left=("optimizer",))
        for column, width in zip(table.columns, DETAILS.values(), strict=True):
            column.min_width = width
        table.show_header = place == 0
        for row in rows.to_dict("records"):
            table.add_row(*_detail(row), style=_style(row))
        console.print(table)


def _detail(row: Mapping[str, Any]) -> tuple[Text | str, ...]:
    """The cells of ``DETAILS``."""
    return (
        Text(shorten(row["optimizer"], 20)),
        row["runs"],
        Text(f"{_value(row, 'median')} [{_value(row, 'q1')}, {_value(row, 'q3')}]"),
        _percent(row["gap"]),
        _rank(row["rank"], _is_best(row)),
    )


def _is_best(row: Mapping[str, Any]) -> bool:
    return bool(row["ratio_to_best"] == 1.0)


def _style(row: Mapping[str, Any]) -> str:
    return "bold" if _is_best(row) else ""


def _print_matrix(tables: Tables, numbers: dict[str, str], console: Console) -> None:
    """Problems as rows, optimizers as columns, in blocks that fit."""
    value = "ratio" if (tables.summary["lower_bound"] > 0).all() else "ratio_to_best"
    kind = "bound" if value == "ratio" else "best median"
    console.print(Text(f"median / {kind} by optimizer (#); * best{_common(tables)}"))
    names = list(numbers)
    blocks = -(-len(names) // BLOCK)
    for block in range(blocks):
        own = names[len(names) * block // blocks : len(names) * (block + 1) // blocks]
        console.print(_matrix(tables, {name: numbers[name] for name in own}, value))


def _matrix(tables: Tables, numbers: dict[str, str], value: str) -> Table:
    short = short_names(tables.cases)
    table = _table(("problem", *numbers.values()), left=("problem",))
    cells = {(row["case"], row["optimizer"]): row for row in tables.summary.to_dict("records")}
    for case in tables.cases:
        row = [cells.get((case, name)) for name in numbers]
        table.add_row(
            Text(short[case]),
            *(_mark(_ratio(c[value]), _is_best(c)) if c else Text() for c in row),
        )
    return table


def _table(headers: Iterable[str], *, left: Sequence[str] = ()) -> Table:
    """Without lines between columns; numbers to the right; names fold rather than push numbers off the screen."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for header in headers:
        name = header.startswith(tuple(left))
        table.add_column(Text(header), justify="left" if name else "right", no_wrap=not name, overflow="fold")
    return table


def _print_trouble(campaign: StoredCampaign, tables: Tables, console: Console) -> None:
    """Warnings, and the commonest messages of runs that went wrong."""
    for warning in filter(None, (*warnings_of(campaign), degeneracy_warning(tables.instances))):
        console.print(Text(f"warning: {warning}", style="yellow"))
    failed = tables.runs[tables.runs["status"] == "failed"]
    for message, runs in list(failed.groupby("message", sort=False)["run_id"])[:LISTED]:
        more = f", and {len(runs) - 1} more" if len(runs) > 1 else ""
        console.print(Text(f"failed: {runs.iloc[0]}{more}: {message}", style="red"))
    for message in list(campaign.unreadable.values())[:LISTED]:
        console.print(Text(f"unreadable: {message}", style="red"))
    if max(failed["message"].nunique(), len(campaign.unreadable)) > LISTED:
        console.print(Text("... and others; the report lists all", style="red"))


def _mark(text: str, best: bool) -> Text:
    return Text(f"{text}*", style="bold") if best else Text(f"{text} ")


def _rank(value: float, best: bool) -> Text:
    return _mark("-" if math.isnan(value) else f"{value:g}", best)


def _ratio(value: float, places: int = 3) -> str:
    """At most five characters up to 9,999."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf"
    digits = places if value < 10.0 else 2 if value < 100.0 else 1 if value < 1000.0 else 0
    return f"{value:.{digits}f}"


def _percent(value: float, places: int = 1) -> str:
    if math.isnan(value):
        return "-"
    return "inf" if math.isinf(value) else f"{100.0 * value:,.{places}f} %"


def _value(row: Mapping[str, Any], column: str) -> str:
    """Makespans in thousand cycles, others in their unit."""
    value = float(row[column])
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf"
    return f"{value / 1000.0:,.0f}" if row["objective"] == DEFAULT_OBJECTIVE else amount(value)
