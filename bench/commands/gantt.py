"""``m3e gantt``."""

from __future__ import annotations

from pathlib import Path

import click

from bench.console.console import open_console
from problems.foundation.files import not_linked
from reports.schedule_files import write_views
from reports.storage.replay import believed
from reports.storage.stored_mapping import mappings_at, schedule_folder


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder. [default: schedules/..., in the campaign's; for 'm3e map': schedule]",
)
def gantt(run: Path, out: Path | None) -> None:
    """Draw the schedule that RUN found: what each core does when, and how much of the bandwidth is used.

    RUN is a record of a campaign, or the output of 'm3e map'. Writes schedule.png, .svg and .html, and
    trace.json (for ui.perfetto.dev).
    """
    found = believed(mappings_at(run))
    folder = out or not_linked(schedule_folder(run))
    open_console().wrote(write_views(found.problem, found.cores[0], found.priorities[0], folder, found.limits))
