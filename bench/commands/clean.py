"""``m3e clean``."""

from __future__ import annotations

from pathlib import Path

import click

from bench.campaigns.cleaning import leftovers_in, remove
from bench.console.console import open_console
from reports.wording.numbers import counted, file_size


@click.command()
@click.argument("folders", metavar="DIR...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--failed", is_flag=True, help="Failed runs too, so that 'm3e run' does them again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def clean(folders: tuple[Path, ...], failed: bool, yes: bool) -> None:
    """Remove what ended processes have left in the campaigns in DIR; results and reports stay.

    These are temporary files, traces without a record, and claims and heartbeats of dead drivers.
    """
    console = open_console()
    found = [one for folder in folders for one in leftovers_in(folder, failed=failed)]
    for one in found:
        console.say(f"{one.path}: {one.what}, {file_size(one.size)}")
    if not found:
        console.say("nothing to remove")
        return
    total = f"{counted(len(found), 'file')}, {file_size(sum(one.size for one in found))}"
    if not yes and not click.confirm(f"Remove {total}?"):
        console.say("nothing is removed")
        return
    remove(found)
    console.say(f"removed {total}")
