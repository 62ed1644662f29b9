"""``m3e elites``."""

from __future__ import annotations

from pathlib import Path

import click

from bench.console.console import open_console
from problems.foundation.files import not_linked
from reports.figures.elites import write_elites
from reports.storage.replay import believed
from reports.storage.stored_mapping import ELITES, mappings_at, views_folder


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--cells",
    type=click.IntRange(1),
    help="Cells along each measure. [default: the run's, for optimizers without any 20]",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder. [default: elites/..., in the campaign's]")
def elites(run: Path, cells: int | None, out: Path | None) -> None:
    """Draw what good mappings look like: the best value that RUN found, by balance of the cores and energy.

    RUN is a record of a campaign with full_trace = "mappings", of any optimizer. Writes elites.png, .pdf, .svg and
    .csv.
    """
    found = believed(mappings_at(run))
    folder = out or not_linked(views_folder(run, ELITES))
    open_console().wrote(write_elites(found, folder, cells))
