"""Results made elsewhere: values in a CSV file, told and not verified.

The file has a header with the columns ``problem``, ``optimizer``, ``seed``, ``evaluations``, ``value`` and, where
known, ``seconds`` and ``cpu_seconds``. A row tells the best value that a run has found after so many evaluations, and
how long that took. A run has a row for its end, or one for each improvement. Nobody here has evaluated its mappings:
all that is checked is that the problem is known and no value is below its certified bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

import problems
from optimizers.limits import LARGEST_BUDGET, LARGEST_SEED
from problems.arrays import FloatArray
from problems.foundation.checks import is_above_zero, is_integer, is_number
from problems.foundation.errors import InvalidInput, M3EError
from problems.foundation.text import printable
from problems.importing.csv_rows import Row, read_rows, to_width
from reports.storage.campaign_folder import PlannedRun, StoredCampaign
from reports.storage.record import StoredRun
from reports.storage.replay import LEAST, MOST, TOLERANCE, Folders, known_problem
from reports.storage.spec import RunSpec
from reports.wording.units import is_front

REQUIRED = ("problem", "optimizer", "seed", "evaluations", "value")
TIMES = ("seconds", "cpu_seconds")

MARK = "(foreign)"
"""What follows the name of an optimizer whose results were made elsewhere, in every table and figure."""

LONGEST_LABEL = 200
"""Most characters of a name."""

NO_RUNS = StoredCampaign(name="", runs=(), planned=(), unreadable={}, unasked=())
"""A campaign without any run, to which foreign results can be joined."""


@dataclass(frozen=True)
class _Told:
    """A row: what a run had found after so many evaluations; times are NaN where unknown."""

    where: str
    problem: str
    optimizer: str
    seed: int
    evaluations: int
    value: float
    seconds: float
    cpu_seconds: float

    @property
    def run(self) -> tuple[str, str, int]:
        """What the rows of a run share."""
        return self.problem, self.optimizer, self.seed


def with_foreign(campaign: StoredCampaign, paths: Sequence[Path]) -> StoredCampaign:
    """Return the campaign with results from CSV files beside its own.

    A run counts within the smallest budget that the campaign has on its problem and that its evaluations fit in; else
    within the most evaluations that are told of any run on the problem.

    Raises:
        InvalidInput: If a file cannot be read, or tells what cannot be, with the line.
    """
    if not paths:
        return campaign
    told: dict[tuple[str, str, int], tuple[Path, list[_Told]]] = {}
    for path in paths:
        for key, rows in _runs_in(path, campaign.files).items():
            if key in told:
                expected = f"runs that {told[key][0]} does not tell"
                raise InvalidInput(rows[0].where, expected=expected, actual=f"{key[1]} on {key[0]}, seed {key[2]}")
            told[key] = path, rows
    budgets = _budgets(campaign, [rows[-1] for _, rows in told.values()])
    runs = tuple(_run(path, rows, budgets[rows[0].problem]) for path, rows in told.values())
    return replace(
        campaign,
        name=" + ".join(filter(None, (campaign.name, *(printable(path.stem) for path in dict.fromkeys(paths))))),
        runs=campaign.runs + runs,
        planned=campaign.planned + tuple(PlannedRun.of(run.spec, run.label) for run in runs),
    )


def _budgets(campaign: StoredCampaign, ends: Sequence[_Told]) -> dict[str, list[int]]:
    """The budgets that runs on each problem can count within, rising."""
    found: dict[str, set[int]] = {}
    for plan in campaign.planned:
        found.setdefault(plan.problem, set()).add(plan.budget)
    longest: dict[str, int] = {}
    for end in ends:
        longest[end.problem] = max(longest.get(end.problem, 0), end.evaluations)
    for problem, evaluations in longest.items():
        own = found.setdefault(problem, set())
        if evaluations > max(own, default=0):
            own.add(evaluations)
    return {problem: sorted(own) for problem, own in found.items()}


def _run(path: Path, rows: Sequence[_Told], budgets: Sequence[int]) -> StoredRun:
    """The run that some rows tell; rows without an improvement count for its end alone."""
    problem, optimizer, seed = rows[0].run
    end = rows[-1]
    budget = next(budget for budget in budgets if budget >= end.evaluations)
    better = [rows[0], *(row for before, row in pairwise(rows) if row.value < before.value)]
    spec = RunSpec(problems.SUITE_VERSION, problem, f"foreign:{optimizer}", {}, seed, budget)
    seconds = {"total": end.seconds, "cpu": end.cpu_seconds}
    return StoredRun(
        id=spec.id,
        spec=spec,
        label=f"{optimizer} {MARK}",
        environment={},
        num_evaluations=end.evaluations,
        best_value=end.value,
        trace_evaluations=np.array([row.evaluations for row in better], dtype=np.int64),
        trace_values=_array(row.value for row in better),
        trace_seconds=_array(row.seconds for row in better),
        trace_cpu_seconds=_array(row.cpu_seconds for row in better),
        seconds={part: value for part, value in seconds.items() if not np.isnan(value)},
        told_by=printable(path),
    )


def _array(values: Iterable[float]) -> FloatArray:
    return np.array(list(values), dtype=np.float64)


def _runs_in(path: Path, files: Folders) -> dict[tuple[str, str, int], list[_Told]]:
    """The rows of a file by run, in the order of their evaluations.

    Raises:
        InvalidInput: If something does not fit.
    """
    header, *rows = read_rows(path)
    columns = _columns(path, header)
    runs: dict[tuple[str, str, int], list[_Told]] = {}
    for row in rows:
        own = _row(path, row, columns, files)
        runs.setdefault(own.run, []).append(own)
    if not runs:
        raise InvalidInput(str(path), expected="a row or more below the header", actual="none")
    return {key: _in_order(own) for key, own in runs.items()}


def _columns(path: Path, header: Row) -> list[str]:
    """The names in the header.

    Raises:
        InvalidInput: If one is missing, unknown or there twice.
    """
    names = header.cells
    if set(REQUIRED) - set(names) or set(names) - {*REQUIRED, *TIMES} or len(set(names)) < len(names):
        expected = f"a header with the columns {', '.join(REQUIRED)}, and {' and '.join(TIMES)} where known"
        raise InvalidInput(f"{path}, line {header.line}", expected=expected, actual=", ".join(names))
    return names


def _row(path: Path, row: Row, columns: Sequence[str], files: Folders) -> _Told:
    """Read a row.

    Raises:
        InvalidInput: If a cell does not fit.
    """
    where = f"{path}, line {row.line}"
    cells = dict(zip(columns, to_width(path, row, len(columns), ", ".join(columns)), strict=True))
    problem = _problem(where, cells["problem"], files)
    if not cells["optimizer"]:
        raise InvalidInput(f"{where}: optimizer", expected="a name", actual="nothing")
    return _Told(
        where,
        problem.id,
        printable(cells["optimizer"], LONGEST_LABEL),
        _whole(f"{where}: seed", cells["seed"], 0, LARGEST_SEED),
        _whole(f"{where}: evaluations", cells["evaluations"], 1, LARGEST_BUDGET),
        _value(f"{where}: value", cells["value"], problem),
        *(_time(f"{where}: {name}", cells.get(name, "")) for name in TIMES),
    )


def _problem(where: str, name: str, files: Folders) -> problems.Problem:
    try:
        return known_problem(name, files)
    except M3EError as error:
        expected = "the id of a problem that is known here"
        raise InvalidInput(f"{where}: problem", expected=expected, actual=name, hint=str(error)) from error


def _number(text: str) -> float:
    """The number in a cell; NaN if there is none."""
    try:
        return float(text)
    except ValueError:
        return np.nan


def _whole(what: str, text: str, least: int, most: int) -> int:
    number = int(text) if text.isdecimal() and len(text) <= len(str(most)) else -1
    if not is_integer(number, least, most):
        raise InvalidInput(what, expected=f"an integer from {least} to {most:,}", actual=text)
    return number


def _value(what: str, text: str, problem: problems.Problem) -> float:
    """The value in a cell, if the problem can have it."""
    value, front = _number(text), is_front(problem.objective.name)
    if not is_above_zero(value, 1.0 if front else MOST) or value < LEAST:
        expected = "a hypervolume shortfall above 0, at most 1" if front else "a finite number above 0"
        raise InvalidInput(what, expected=expected, actual=text)
    bound = 0.0 if front else problem.lower_bound()
    if value < bound * (1.0 - TOLERANCE):
        expected = f"at least the certified lower bound, {bound:,.6g} {problem.objective.units[0]}"
        hint = "No mapping has a lower value: is it in another unit?"
        raise InvalidInput(what, expected=expected, actual=text, hint=hint)
    return value


def _time(what: str, text: str) -> float:
    """The time in a cell; NaN if it is empty."""
    seconds = _number(text)
    if text and not is_number(seconds, 0.0, MOST):
        raise InvalidInput(what, expected="seconds, or nothing where they are unknown", actual=text)
    return seconds


def _in_order(rows: Sequence[_Told]) -> list[_Told]:
    """The rows of a run by evaluations, if they tell of one search.

    Raises:
        InvalidInput: If two have the same number of evaluations, or the best value rises or time runs backwards.
    """
    ordered = sorted(rows, key=lambda row: row.evaluations)
    for before, row in pairwise(ordered):
        of = f"of {row.optimizer} on {row.problem}, seed {row.seed}"
        if row.evaluations == before.evaluations:
            expected = f"one row for {row.evaluations:,} evaluations {of}"
            raise InvalidInput(row.where, expected=expected, actual=f"a second one, after {before.where}")
        if row.value > before.value:
            expected = f"the best value {of} so far, at most {before.value:.15g} as in {before.where}"
            raise InvalidInput(row.where, expected=expected, actual=f"{row.value:.15g}")
        for name in TIMES:
            if getattr(row, name) < getattr(before, name):
                expected = f"{name} of at least {getattr(before, name):g}, as in {before.where}"
                raise InvalidInput(row.where, expected=expected, actual=f"{getattr(row, name):g}")
    return ordered
