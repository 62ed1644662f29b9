"""``m3e archive``."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import click

from bench.campaigns.again import carried_out_again, drawn
from bench.campaigns.reference import place_of, reference, shipped
from bench.console.console import PatientConsole, open_console, plain_table
from reports.storage.archive import Archive, Source, checked, is_archive, open_archive, sizes_of
from reports.storage.archive import add as added
from reports.storage.archive import create as created
from reports.storage.results import results_in
from reports.wording.numbers import counted, file_size

FOLDER = click.Path(path_type=Path)


@click.group()
def archive() -> None:
    """Archives of results: a folder with a compressed bundle of records for each optimizer, and what is in it.

    Reports and races draw on them; any copy of the folder will do.
    """


@archive.command(short_help="Make a new archive of runs.")
@click.argument("folder", metavar="ARCHIVE", type=FOLDER)
@click.argument("runs", type=FOLDER, nargs=-1, required=True)
@click.option("--name", help="Name. [default: the folder's]")
def create(folder: Path, runs: tuple[Path, ...], name: str | None) -> None:
    """Make a new ARCHIVE of the runs in RUNS: campaigns in folders or packed, or archives.

    Failed and cut runs are among them, and count as such in reports.
    """
    made = created(folder, _sources(runs), name or folder.absolute().name)
    _say(made)


@archive.command(short_help="Add runs to an archive.")
@click.argument("folder", metavar="ARCHIVE", type=FOLDER)
@click.argument("runs", type=FOLDER, nargs=-1, required=True)
def add(folder: Path, runs: tuple[Path, ...]) -> None:
    """Add the runs in RUNS to ARCHIVE; what it has stays as it is.

    But a failed or cut run makes way for the same run if it is complete in RUNS.
    """
    _say(added(open_archive(folder), _sources(runs)))


def _sources(runs: tuple[Path, ...]) -> list[Source]:
    """Read what an archive is made of; say which records cannot be read."""
    places = [place_of(run) for run in runs]
    sources: list[Source] = [open_archive(place) if is_archive(place) else results_in([place]) for place in places]
    for source in sources:
        for name, why in {} if isinstance(source, Archive) else source.unreadable.items():
            click.echo(f"m3e: left out: {name}: {why}", err=True)
    return sources


@archive.command(short_help="Check digests, records and values.")
@click.argument("folders", metavar="[ARCHIVE]...", nargs=-1)
@click.option("--again", type=click.IntRange(min=1), metavar="N", help="Also carry out N runs again, drawn at random.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of that draw. [default: another each time]")
def verify(folders: tuple[str, ...], again: int | None, seed: int | None) -> None:
    """Check digests and every record of ARCHIVE, and evaluate its mappings again.

    ARCHIVE is a folder, or the name of one that ships; by default all that ship. Names each fault in a line. A run that
    is carried out again and ends in another result is one, unless it was made with other libraries, or its last digits
    depend on the processor. Exits with 1 if there are faults.
    """
    console = open_console()
    faults = 0
    for folder in folders or shipped():
        opened = reference(folder)
        files = list(checked(opened))
        found = [str(fault) for file in files for fault in file.faults]
        for fault in found:
            console.say(fault)
        if again is not None and not found:
            found += _carry_out(console, opened, again, random.randrange(10**6) if seed is None else seed)
        runs, evaluated = sum(file.is_run for file in files), sum(file.is_evaluated for file in files)
        unknown = ""
        if evaluated < runs:
            unknown = f", {runs - evaluated:,} of them not evaluated, as their problem is unknown here"
        console.say(
            f"{folder}: {counted(runs, 'run')} in {counted(len(opened.definition.bundles), 'bundle')}{unknown}, "
            f"{counted(len(found), 'fault')}"
        )
        faults += len(found)
    sys.exit(int(faults > 0))


def _carry_out(console: PatientConsole, opened: Archive, number: int, seed: int) -> list[str]:
    """Carry out runs again; return the ids of those that end in another result."""
    differing = []
    chosen = drawn(opened, number, seed)
    if chosen.not_installed:
        console.say(f"not installed here, so not drawn: {', '.join(chosen.not_installed)}")
    console.say(f"carrying out {counted(len(chosen.runs), 'run')} again, drawn with --seed {seed}")
    for again in carried_out_again(chosen.runs):
        outcome = again.difference or "equal"
        console.say(f"  {again.run.id}: {outcome}{f' ({again.excuse})' if again.difference and again.excuse else ''}")
        differing += [again.run.id] if again.is_fault else []
    return differing


@archive.command(name="list", short_help="List the bundles of archives.")
@click.argument("folders", metavar="[ARCHIVE]...", nargs=-1)
def list_(folders: tuple[str, ...]) -> None:
    """List the bundles of ARCHIVE, a folder or the name of one that ships; by default of all that ship."""
    console = open_console()
    for folder in folders or shipped():
        opened = reference(folder)
        sizes = sizes_of(opened)
        table = plain_table("optimizer", "runs", "problems", "seeds", "evaluations", "CPU s", "kB")
        for column in table.columns[1:]:
            column.justify = "right"
        for bundle in opened.definition.bundles:
            budgets = ", ".join(f"{budget:,}" for budget in bundle.budgets)
            cells = (f"{bundle.runs:,}", f"{bundle.problems}", f"{len(bundle.seeds)}", budgets)
            table.add_row(bundle.label, *cells, f"{3600 * bundle.cpu_hours:,.0f}", f"{sizes[bundle.label] / 1000:,.0f}")
        console.show(table)
        _say(opened)


def _say(made: Archive) -> None:
    definition, console = made.definition, open_console()
    runs, hours = (sum(getattr(b, key) for b in definition.bundles) for key in ("runs", "cpu_hours"))
    size = file_size(sum(sizes_of(made).values()))
    what = f"{counted(runs, 'run')} of {counted(len(definition.bundles), 'optimizer')}"
    told = f"suite version {definition.suite_version}, {size}, {hours:.1f} CPU hours of runs"
    console.say(f"archive {definition.name} in {made.folder}: {what}, {told}")
