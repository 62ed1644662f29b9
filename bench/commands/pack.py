"""``m3e pack``."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from bench.campaigns.claims import drivers_in
from bench.commands.options import single_out
from bench.console.console import open_console
from problems.foundation.errors import InvalidInput, StorageError
from reports.storage.packing import SUFFIX
from reports.storage.packing import pack as packed
from reports.wording.numbers import counted, file_size


@click.command()
@click.argument("folders", metavar="DIR...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path), help="File, of a single DIR. [default: DIR.zip]")
@click.option("--force", is_flag=True, help="Write over an existing file.")
def pack(folders: tuple[Path, ...], out: Path | None, force: bool) -> None:
    """Pack the campaign in DIR into one ZIP file, which every command reads as it is.

    The same content gives the same bytes. The file is read back and compared; DIR stays.
    """
    for folder in folders:
        _pack(folder, single_out(folders, out), force=force)


def _pack(folder: Path, out: Path | None, *, force: bool) -> None:
    at_work = [driver for driver in drivers_in(folder) if driver.lives]
    if at_work:
        who = ", ".join(f"process {driver.pid} on {driver.host}" for driver in at_work)
        raise StorageError(f"drivers are at work in {folder}: {who}")
    path = out or folder.absolute().with_name(f"{folder.absolute().name}{SUFFIX}")
    if path.exists() and not force:
        hint = "--force writes over it, --out names another."
        raise InvalidInput(f"file {str(path)!r}", expected="none yet", actual="there is one", hint=hint)
    done = packed(folder, path)
    console = open_console()
    size = file_size(path.stat().st_size)
    console.say(f"packed {counted(done.records, 'record')} into {path}, {size}, read back and compared")
    console.say(f"{folder} is still there; to remove it: rm -r {shlex.quote(str(folder))}")
