"""``m3e status``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from bench.campaigns.claims import Driver
from bench.campaigns.status import CampaignStatus, status_of
from bench.commands.options import RESULTS
from bench.console.console import open_console, plain_table
from problems.foundation.errors import StorageError
from problems.foundation.text import printable
from reports.storage.campaign_folder import CAMPAIGN_FILE
from reports.wording.numbers import counted, duration

UNKNOWN = "unknown"


@click.command()
@click.argument("paths", metavar="[DIR]...", type=click.Path(path_type=Path), nargs=-1)
def status(paths: tuple[Path, ...]) -> None:
    """Say how far the campaigns in DIR are: done, running and where, left, and for how long.

    Without DIR, all campaigns below ./runs. Time left is the mean duration of each optimizer's stored runs, over the
    slots of the drivers at work.
    """
    found = [status_of(path) for path in paths or _all_campaigns()]
    console = open_console()
    table = plain_table("campaign", "planned", "complete", "cut", "failed", "running", "left", "time left")
    for one in found:
        counts = [one.counts.get(status, 0) for status in ("complete", "cut", "failed")]
        numbers = [one.planned, *counts, one.running, one.left]
        table.add_row(printable(str(one.path)), *(f"{number:,}" for number in numbers), _time_left(one))
    console.show(table)
    for one in found:
        for line in _drivers(one):
            console.say(f"{one.path}: {line}")


def _all_campaigns() -> list[Path]:
    """Return the campaigns below the results folder, packed ones too.

    Raises:
        StorageError: If there are none.
    """
    folders = [file.parent for file in RESULTS.rglob(CAMPAIGN_FILE)]
    found = sorted([*folders, *(path for path in RESULTS.glob("*.zip") if path.is_file())])
    if not found:
        raise StorageError(f"no campaigns below {RESULTS.resolve()}: run 'm3e run' first, or give their folders")
    return found


def _time_left(one: CampaignStatus) -> str:
    if not one.left:
        return "none"
    if one.seconds_left is None:
        return UNKNOWN
    if not one.slots:
        return f"{duration(one.seconds_left)} of work"
    return duration(one.seconds_left / one.slots)


def _drivers(one: CampaignStatus) -> Iterator[str]:
    if one.left and not one.slots:
        yield "nobody is at work"
    for driver in one.drivers:
        holds = counted(len(driver.claims), "run")
        if driver.lives:
            slots = f", {driver.slots} at a time" if driver.slots else ""
            yield f"{_name(driver)} is at work and holds {holds}{slots}"
        elif driver.claims:
            yield f"{_name(driver)} is dead and has left {holds} claimed; the next driver takes them over"


def _name(driver: Driver) -> str:
    return f"process {driver.pid} on {driver.host}" if driver.pid and driver.host else "a driver that has left"
