"""A mapping on the terminal, and its charts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.table import Column, Table
from rich.text import Text

from bench.console.console import PatientConsole, plain_table
from problems import Problem
from problems.foundation.errors import CommandInterrupted
from reports.figures.front import write_front
from reports.schedule_files import write_views
from reports.schedules.accounting import Account, account_of
from reports.schedules.deciding import (
    CORE_HEADS,
    above_bound,
    core_rows,
    facts_of_account,
    is_least,
    network_heads,
    network_rows,
    sentence_of,
)
from reports.storage.content import EVALUATES_ITSELF, INTERNAL_EVALUATIONS
from reports.storage.mapping_file import StoredMapping
from reports.storage.points import shown_front
from reports.storage.record import StoredRun
from reports.wording.numbers import counted
from reports.wording.units import exact

MOST_ROWS = 16
"""Most cores and networks that are listed; the page has all."""


def show_mapping(console: PatientConsole, mapping: StoredMapping, folder: Path | None) -> Account:
    """Print what a mapping achieves, and draw its (first) schedule into ``folder``, if there is one.

    Returns:
        The numbers of that schedule.

    Raises:
        StorageError: If the folder cannot be written.
        CommandInterrupted: If an interruption cuts the drawing short.
    """
    mapping = shown_front(mapping)
    problem, cores, priorities = mapping.problem, mapping.cores[0], mapping.priorities[0]
    try:
        account = account_of(problem, problem.schedule(cores, priorities), mapping.limits)
        console.show(_summary(mapping, account))
        for heads, rows, kind in (
            (network_heads(account), network_rows(account), "network"),
            (CORE_HEADS, core_rows(account), "core"),
        ):
            _show_rows(console, heads, rows, kind)
        if late := sentence_of(account):
            console.say(late)
        if folder is None:
            return account
        console.wrote(write_views(problem, cores, priorities, folder, mapping.limits))
        if problem.num_objectives > 1:
            console.wrote(write_front(mapping, folder))
        return account
    except KeyboardInterrupt as error:
        raise CommandInterrupted(error, "the mapping is kept, not all of its charts are drawn") from None


def _summary(mapping: StoredMapping, account: Account) -> Table:
    """Return a table of what was mapped, how well, how far from the bound at most, and at what expense."""
    facts = Table.grid(Column(no_wrap=True), "", padding=(0, 2))
    for name, value in _facts(mapping):
        facts.add_row(name, value)
    for name, value in facts_of_account(mapping.problem, account):
        facts.add_row(name, value)
    return facts


def _show_rows(console: PatientConsole, heads: Sequence[str], rows: Sequence[Sequence[str]], kind: str) -> None:
    """Print the first rows of a table, if it has any."""
    if not rows:
        return
    table = plain_table(*heads)
    for row in rows[:MOST_ROWS]:
        table.add_row(*row)
    console.show(Text(""), table)
    if len(rows) > MOST_ROWS:
        console.say(f"and {counted(len(rows) - MOST_ROWS, kind)} more, in schedule.html")


def _effort(run: StoredRun) -> str:
    """Return how much was searched; some optimizers count their own evaluations apart."""
    settings = run.environment.get("settings", {})
    told = counted(run.num_evaluations, "evaluation")
    if plans := settings.get(INTERNAL_EVALUATIONS):
        return f"{plans:,} plans tried, {run.num_evaluations:,} of them evaluated by the suite"
    return f"{told} by the suite" if settings.get(EVALUATES_ITSELF) else told


def _told(message: str) -> str:
    return f"; {message}" if message else ""


def _bounds(p: Problem) -> list[float]:
    """Return what no mapping can beat, for each objective."""
    return [p.certificate().value, *p.ideal_point()[1:].tolist()]


def _beside(best: float, bound: float) -> str:
    """Return how far the best is from the best possible, to be put behind it."""
    told = above_bound(best, bound)
    return f", {told}" if told else ""


def _what_is_left(best: float, bound: float, unit: str) -> str:
    """Return the bound, and what could be gained by going on."""
    if is_least(best, bound):
        return f"{exact(bound)} {unit}; nothing can be gained by going on"
    if bound <= 0.0:
        return f"0 {unit}; how much could be gained by going on is not known"
    return f"{exact(bound)} {unit}; going on can gain at most {exact(best - bound)} {unit}"


def _facts(mapping: StoredMapping) -> Iterator[tuple[str, str]]:
    p, run = mapping.problem, mapping.run
    yield "problem", p.id
    yield "jobs, cores", f"{p.num_jobs} on {p.num_cores}"
    yield "found by", f"{run.spec.optimizer}, seed {run.spec.seed}, {_effort(run)}{_told(run.message)}"
    for number, (unit, bound) in enumerate(zip(p.objective.units, _bounds(p), strict=True)):
        best = float(mapping.values[:, number].min())
        if p.num_objectives == 1:
            yield p.objective.summary, f"{exact(best)} {unit}{_beside(best, bound)}"
        else:
            yield f"least, of {len(mapping.values)} in the front", f"{exact(best)} {unit}{_beside(best, bound)}"
        yield "certified bound", _what_is_left(best, bound, unit)
    rate = p.gflops(float(mapping.values[0, 0]))
    if not math.isnan(rate):
        yield "throughput", f"{rate:,.1f} GFLOP/s at 1 GHz"
    if p.num_objectives == 2:
        yield "shown below", "the fastest mapping of the front"
        yield "hypervolume", f"{p.hypervolume(mapping.values):.4f} of the box from ideal to reference point"
