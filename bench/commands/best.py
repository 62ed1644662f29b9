"""``m3e best``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table

import problems
from bench.campaigns.reading import load_campaign
from bench.console.console import open_console, plain_table
from bench.update_best_known import Change, update
from problems.best_known.claims import Claim, read_claim
from problems.best_known.entry import BestKnown, Status, gap_between
from problems.best_known.registry import FOLDER, entry_at, ids_in
from problems.bounds.certifying import EFFORTS
from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import read_json
from reports.storage.record import FORMAT
from reports.storage.stored_mapping import mappings_at
from reports.wording.numbers import counted

STATUSES: tuple[Status, ...] = ("closed", "narrow", "open")


@click.group(invoke_without_command=True)
@click.option("--on", metavar="CAMPAIGN", help="Only the instances of a campaign: core, or a TOML file.")
@click.option("--status", type=click.Choice(STATUSES), help="Only these.")
@click.pass_context
def best(context: click.Context, on: str | None, status: str | None) -> None:
    """List the best mappings and bounds known, check claims of better ones, and take them in.

    An instance is closed if the best mapping known is less than 0.01 % above the best certified bound, narrow below
    1 %, else open.
    """
    if context.invoked_subcommand is None:
        list_best(on, status)


def list_best(on: str | None, status: str | None) -> None:
    """Print a table of the entries, and how many are closed, narrow and open."""
    entries = [entry for entry in map(_entry, _wanted(on)) if entry is not None]
    chosen = [entry for entry in entries if status in (None, entry.status)]
    console = open_console()
    console.show(_table(chosen))
    counts = Counter[Status](entry.status for entry in entries)
    told = ", ".join(f"{counts[name]} {name}" for name in STATUSES)
    console.say(f"\n{counted(len(entries), 'instance')}: {told}")


def _wanted(on: str | None) -> Sequence[str]:
    return list(ids_in(FOLDER)) if on is None else load_campaign(on).problems


def _entry(problem_id: str) -> BestKnown | None:
    return entry_at(FOLDER, problem_id)


def _table(entries: Sequence[BestKnown]) -> Table:
    table = plain_table("instance", "best known", "bound", "gap", "status", "on", "found by")
    for column in table.columns[1:4]:
        column.justify = "right"
    for entry in entries:
        found = entry.last("mapping")
        table.add_row(
            entry.problem,
            f"{entry.value:,.6g}",
            f"{entry.bound:,.6g}",
            f"{entry.gap:.3%}",
            entry.status,
            found.on,
            found.by.split(",")[0],
        )
    return table


@best.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--problem", help="Id of the instance, if the file does not say it.")
def check(file: Path, problem: str | None) -> None:
    """Check a claimed mapping or certificate: exits with 1 if it is not what FILE claims.

    FILE is what 'm3e map' wrote, a record of a campaign, an entry of best-known values, or JSON: an object with
    'problem' (an id), and 'cores', 'priorities' and 'value', or a 'certificate', or all of them.
    """
    claim, instance = _claimed(file, problem)
    console = open_console()
    try:
        for line in _findings(claim, instance):
            console.say(line)
    except InvalidInput as error:
        console.say(f"not what it claims: {error}")
        sys.exit(1)


def _claimed(file: Path, problem_id: str | None) -> tuple[Claim, problems.Problem]:
    """Return what a file claims, and of which problem.

    Raises:
        InvalidInput, UnknownName, StorageError: If that cannot be told.
    """
    if file.is_dir() or not file.is_file() or _is_record(file):
        stored = mappings_at(file)
        if stored.problem.num_objectives > 1:
            raise InvalidInput(str(file), expected="a mapping for one objective", actual=stored.problem.objective.name)
        return Claim.of(stored.cores[0], stored.priorities[0], stored.values[0, 0]), stored.problem
    claim = read_claim(file)
    named = problem_id or claim.problem
    if not named:
        raise InvalidInput(str(file), expected="the id of an instance", actual="none", hint="Give --problem ID.")
    if problem_id and claim.problem and problems.get(problem_id).id != problems.get(claim.problem).id:
        raise InvalidInput(f"{file}: problem", expected=problem_id, actual=claim.problem)
    return claim, problems.get(named)


def _is_record(file: Path) -> bool:
    content = read_json(file)
    return isinstance(content, dict) and content.get("format") == FORMAT


def _findings(claim: Claim, problem: problems.Problem) -> list[str]:
    known, unit = problem.best_known(), problem.objective.units[0]
    lines = []
    if claim.mapping is not None:
        value = claim.mapping.check(problem)
        lines.append(f"mapping of {problem.id}: {value:,.6g} {unit}, as it claims; {_beside_value(value, known)}")
    if claim.certificate is not None:
        claim.certificate.verify(problem)
        bound = claim.certificate.value
        lines.append(f"certificate of {problem.id}: proves {bound:,.6g} {unit}; {_beside_bound(bound, known)}")
    if claim.mapping is not None and claim.certificate is not None:
        lines.append(f"gap: {gap_between(value, bound):.3%}")
    return lines


def _beside_value(value: float, known: BestKnown | None) -> str:
    if known is None:
        return "no best-known value is stored"
    if value < known.value * (1.0 - 1e-9):
        return f"BETTER than the best known, {known.value:,.6g}, by {1.0 - value / known.value:.3%}"
    return f"the best known is {known.value:,.6g}, so it is {gap_between(value, known.value):.3%} above"


def _beside_bound(bound: float, known: BestKnown | None) -> str:
    if known is None:
        return "no bound is stored"
    if bound > known.bound * (1.0 + 1e-9):
        return f"TIGHTER than the best known, {known.bound:,.6g}, by {gap_between(bound, known.bound):.3%}"
    return f"the best known is {known.bound:,.6g}"


@best.command("update")
@click.argument("paths", metavar="RUNS...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--into", type=click.Path(path_type=Path), default=FOLDER, help="Folder of entries. [default: the suite's]"
)
@click.option("--new", is_flag=True, help="Also take instances that have no entry yet.")
@click.option(
    "--effort",
    type=click.Choice(list(EFFORTS)),
    default="default",
    show_default=True,
    help="Also compute certificates of this effort, where there is none.",
)
def update_(paths: tuple[Path, ...], into: Path, new: bool, effort: str) -> None:
    """Take improvements, and only those, out of RUNS: campaigns, and mappings of 'm3e map'.

    Every mapping is evaluated again before it is taken.
    """
    for path in paths:
        if not path.exists():
            raise StorageError(f"no results in {path}")
    console = open_console()
    compared = improved = 0
    efforts = list(dict.fromkeys(("default", effort)))
    for change in update(paths, into, efforts=efforts, add=new, tell=console.say):
        compared += 1
        improved += change.is_one
        if change.is_one:
            console.say(_told(change))
    console.say(f"compared {counted(compared, 'instance')}: {improved} improved, in {into}")


def _told(change: Change) -> str:
    before, after = change.before, change.after
    told = f"{after.problem}: {after.value:,.6g}, bound {after.bound:,.6g}, {after.status}"
    if before is None:
        return f"{told}; new"
    gains = [(f"mapping {1.0 - after.value / before.value:.4%} better", after.value < before.value)]
    gains.append((f"bound {gap_between(after.bound, before.bound):.4%} tighter", after.bound > before.bound))
    return f"{told}; {', '.join(text for text, gained in gains if gained) or 'a certificate more'}"
