"""``m3e unpack``."""

from __future__ import annotations

from pathlib import Path

import click

from bench.commands.options import single_out
from bench.console.console import open_console
from reports.storage.packing import unpack as unpacked
from reports.wording.numbers import counted


@click.command()
@click.argument("files", metavar="FILE...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path), help="Folder, for one FILE. [default: its name without .zip]")
def unpack(files: tuple[Path, ...], out: Path | None) -> None:
    """Unpack the campaign in FILE into a new folder, in which 'm3e run' can continue it."""
    for file in files:
        done = unpacked(file, single_out(files, out) or file.with_suffix(""))
        open_console().say(f"unpacked {counted(done.records, 'record')} into {done.path}")
