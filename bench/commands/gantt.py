"""``m3e gantt``."""

from __future__ import annotations

from pathlib import Path

import click

from bench.console.console import open_console
from problems.foundation.files import not_linked
from reports.schedule_files import write_views
from reports.storage.stored_mapping import stored_mapping

FOLDER = "schedule"
"""Default sub-folder of a run for views of its schedule."""


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder. [default: schedule, in the run's]")
def gantt(run: Path, out: Path | None) -> None:
    """Draw the schedule that RUN found: what each core does when, and how much of the bandwidth is used.

    RUN is a run's folder inside a campaign folder, or the output of 'm3e map'. Writes schedule.png, .svg and .html, and
    trace.json (for ui.perfetto.dev).
    """
    problem, cores, priorities = stored_mapping(run)
    folder = out or not_linked((run if run.is_dir() else run.parent) / FOLDER)
    open_console().wrote(write_views(problem, cores, priorities, folder))
