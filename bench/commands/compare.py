"""``m3e compare``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bench.campaigns.reference import place_of
from bench.console.console import open_console
from problems.foundation.errors import InvalidInput
from reports.frames.summary import LEVEL
from reports.statistics.comparison import compare as compared
from reports.storage.results import read_results
from reports.terminal import print_table
from reports.writing import write_table


@click.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option(
    "--pair",
    "pairs",
    nargs=2,
    multiple=True,
    metavar="LABEL_A LABEL_B",
    help="Compare these optimizers of A and B. May be repeated. [default: those with the same label in both]",
)
@click.option(
    "--level",
    type=float,
    default=LEVEL,
    show_default=True,
    help="Level of confidence; verdicts take 1 - LEVEL as the level of significance.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the tables, as CSV and LaTeX.")
def compare(a: Path, b: Path, pairs: tuple[tuple[str, str], ...], level: float, out: Path | None) -> None:
    """Compare the results in B with those in A, two campaign folders or archives: better, worse, equal, or no evidence.

    The verdict is over problems: it needs a paired test, corrected for the number of optimizers, and a ratio beyond
    1 %; "the same" is said where all values are. Runs with the same seed make a pair; a failed run counts as
    infinitely bad. Exits with 1 if B is worse, and with 2 if it lacks runs of A, or there are too few problems for any
    verdict.
    """
    console = open_console()
    comparison = compared(read_results(place_of(a)), read_results(place_of(b)), pairs, level=level)
    for table in (comparison.by_instance, comparison.overall):
        print_table(table, console)
        if out:
            console.wrote(write_table(table, out))
    for sentence in comparison.lost:
        console.say(f"lost: {sentence}", style="red")
    if comparison.lost and not comparison.is_worse:
        raise InvalidInput("B", expected="all runs that A has", actual="fewer; see above")
    if not comparison.can_tell:
        raise InvalidInput("runs", expected="enough pairs for a verdict", actual="too few; see the warnings")
    sys.exit(int(comparison.is_worse))
