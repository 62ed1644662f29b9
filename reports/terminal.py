"""The summary that the terminal shows, in lines that have room."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from bench.store import StoredCampaign
from problems.objectives import DEFAULT_OBJECTIVE
from reports.grid import Strip, print_grid, say, total_width
from reports.instances import degeneracy_warning
from reports.names import common_parts, short_names
from reports.provenance import progress, warnings_of
from reports.replay import replayed
from reports.summary import Tables, make_tables
from reports.table import Table as Published
from reports.units import amount, title_of

DETAILED_ROWS = 24
"""Up to so many rows each problem and optimizer gets a line; beyond, a cell of a matrix."""

NAME = 40
"""Cells of a name in a table, where there is room."""

CASE = 24
"""Cells of a problem's name beside its results; longer ones stand above."""

DETAILS = {"runs": 8, "median [q1, q3]": 19, "gap": 7, "rank": 4}
"""Columns that tell how an optimizer does on a problem, and their least widths, so that most tables look alike."""

LISTED = 5
"""Messages of failed runs that are shown."""


def print_table(table: Published, console: Console) -> None:
    """Print a published table's shown columns, and its warnings."""
    marks = table.marks or (False,) * len(table.frame)
    styles = ["bold" * bool(mark) for mark in marks]
    leading = list(takewhile(lambda key: not table.view[key].number, table.view))
    say(console, table.title, "bold")
    say(console, table.note, "dim")
    strips = {
        key: Strip(column.head, texts, "name" if key in leading else "number" if column.number else "text", styles)
        for (key, column), texts in zip(table.view.items(), table.texts().values(), strict=True)
    }
    print_grid(console, *_with_room(strips, console))
    names = [name for key in leading for name in map(str, table.frame[key])]
    for warning in table.warnings:
        say(console, f"warning: {warning}", "yellow", names)
    console.print()


def _with_room(strips: Mapping[str, Strip], console: Console) -> tuple[list[Strip], dict[int, str]]:
    """The columns; where they have no room the problems' names stand above their rows."""
    if "problem" not in strips or total_width(list(strips.values())) <= console.width + 1:
        return list(strips.values()), {}
    cells = strips["problem"].cells
    above = {row: name for row, name in enumerate(cells) if row == 0 or name != cells[row - 1]}
    return [strip for key, strip in strips.items() if key != "problem"], above


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
    _print_overall(tables, numbers, console)
    console.print()
    if len(tables.summary) > DETAILED_ROWS:
        _print_matrix(tables, numbers, console)
    else:
        say(console, f"{_values(tables)}; * best{_common(tables)}", names=[common_parts(tables.cases)])
        _print_details(tables, console)


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


def _print_overall(tables: Tables, numbers: Mapping[str, str], console: Console) -> None:
    rows = tables.overall.to_dict("records")
    columns = {
        "runs": [row["runs"] for row in rows],
        "mean rank": [_ratio(row["mean_rank"], 2) for row in rows],
        "best on": [str(row["num_best"]) for row in rows],
        "median /bound": [_ratio(row["ratio"]) for row in rows],
        "s per 1k evals": [f"{_ratio(row['seconds_per_1000']):>8}" for row in rows],
        "eval. share": [_percent(row["evaluate_share"], 0) for row in rows],
    }
    first = [Strip("#", [numbers[row["optimizer"]] for row in rows], "name")]
    first.append(Strip("optimizer", [row["optimizer"] for row in rows], "name", most=NAME))
    print_grid(console, [*first, *(Strip(head, cells) for head, cells in columns.items())])
    say(console, _legend(tables), "dim")


def _legend(tables: Tables) -> str:
    """What the columns of the overall table mean."""
    compared, cases = int(tables.overall["num_compared"].max()), len(tables.cases)
    over = f"{cases} problems" if cases != 1 else "1 problem"
    if compared < cases:
        over = f"the {compared} of {over} on which all have results"
    return (
        f"mean rank, best on and median/bound (geometric mean; 1.000 cannot be beaten) are over {over}; eval. share: "
        "time spent in scoring mappings"
    )


def _print_details(tables: Tables, console: Console) -> None:
    """A line for each problem and optimizer; the problem's name beside it, or above where there is no room for that."""
    rows = tables.summary.to_dict("records")
    short = short_names(list(tables.summary["case"].unique()))
    styles = ["bold" if _is_best(row) else "" for row in rows]
    cells = zip(*map(_detail, rows), strict=True)
    optimizers = Strip("optimizer", [row["optimizer"] for row in rows], "name", styles, most=NAME)
    columns = [
        Strip(head, own, styles=styles, least=least) for (head, least), own in zip(DETAILS.items(), cells, strict=True)
    ]
    problems = Strip("problem", [short[row["case"]] for row in rows], "name", styles, once=True)
    beside = [problems, optimizers, *columns]
    if len(tables.objectives) > 1 or problems.width > CASE or total_width(beside) > console.width + 1:
        print_grid(console, [optimizers, *columns], _above(tables, short))
    else:
        print_grid(console, beside)


def _above(tables: Tables, short: Mapping[str, str]) -> dict[int, str]:
    """By row of the summary, the names of the problems that begin there, each with its unit if these differ."""
    first = tables.summary.drop_duplicates("case")
    units = {row["case"]: f": {_title(row['objective'])}" for row in first.to_dict("records")}
    several = len(tables.objectives) > 1
    return {int(place): short[case] + units[case] * several for place, case in first["case"].items()}


def _detail(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells of ``DETAILS``."""
    return (
        row["runs"],
        f"{_value(row, 'median')} [{_value(row, 'q1')}, {_value(row, 'q3')}]",
        _percent(row["gap"]),
        _mark("-" if math.isnan(row["rank"]) else f"{row['rank']:g}", _is_best(row)),
    )


def _is_best(row: Mapping[str, Any]) -> bool:
    return bool(row["ratio_to_best"] == 1.0)


def _print_matrix(tables: Tables, numbers: Mapping[str, str], console: Console) -> None:
    """Problems as rows, optimizers as columns."""
    value = "ratio" if (tables.summary["lower_bound"] > 0).all() else "ratio_to_best"
    kind = "bound" if value == "ratio" else "best median"
    say(console, f"median / {kind} by optimizer (#); * best{_common(tables)}", names=[common_parts(tables.cases)])
    cells = {(row["case"], row["optimizer"]): row for row in tables.summary.to_dict("records")}
    strips = []
    for name, number in numbers.items():
        own = [cells.get((case, name)) for case in tables.cases]
        texts = [_mark(_ratio(row[value]), _is_best(row)) if row else "" for row in own]
        strips.append(Strip(f"{number} ", texts, styles=["bold" * (row is not None and _is_best(row)) for row in own]))
    names = list(short_names(tables.cases).values())
    if max(map(cell_len, names)) > CASE:
        print_grid(console, strips, dict(enumerate(names)))
    else:
        print_grid(console, [Strip("problem", names, "name", whole=True), *strips])


def _print_trouble(campaign: StoredCampaign, tables: Tables, console: Console) -> None:
    """Warnings, and the commonest messages of runs that went wrong."""
    names = [*tables.cases, *tables.optimizers]
    for warning in filter(None, (*warnings_of(campaign), degeneracy_warning(tables.instances))):
        say(console, f"warning: {warning}", "yellow", names)
    failed = tables.runs[tables.runs["status"] == "failed"]
    for message, runs in list(failed.groupby("message", sort=False)["run_id"])[:LISTED]:
        more = f", and {len(runs) - 1} more" if len(runs) > 1 else ""
        say(console, f"failed: {runs.iloc[0]}{more}: {message}", "red", names)
    for message in list(campaign.unreadable.values())[:LISTED]:
        say(console, f"unreadable: {message}", "red")
    if max(failed["message"].nunique(), len(campaign.unreadable)) > LISTED:
        say(console, "... and others; the report lists all", "red")


def _mark(text: str, best: bool) -> str:
    return f"{text}*" if best else f"{text} "


def _ratio(value: float, places: int = 3) -> str:
    """At most five characters up to 9,999, and nine for all."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf"
    size = abs(value)
    if size >= 1e5:
        return f"{value:.2e}"
    digits = places if size < 10.0 else 2 if size < 100.0 else 1 if size < 1000.0 else 0
    return f"{value:.{digits}f}"


def _percent(value: float, places: int = 1) -> str:
    if math.isnan(value):
        return "-"
    shown = 100.0 * value
    if math.isinf(value):
        return "inf"
    return f"{shown:,.{places}f} %" if abs(shown) < 1e6 else f"{shown:.2e} %"


def _value(row: Mapping[str, Any], column: str) -> str:
    """Makespans in thousand cycles, others in their unit."""
    value = float(row[column])
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf"
    if row["objective"] != DEFAULT_OBJECTIVE:
        return amount(value)
    return f"{value / 1e3:,.0f}" if 1e5 <= abs(value) < 1e15 else amount(value / 1e3)
