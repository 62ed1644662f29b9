"""``m3e report``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from bench.campaigns.reference import reference
from bench.commands.options import RESULTS
from bench.console.console import PatientConsole, open_console
from problems.foundation.files import not_linked
from reports.frames.summary import TARGETS
from reports.storage.campaign_folder import newest_campaign
from reports.storage.replay import replayed
from reports.storage.sources import beside, results_in
from reports.terminal import print_summary
from reports.writing import write_report


def report_on(
    console: PatientConsole, folders: Sequence[Path], out: Path, *, targets: str = "bound", against: str | None = None
) -> None:
    """Write a report of the results in campaign folders into ``out``, then print a summary.

    Args:
        console: Console for the summary.
        folders: Where the results are.
        out: Folder of the report.
        targets: As for ``write_report``.
        against: Name or folder of an archive beside which they stand.

    Raises:
        StorageError: If there are none, or ``out`` cannot be written.
        UnknownName: If there is no such archive.
    """
    results = results_in(folders)
    campaign = replayed(results if against is None else beside(results, reference(against)))
    path = write_report(campaign, out, targets=targets)
    print_summary(campaign, console)
    console.say(f"report: {path.resolve()}")


def report_folder(campaign: Path) -> Path:
    """Return where the report on a campaign is written by default: in its folder, or beside the packed one."""
    return not_linked(campaign / "report" if campaign.is_dir() else campaign.with_name(f"{campaign.stem}-report"))


@click.command()
@click.argument("runs", type=click.Path(path_type=Path), nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), help="Report folder. [default: report, in the first of RUNS]")
@click.option(
    "--targets",
    type=click.Choice(list(TARGETS)),
    default="bound",
    show_default=True,
    help="What targets are gaps to: the certified lower bound, the best value known ('m3e best'), or the best in RUNS.",
)
@click.option(
    "--against", metavar="ARCHIVE", help="Draw the results beside those of an archive: one that ships, or a folder."
)
def report(runs: tuple[Path, ...], out: Path | None, targets: str, against: str | None) -> None:
    """Report on the results in RUNS: one or more campaigns, in folders or packed, finished or not.

    Without RUNS, on the newest campaign in ./runs.
    """
    folders = list(runs) or [newest_campaign(RESULTS)]
    report_on(open_console(), folders, out or report_folder(folders[0]), targets=targets, against=against)
