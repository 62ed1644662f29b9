"""``m3e race``."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import click

from bench.campaigns.campaign import Campaign, make_contender, with_overrides
from bench.campaigns.reading import load_campaign
from bench.campaigns.reference import reference, shipped
from bench.commands.options import (
    engine_option,
    out_option,
    parse_settings,
    retry_option,
    set_option,
    taking,
    workers_option,
)
from bench.console.console import open_console
from bench.engines.settings import engine_from
from bench.run_campaign import do_campaign
from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.files import not_linked
from reports.storage.archive import Archive
from reports.storage.campaign_folder import read_campaign
from reports.storage.results import beside, field_of
from reports.storage.spec import folder_name
from reports.wording.numbers import counted

CLAIMS, TUNING = "core", "dev"
"""The campaigns whose instances are for claims, and for tuning."""


@dataclass(frozen=True)
class RaceOptions:
    """Argument and options of ``m3e race``.

    Attributes:
        optimizer: Name, ``package.module:Class``, or ``exec:COMMAND``.
        settings: Parameters, as ``KEY=VALUE``.
        on: Campaign whose problems are run; None for the one for claims or for tuning.
        dev: Whether to run the one for tuning.
        archive: Name or folder of the archive; None for the one of the campaign's name.
        against: Labels in the archive; none of them for all black boxes.
        seeds: Number of seeds, instead of the campaign's.
        budget: Evaluations of a run, instead of the campaign's.
        out: Results folder.
        engine: As for ``m3e run``, and so are the others.
        workers: Runs at a time.
        retry: Whether to do failed and cut runs again.
        report: Whether to write the report.
    """

    optimizer: str
    settings: tuple[str, ...]
    on: str | None
    dev: bool
    archive: str | None
    against: tuple[str, ...]
    seeds: int | None
    budget: int | None
    out: Path
    engine: str
    workers: int | None
    retry: bool
    report: bool


@click.command()
@click.argument("optimizer", metavar="OPTIMIZER")
@set_option
@click.option(
    "--on", metavar="CAMPAIGN", help=f"Problems, seeds and budget: a name, or a TOML file. [default: {CLAIMS}]"
)
@click.option("--dev", is_flag=True, help=f"On {TUNING!r}, whose instances are for tuning: verdicts are no claims.")
@click.option("--archive", metavar="NAME|FOLDER", help="Results to race against. [default: those of the campaign]")
@click.option(
    "--against",
    multiple=True,
    metavar="NAME[,NAME...]",
    help="Optimizers of the archive. May be repeated. [default: all black boxes]",
)
@click.option("--seeds", type=click.IntRange(min=1), help="Number of seeds, instead of the campaign's.")
@click.option("--budget", type=click.IntRange(min=1), help="Evaluations of a run, instead of the campaign's.")
@out_option
@engine_option
@workers_option
@retry_option
@click.option("--report/--no-report", default=True, help="Write the report.")
@taking(RaceOptions)
def race(options: RaceOptions) -> None:
    """Run OPTIMIZER alone, and say where it stands among results that are there already.

    OPTIMIZER is a name, package.module:Class, or 'exec:COMMAND'. It runs on the problems of a campaign; the others'
    results come from an archive. The last paragraph says its place by geometric mean over the best known values and by
    mean rank, whether it is distinguishable from its neighbours, and which problems suit it. Interrupt it at any time:
    the same command continues.
    """
    if options.dev and options.on:
        raise InvalidInput("--dev", expected="no --on, as it chooses the campaign itself", actual=f"--on {options.on}")
    on = load_campaign(options.on or (TUNING if options.dev else CLAIMS))
    campaign = alone(on, options)
    archive = _archive(options, on)
    labels = _field(archive, campaign, options.against)
    console = open_console()
    folder, counts = do_campaign(
        console, campaign, options.out, engine_from(options.engine, options.workers), retry=options.retry
    )

    from bench.commands.report import report_on  # here, as these load the libraries that draw, for a second
    from reports.storage.replay import replayed
    from reports.terminal import print_summary

    found = replayed(beside(read_campaign(folder), archive, labels))
    if options.report:
        report_on(console, found, not_linked(folder / "report"))
    else:
        print_summary(found, console)
    if counts["failed"]:
        console.say(f"failed runs: {counts['failed']}; see above. --retry does them again.")
        sys.exit(1)


def alone(on: Campaign, options: RaceOptions) -> Campaign:
    """Return the campaign of one optimizer on the problems of another.

    Raises:
        InvalidInput: If a parameter is no ``KEY=VALUE``, or does not fit.
        UnknownName, MissingExtra: If there is no such optimizer, or it takes no such parameter, or is not installed.
    """
    parameters = parse_settings(options.settings)
    told = "".join(f" {key}={value}" for key, _, value in (each.partition("=") for each in options.settings))
    label = f"{options.optimizer}{told}"
    contender = make_contender(options.optimizer, label, parameters)
    name = folder_name(f"race-{on.name}-{label}")
    campaign = replace(on, name=name, contenders=(contender,), description="", toml="")
    return with_overrides(campaign, budget=options.budget, seeds=options.seeds)


def _archive(options: RaceOptions, on: Campaign) -> Archive:
    """The results to race against.

    Raises:
        UnknownName: If there is no such archive.
        InvalidInput: If none is named, and none ships for the campaign.
    """
    if options.archive is None and on.name not in shipped():
        hint = f"None ships with results of campaign {on.name!r}; --archive {CLAIMS} has some if they share problems."
        raise InvalidInput("--archive", expected="an archive to race against", actual="none", hint=hint)
    return reference(options.archive or on.name)


def _field(archive: Archive, campaign: Campaign, against: tuple[str, ...]) -> list[str] | None:
    """The labels to race against, checked before anything is run; None for all black boxes.

    Raises:
        UnknownName: If one that is named is not in the archive.
        InvalidInput: If none is left, or one that is named has no results on these problems.
    """
    own = campaign.contenders[0].label
    what = f"archive {archive.definition.name!r}"
    named = [name.strip() for each in against for name in each.split(",") if name.strip()]
    if against and not named:
        raise InvalidInput("--against", expected="names of optimizers", actual="none")
    known = [bundle.label for bundle in archive.definition.bundles]
    for name in named:
        if name not in known:
            raise UnknownName(f"optimizer of {what}", name, known)
        if name == own:
            raise InvalidInput("--against", expected="others than the one that races", actual=name)
    some = {run.label for run in archive.runs(named) if run.spec.problem in campaign.problems} if named else set()
    for name in named:
        if name not in some:
            raise InvalidInput(what, expected=f"results of {name} on problems of {campaign.name}", actual="none")
    if named:
        return named
    whole, _ = field_of(archive.runs(), campaign.problems)
    if not set(whole) - {own}:
        expected = f"results on all {counted(len(campaign.problems), 'problem')} of the campaign"
        hint = "Name some with --against, or another archive with --archive."
        raise InvalidInput(what, expected=expected, actual="none", hint=hint)
    return None
