"""``m3e export``."""

from __future__ import annotations

from pathlib import Path

import click

from bench.campaigns.reference import place_of
from bench.console.console import open_console
from problems.foundation.files import make_folder, not_linked
from reports.exports import FORMATS
from reports.storage.results import read_results
from reports.wording.numbers import counted

MOST_NAMED = 10
"""Number of files that are named one by one."""


@click.command()
@click.argument("paths", metavar="DIR...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--format", "name", type=click.Choice(FORMATS.names()), default="csv", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the files.")
def export(paths: tuple[Path, ...], name: str, out: Path) -> None:
    """Write the results in DIR in a format of others: tables (csv, parquet), or an IOHprofiler folder (ioh).

    DIR is a campaign, in a folder or packed, or an archive, such as core. Results are evaluated again first: a run
    whose value does not match its mapping is failed.
    """
    console = open_console()
    campaign = read_results([place_of(path) for path in paths])
    make_folder(not_linked(out))
    written = FORMATS.get(name).load()(campaign, out)
    if len(written) <= MOST_NAMED:
        console.wrote(written)
    else:
        console.say(f"wrote {counted(len(written), 'file')} below {out}")
    if campaign.unreadable:
        first = next(iter(campaign.unreadable.values()))
        console.say(f"left out, as they cannot be read: {counted(len(campaign.unreadable), 'record')}, e.g. {first}")
    if name == "ioh":
        from reports.exports.ioh import left_out

        if without := left_out(campaign):
            console.say(f"left out, as they found no mapping or failed: {counted(without, 'run')}")
