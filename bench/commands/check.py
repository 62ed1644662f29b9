"""``m3e check``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bench.console.console import open_console
from problems.foundation.errors import StorageError
from reports.storage.checking import files_checked
from reports.wording.numbers import counted


@click.command()
@click.argument("paths", metavar="DIR...", type=click.Path(path_type=Path), nargs=-1, required=True)
def check(paths: tuple[Path, ...]) -> None:
    """Check everything in DIR: campaigns, in folders or packed, and mappings of 'm3e map'.

    Decodes every record, verifies its digests and its full trace, whether it was asked for, and evaluates its mappings
    again. Names each fault in a line. Exits with 1 if there are faults, and with 2 if there is nothing to check.
    """
    console = open_console()
    runs = evaluated = faults = 0
    for path in paths:
        for checked in files_checked(path):
            runs += checked.is_run
            evaluated += checked.is_evaluated
            faults += len(checked.faults)
            for fault in checked.faults:
                console.say(str(fault))
    if not runs and not faults:
        raise StorageError(f"nothing to check in {', '.join(map(str, paths))}: expected records")
    console.say(f"checked {counted(runs, 'record')}, {evaluated:,} of them evaluated again: {counted(faults, 'fault')}")
    sys.exit(int(faults > 0))
