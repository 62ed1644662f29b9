"""``m3e report``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from bench.campaigns.reference import place_of, reference
from bench.commands.options import RESULTS, taking
from bench.console.console import PatientConsole, open_console
from problems.foundation.errors import InvalidInput
from problems.foundation.files import not_linked
from reports.frames.summary import GAPS, LEVEL, TARGETS
from reports.storage.campaign_folder import newest_campaign
from reports.storage.replay import CheckedCampaign
from reports.storage.results import read_results
from reports.terminal import print_summary
from reports.writing import write_report


@dataclass(frozen=True)
class ReportOptions:
    """Arguments and options of ``m3e report``.

    Attributes:
        runs: Campaigns, in folders or packed, and archives.
        out: Report folder, or None.
        foreign: CSV files with results that were made elsewhere.
        only: Terms that choose among the runs.
        against: Name or folder of an archive beside which they stand, or None.
        targets: Reference of the targets.
        gaps: The targets, as gaps to the reference.
        level: Level of confidence.
    """

    runs: tuple[Path, ...]
    out: Path | None
    foreign: tuple[Path, ...]
    only: tuple[str, ...]
    against: str | None
    targets: str
    gaps: Sequence[float]
    level: float


def report_on(
    console: PatientConsole,
    campaign: CheckedCampaign,
    out: Path,
    *,
    targets: str = "bound",
    gaps: Sequence[float] = GAPS,
    level: float = LEVEL,
) -> None:
    """Write a report of results into ``out``, then print a summary.

    Args:
        console: Console for the summary.
        campaign: The results.
        out: Folder of the report.
        targets: As for ``write_report``, and so are the others.
        gaps: The targets.
        level: Level of confidence.

    Raises:
        InvalidInput: If ``gaps`` or ``level`` does not fit.
        StorageError: If ``out`` cannot be written.
    """
    path = write_report(campaign, out, targets=targets, gaps=gaps, level=level)
    print_summary(campaign, console, level=level)
    console.say(f"report: {path.resolve()}")


def report_folder(campaign: Path) -> Path:
    """Return where the report on a campaign is written by default: in its folder, or beside the packed one."""
    return not_linked(campaign / "report" if campaign.is_dir() else campaign.with_name(f"{campaign.stem}-report"))


def _gaps(_context: click.Context, _option: click.Parameter, text: str) -> tuple[float, ...]:
    """Read the numbers of ``--gaps``."""
    try:
        return tuple(float(number) for number in text.split(","))
    except ValueError as error:
        expected = "numbers with commas between them, such as 0.1,0.01 for 10 % and 1 %"
        raise InvalidInput("--gaps", expected=expected, actual=text) from error


@click.command()
@click.argument("runs", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Report folder. [default: report, in the first of RUNS or beside it]"
)
@click.option(
    "--foreign",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="CSV",
    help="Results made elsewhere: the columns problem, optimizer, seed, evaluations and value (the best after so many "
    "evaluations), and seconds and cpu_seconds where known. May be repeated. Tables and figures mark them: their "
    "mappings are not verified.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="KEY=PATTERN",
    help="Report on these runs alone: problem=mix/*, optimizer=magma (its label), seed=3 or budget=10000. May be "
    "repeated: of one key any pattern may fit, and every key must.",
)
@click.option(
    "--against", metavar="ARCHIVE", help="Draw the results beside those of an archive: one that ships, or a folder."
)
@click.option(
    "--targets",
    type=click.Choice(list(TARGETS)),
    default="bound",
    show_default=True,
    help="What targets are gaps to: the certified lower bound, the best value known ('m3e best'), or the best in RUNS.",
)
@click.option(
    "--gaps",
    callback=_gaps,
    default=",".join(f"{gap:g}" for gap in GAPS),
    show_default=True,
    metavar="NUMBERS",
    help="The targets, as gaps: 0.1 for 10 %.",
)
@click.option(
    "--level",
    type=float,
    default=LEVEL,
    show_default=True,
    help="Level of confidence intervals; verdicts take 1 - LEVEL as the level of significance.",
)
@taking(ReportOptions)
def report(options: ReportOptions) -> None:
    """Report on the results in RUNS: one or more campaigns, in folders or packed, finished or not, or archives.

    An archive is a folder, or the name of one that ships: 'm3e report core'. Without RUNS, on the newest campaign in
    ./runs, or on the foreign results alone.
    """
    folders = [place_of(path) for path in options.runs]
    if not folders and not options.foreign:
        folders = [newest_campaign(RESULTS)]
    archive = None if options.against is None else reference(options.against).folder
    campaign = read_results(folders, foreign=options.foreign, only=options.only, against=archive)
    out = options.out or report_folder([*options.runs, *folders, *options.foreign][0])
    report_on(open_console(), campaign, out, targets=options.targets, gaps=options.gaps, level=options.level)
