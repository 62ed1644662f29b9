"""``m3e run``."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from bench.campaigns.campaign import make_contender, with_overrides
from bench.campaigns.reading import load_campaign
from bench.commands.options import engine_option, out_option, quick_option, retry_option, taking, workers_option
from bench.console.console import open_console
from bench.engines.settings import engine_from
from bench.run_campaign import do_campaign
from optimizers import FullTrace
from problems.foundation.files import not_linked

DEFAULT_CAMPAIGN = "quick"


@dataclass(frozen=True)
class RunOptions:
    """Arguments and options of ``m3e run``.

    Attributes:
        campaign: Name, or path of a TOML file.
        out: Results folder; the campaign gets a sub-folder.
        engine: Name of an engine, or path of a file with its settings.
        workers: Runs at a time; None for as many as there are cores.
        quick: Whether to run the campaign's quick form.
        budget: Evaluations of a run, instead of the campaign's.
        seeds: Number of seeds, instead of the campaign's.
        added: Optimizers in addition to the campaign's.
        full_trace: Whether to store every value.
        retry: Whether to do failed and cut runs again.
        report: Whether to write the report at the end.
    """

    campaign: str
    out: Path
    engine: str
    workers: int | None
    quick: bool
    budget: int | None
    seeds: int | None
    added: tuple[str, ...]
    full_trace: bool
    retry: bool
    report: bool


@click.command()
@click.argument("campaign", default=DEFAULT_CAMPAIGN)
@out_option
@engine_option
@workers_option
@quick_option
@click.option("--budget", type=click.IntRange(min=1), help="Evaluations of a run, instead of the campaign's.")
@click.option("--seeds", type=click.IntRange(min=1), help="Number of seeds, instead of the campaign's.")
@click.option(
    "--optimizer",
    "added",
    multiple=True,
    metavar="NAME",
    help="One more optimizer beside the campaign's: a name, package.module:Class or 'exec:COMMAND'. May be repeated.",
)
@click.option("--full-trace", is_flag=True, help="Store every makespan, not only improvements.")
@retry_option
@click.option("--report/--no-report", default=True, help="Write the report at the end.")
@taking(RunOptions)
def run(options: RunOptions) -> None:
    """Run CAMPAIGN (a name, or a TOML file); what is done already is not done again.

    Results go to OUT/<campaign>. Interrupt it at any time: the same command continues.
    """
    contenders = [make_contender(name) for name in options.added]
    campaign = with_overrides(
        load_campaign(options.campaign, quick=options.quick),
        budget=options.budget,
        seeds=options.seeds,
        full_trace=FullTrace.VALUES if options.full_trace else FullTrace.NOTHING,
        contenders=contenders,
    )
    console = open_console()
    engine = engine_from(options.engine, options.workers)
    folder, counts = do_campaign(console, campaign, options.out, engine, retry=options.retry)
    if options.report:
        from bench.commands.report import report_on  # loads the libraries that draw, for a second
        from reports.storage.results import read_results

        report_on(console, read_results([folder]), not_linked(folder / "report"))
    if counts["failed"]:
        why = f"'m3e report {shlex.quote(str(folder))}' says why"
        console.say(f"failed runs: {counts['failed']}; {why}. Do them again with --retry.")
        sys.exit(1)
