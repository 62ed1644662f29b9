"""Print tables and campaign summaries to a terminal, fitted to its width."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import takewhile

import pandas as pd
from rich.cells import cell_len
from rich.console import Console

from problems.best_known.claims import LEAST_GAIN
from reports.frames.instances import degeneracy_warning
from reports.frames.provenance import progress, warnings_of
from reports.frames.summary import APART, LEVEL, Tables, make_tables
from reports.grid import Strip, print_grid, print_whole, say, total_width
from reports.statistics.leading import headline
from reports.statistics.standing import kinds_table
from reports.storage.replay import CheckedCampaign
from reports.wording.names import common_parts, short_names
from reports.wording.numbers import counted
from reports.wording.table import Table as Published
from reports.wording.units import amount, short_unit_of, title_of

DETAILED_ROWS = 24
"""Up to this many rows, each problem and optimizer gets a line; with more, a cell of a matrix."""

NAME = 40
"""Greatest width of a name in a table, in terminal cells."""

CASE = 24
"""Greatest width of a problem's name beside its results; longer names go on a line above."""

DETAILS = {"runs": 8, "median [q1, q3]": 19, "gap": 7, "rank": 4}
"""Result columns of an optimizer on a problem, with minimum widths so that most tables look alike."""

LISTED = 5
"""Number of failure messages shown."""


def print_table(table: Published, console: Console) -> None:
    """Print the shown columns of a published table, and its warnings."""
    marks = table.marks or (False,) * len(table.frame)
    styles = ["bold" if mark else "" for mark in marks]
    leading = list(takewhile(lambda key: not table.view[key].number, table.view))
    say(console, table.title, "bold")
    say(console, table.note, "dim")
    strips = {
        key: Strip(column.head, texts, "name" if key in leading else "number" if column.number else "text", styles)
        for (key, column), texts in zip(table.view.items(), table.texts().values(), strict=True)
    }
    print_whole(console, print_grid(console, *_with_room(strips, console)))
    names = [name for key in leading for name in map(str, table.frame[key])]
    for warning in table.warnings:
        say(console, f"warning: {warning}", "yellow", names)
    console.print()


def _with_room(strips: Mapping[str, Strip], console: Console) -> tuple[list[Strip], dict[int, str]]:
    """The columns to print; if they are too wide together, problem names move above their rows."""
    if "problem" not in strips or total_width(list(strips.values())) <= console.width + 1:
        return list(strips.values()), {}
    cells = strips["problem"].cells
    above = {row: name for row, name in enumerate(cells) if row == 0 or name != cells[row - 1]}
    return [strip for key, strip in strips.items() if key != "problem"], above


def print_summary(campaign: CheckedCampaign, console: Console, *, level: float = LEVEL) -> None:
    """Print the campaign's progress, the ranking of the optimizers, and their results on each problem.

    Args:
        campaign: Campaign to report on.
        console: Where to print.
        level: Level of confidence of what is said about who leads.

    Raises:
        InvalidInput: If ``level`` does not fit.
    """
    tables = make_tables(campaign, level=level)
    campaign = tables.campaign
    say(console, f"{campaign.name}: {progress(campaign)}", "bold", [campaign.name])
    if not tables.overall.empty:
        _print_tables(tables, console)
    _print_trouble(campaign, tables, console)
    if tables.campaign.reference:  # beside an archive, what is said of each is the end and the point
        console.print()
        _print_headline(tables, console)


def _print_tables(tables: Tables, console: Console) -> None:
    ranked = [name for name in tables.overall["optimizer"] if name not in tables.apart]
    numbers = {name: f"{i}" for i, name in enumerate(ranked, start=1)}
    numbers |= {name: f"a{i}" for i, name in enumerate(tables.apart, start=1)}
    _print_overall(tables, numbers, console)
    console.print()
    if tables.campaign.reference:
        own = [name for name in tables.optimizers if name not in tables.campaign.reference]
        for table in (kinds_table(tables, name) for name in own):
            if len(table.frame):
                print_table(table, console)
    elif len(tables.summary) > DETAILED_ROWS:
        _print_matrix(tables, numbers, console)
    else:
        say(console, f"{_values(tables)}; * best{_common(tables)}", names=[common_parts(tables.cases)])
        _print_details(tables, console)


def _values(tables: Tables) -> str:
    """Objective and unit of the medians, if all problems share them."""
    if len(tables.objectives) > 1:
        return "values in the unit beside each problem"
    return _title(tables.objectives[0])


def _title(objective: str) -> str:
    return title_of(objective, short_unit_of(objective)[0])


def _common(tables: Tables) -> str:
    common = common_parts(tables.cases)
    return f"; all problems {common}" if common else ""


def _print_overall(tables: Tables, numbers: Mapping[str, str], console: Console) -> None:
    rows = tables.overall.to_dict("records")
    head, column = _headline(tables)
    columns = {
        "runs": [row["runs"] for row in rows],
        "mean rank": [_ratio(row["mean_rank"], 2) for row in rows],
        "best on": ["-" if math.isnan(row["mean_rank"]) else str(row["num_best"]) for row in rows],
        head: [_ratio(row[column]) for row in rows],
        "CPU s per 1k evals": [f"{_ratio(row['cpu_seconds_per_1000']):>8}" for row in rows],
        "eval. share": [_percent(row["evaluate_share"], 0) for row in rows],
    }
    first = [Strip("#", [numbers[row["optimizer"]] for row in rows], "name")]
    first.append(Strip("optimizer", [row["optimizer"] for row in rows], "name", most=NAME))
    print_whole(console, print_grid(console, [*first, *(Strip(title, cells) for title, cells in columns.items())]))
    say(console, _legend(tables), "dim")
    for name in tables.apart:
        say(console, f"{name} {APART}", "dim", [name])
    if not tables.campaign.reference:
        _print_headline(tables, console)


def _print_headline(tables: Tables, console: Console) -> None:
    for sentences in headline(tables):
        say(console, sentences, "bold", tables.optimizers)


def _headline(tables: Tables) -> tuple[str, str]:
    """Head and column of what medians are divided by: the best value known, or where some have none the bound."""
    if tables.summary["best_known"].notna().all():
        return "median /best known", "ratio_to_best_known"
    return "median /bound", "ratio"


def _legend(tables: Tables) -> str:
    """Explanation of the columns of the overall table."""
    compared = int(tables.overall["num_compared"].max())
    cases = len(tables.cases)
    over = counted(cases, "problem")
    if compared < cases:
        over = f"the {compared} of {over} on which all have results"
    told = {
        "ratio": "median/bound (geometric mean; 1.000 cannot be beaten)",
        "ratio_to_best_known": "median/best known (geometric mean; below 1.000 is a new best)",
    }
    return (
        f"mean rank, best on and {told[_headline(tables)[1]]} are over {over}; eval. share: "
        "share of wall time spent evaluating mappings"
    )


def _print_details(tables: Tables, console: Console) -> None:
    """Print a line per problem and optimizer, with the problem's name beside it or, for want of room, above."""
    rows = [row for _, row in tables.summary.iterrows()]
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
    """Problem names by the row of the summary where each begins, with their objectives if these differ."""
    first = tables.summary.drop_duplicates("case")
    if len(tables.objectives) == 1:
        return {int(place): short[case] for place, case in first["case"].items()}
    return {int(place): f"{short[row['case']]}: {_title(row['objective'])}" for place, row in first.iterrows()}


def _detail(row: pd.Series) -> tuple[str, ...]:
    """Cells of ``DETAILS`` for a row of the summary."""
    median, q1, q3 = (_value(row[column], row["objective"]) for column in ("median", "q1", "q3"))
    rank = "-" if math.isnan(row["rank"]) else f"{row['rank']:g}"
    return row["runs"], f"{median} [{q1}, {q3}]", _percent(row["gap"]), _mark(rank, _is_best(row))


def _is_best(row: pd.Series) -> bool:
    return bool(row["ratio_to_best"] == 1.0 and not math.isnan(row["rank"]))


def _print_matrix(tables: Tables, numbers: Mapping[str, str], console: Console) -> None:
    """Print a matrix of ratios: a row per problem, a column per optimizer."""
    value = "ratio" if (tables.summary["lower_bound"] > 0).all() else "ratio_to_best"
    kind = "bound" if value == "ratio" else "best median"
    say(console, f"median / {kind} by optimizer (#); * best{_common(tables)}", names=[common_parts(tables.cases)])
    cells = {(row["case"], row["optimizer"]): row for _, row in tables.summary.iterrows()}
    strips = []
    for name, number in numbers.items():
        own = [cells.get((case, name)) for case in tables.cases]
        texts = ["" if row is None else _mark(_ratio(row[value]), _is_best(row)) for row in own]
        styles = ["bold" if row is not None and _is_best(row) else "" for row in own]
        strips.append(Strip(f"{number} ", texts, styles=styles))
    names = list(short_names(tables.cases).values())
    beside = [Strip("problem", names, "name", whole=True), *strips]
    if max(map(cell_len, names)) > CASE and total_width(beside) > console.width + 1:
        print_grid(console, strips, dict(enumerate(names)))
    else:
        print_grid(console, beside)


def _print_trouble(campaign: CheckedCampaign, tables: Tables, console: Console) -> None:
    """Print warnings, and the first messages of failed and unreadable runs."""
    names = [*tables.cases, *tables.optimizers]
    for warning in filter(None, (*warnings_of(campaign), degeneracy_warning(tables.instances))):
        say(console, f"warning: {warning}", "yellow", names)
    better = tables.runs[(tables.runs["regret"] < -LEAST_GAIN) & ~tables.runs["foreign"].astype(bool)]["case"].unique()
    if len(better):
        more = f" and {len(better) - 1} more" if len(better) > 1 else ""
        command = "'m3e best update RUNS'"
        text = f"better than the best known on {better[0]}{more}: {command} takes it in"
        say(console, text, "green", [*names, command])
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
    """A ratio in at most five characters up to 9,999, and at most nine in general."""
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


def _value(value: float, objective: str) -> str:
    """A value in the objective's short unit."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf"
    scale = short_unit_of(objective)[1]
    return f"{value / scale:,.0f}" if scale != 1.0 and 1e2 <= abs(value / scale) < 1e12 else amount(value / scale)
