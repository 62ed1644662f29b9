"""``m3e best``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.table import Table

import problems
from bench.campaigns.reading import load_campaign
from bench.campaigns.reference import place_of
from bench.console.console import PatientConsole, open_console, plain_table
from bench.update_best_known import Change, Update, is_claim
from problems.best_known.claims import LEAST_GAIN, Claim, ClaimedMapping, read_claim
from problems.best_known.entry import BestKnown, Status, gap_between
from problems.best_known.registry import FOLDER, entry_at, ids_in
from problems.bounds.certifying import EFFORTS
from problems.foundation.errors import InvalidInput, StorageError
from problems.foundation.files import is_there
from reports.storage.stored_mapping import mappings_at
from reports.wording.numbers import counted
from reports.wording.units import exact

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
    elif on or status:
        raise click.UsageError(f"--on and --status are for the list, not for '{context.invoked_subcommand}'")


def list_best(on: str | None, status: str | None) -> None:
    """Print a table of the entries, and how many are closed, narrow and open."""
    console = open_console()
    wanted = list(ids_in(FOLDER)) if on is None else load_campaign(on).problems
    entries = list(_entries(wanted, console))
    console.show(_table([entry for entry in entries if status in (None, entry.status)]))
    counts = Counter[Status](entry.status for entry in entries)
    told = ", ".join(f"{counts[name]} {name}" for name in STATUSES)
    without = len(wanted) - len(entries)
    console.say(f"\n{counted(len(entries), 'instance')}: {told}" + (f"; {without} without an entry" if without else ""))


def _entries(wanted: Sequence[str], console: PatientConsole) -> Iterator[BestKnown]:
    for problem_id in wanted:
        try:
            entry = entry_at(FOLDER, problem_id)
        except InvalidInput as error:
            console.say(f"left out: {error}", style="red")
            continue
        if entry is not None:
            yield entry


def _table(entries: Sequence[BestKnown]) -> Table:
    table = plain_table("instance", "best known", "bound", "gap", "status")
    for column in table.columns[1:4]:
        column.justify = "right"
    for entry in entries:
        values = (exact(entry.value), exact(entry.bound), f"{entry.gap:.3%}")
        table.add_row(entry.problem, *values, entry.status)
    return table


@best.command(short_help="Check a claimed mapping or certificate.")
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


def _claimed(file: Path, problem_id: str | None) -> tuple[Claim | BestKnown, problems.Problem]:
    """Return what a file claims, and of which problem.

    Raises:
        InvalidInput, UnknownName, StorageError: If that cannot be told.
    """
    if not is_there(file):
        raise StorageError(f"no such file: {file}")
    if is_claim(file):
        claim = read_claim(file)
        own = problems.get(claim.problem) if claim.problem else None
    else:
        stored = mappings_at(file)
        claim = Claim(mapping=ClaimedMapping(stored.cores[0], stored.priorities[0], float(stored.values[0, 0])))
        own = stored.problem
    asked = problems.get(problem_id) if problem_id else own
    if asked is None:
        raise InvalidInput(str(file), expected="the id of an instance", actual="none", hint="Give --problem ID.")
    if own is not None and own.id != asked.id:
        raise InvalidInput(f"{file}: problem", expected=asked.id, actual=own.id)
    return claim, own or asked


def _findings(claim: Claim | BestKnown, problem: problems.Problem) -> Iterator[str]:
    """Yield a sentence on each thing that is as claimed.

    Raises:
        InvalidInput: If something is not.
    """
    if isinstance(claim, BestKnown):
        claim.verify(problem)
        yield f"entry of {problem.id}: as it claims"
        claim = Claim("", ClaimedMapping(claim.cores, claim.priorities, claim.value), claim.certificate)
    known, unit = problem.best_known(), problem.objective.units[0]
    if claim.mapping is not None:
        value = claim.mapping.check(problem)
        yield f"mapping of {problem.id}: {exact(value)} {unit}, as it claims; {_beside_value(value, known)}"
    if claim.certificate is not None:
        claim.certificate.verify(problem)
        bound = claim.certificate.value
        yield f"certificate of {problem.id}: proves {exact(bound)} {unit}; {_beside_bound(bound, known)}"
        if claim.mapping is not None:
            yield f"gap: {gap_between(value, bound):.3%}"


def _beside_value(value: float, known: BestKnown | None) -> str:
    if known is None:
        return "no best-known value is stored"
    if value < known.value * (1.0 - LEAST_GAIN):
        return f"BETTER than the best known, {exact(known.value)}, by {1.0 - value / known.value:.4%}"
    gap = gap_between(value, known.value)
    return f"{gap:.4%} above the best known, {exact(known.value)}" if gap > LEAST_GAIN else "it is the best known"


def _beside_bound(bound: float, known: BestKnown | None) -> str:
    if known is None:
        return "no bound is stored"
    if bound > known.bound * (1.0 + LEAST_GAIN):
        return f"TIGHTER than the best known, {exact(known.bound)}, by {gap_between(bound, known.bound):.4%}"
    return f"the best known is {exact(known.bound)}"


@best.command("update", short_help="Take improvements in.")
@click.argument("paths", metavar="RUNS...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--into", type=click.Path(path_type=Path), default=FOLDER, help="Folder of entries. [default: the suite's own]"
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
    """Take improvements, and only those, out of RUNS: campaigns, archives, mappings of 'm3e map', and claims (JSON).

    Every mapping is evaluated and every certificate is verified before it is taken.
    """
    places = [place_of(path) for path in paths]
    for path in places:
        if not path.exists():
            raise StorageError(f"no results in {path}")
    console = open_console()
    update = Update(into, efforts=list(dict.fromkeys(("default", effort))), add=new)
    kinds: Counter[str] = Counter()
    for change in update.run(places):
        kinds[change.kind] += 1
        if change.kind != "same":
            console.say(_told(change))
    for reason, number in update.passed_over.items():
        console.say(f"left out: {number:,} {reason}")
    compared = f"compared {counted(sum(kinds.values()), 'instance')} with the entries in {into}"
    more = f", {kinds['certified']} with a certificate more" if kinds["certified"] else ""
    console.say(f"{compared}: {kinds['better']} better, {kinds['new']} new{more}")


def _told(change: Change) -> str:
    before, after = change.before, change.after
    told = f"{after.problem}: {exact(after.value)}, bound {exact(after.bound)}, {after.status}"
    if before is None:
        return f"{told}; new"
    gains = [(f"mapping {1.0 - after.value / before.value:.4%} better", after.value < before.value)]
    gains.append((f"bound {gap_between(after.bound, before.bound):.4%} tighter", after.bound > before.bound))
    return f"{told}; {', '.join(text for text, gained in gains if gained) or 'a certificate more'}"
