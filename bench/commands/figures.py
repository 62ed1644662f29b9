"""``m3e figures``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bench.campaigns.reading import load_campaign
from bench.commands.options import engine_option, out_option, quick_option, retry_option, workers_option
from bench.console.console import open_console
from bench.engines.settings import engine_from
from bench.run_campaign import do_campaign
from reports.paper.writing import chosen, write_figure


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All of them.")
@out_option
@engine_option
@workers_option
@quick_option
@retry_option
def figures(
    names: tuple[str, ...], every: bool, out: Path, engine: str, workers: int | None, quick: bool, retry: bool
) -> None:
    """Regenerate the paper's figures: fig07 to fig17, table5 ('m3e list figures').

    Runs the campaigns that they need, or what is missing of them, into OUT/<campaign>; writes PNG, PDF, the numbers as
    CSV, and what they mean as TXT to OUT/figures.
    """
    console = open_console()
    failed = 0
    for figure in chosen(names, every=every):
        stem = f"{figure.name}-quick" if quick else figure.name
        folder = None
        if figure.campaign:
            campaign = load_campaign(figure.campaign, quick=quick)
            folder, counts = do_campaign(console, campaign, out, engine_from(engine, workers), retry=retry)
            failed += counts["failed"]
        console.wrote(write_figure(figure, folder, out / "figures", stem))
    if failed:
        console.say(f"failed runs: {failed}; 'm3e report' on their campaigns says why. Do them again with --retry.")
        sys.exit(1)
