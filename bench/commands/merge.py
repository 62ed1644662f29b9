"""``m3e merge``."""

from __future__ import annotations

from pathlib import Path

import click

from bench.console.console import open_console
from reports.storage.merging import merge as merged
from reports.wording.numbers import counted


@click.command()
@click.argument("parts", metavar="DIR...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="New folder.")
def merge(parts: tuple[Path, ...], out: Path) -> None:
    """Merge the parts of one campaign in DIR, folders or packed, as several machines have done them.

    Equal runs count once. Refuses parts of different campaigns, and one run with different results.
    """
    done = merged(parts, out)
    twice = f", {done.twice:,} of them in several parts" if done.twice else ""
    open_console().say(f"merged {counted(done.records, 'record')} of campaign {done.campaign}{twice} into {out}")
