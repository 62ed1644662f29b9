"""``m3e score``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click
import msgspec
from rich.table import Table

from bench.commands.options import parse_settings, set_option, taking
from bench.console.console import PatientConsole, open_console, plain_table
from bench.scoring.report import Failure, Limits, Score
from bench.scoring.scorer import BUDGET, CAMPAIGN, LIMITS, Scorer, scores
from reports.wording.numbers import counted

FAILED = 1
"""Exit code if a file has no score."""


@dataclass(frozen=True)
class ScoreOptions:
    """Arguments and options of ``m3e score``.

    Attributes:
        files: Files, as ``FILE.py`` or ``FILE.py:Class``.
        as_json: Whether to print one JSON object a file, and nothing else.
        settings: Parameters, as ``KEY=VALUE``.
        budget: Evaluations of a run.
        seeds: Number of runs on each instance.
        on: Campaign whose instances are run.
        only: Patterns of their ids; none of them for all.
        cpu_seconds: CPU limit of the process of a file.
        wall_seconds: Wall limit.
        memory_mib: Limit of its address space.
    """

    files: tuple[str, ...]
    as_json: bool
    settings: tuple[str, ...]
    budget: int
    seeds: int
    on: str
    only: tuple[str, ...]
    cpu_seconds: int
    wall_seconds: float
    memory_mib: int

    def limits(self) -> Limits:
        """Return the limits of a process."""
        return Limits(cpu_seconds=self.cpu_seconds, wall_seconds=self.wall_seconds, memory_mib=self.memory_mib)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE.py[:Class]...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line for each file, and nothing else.")
@set_option
@click.option(
    "--budget", type=click.IntRange(min=1), default=BUDGET, show_default=True, help="Evaluations on each instance."
)
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Runs on each instance.")
@click.option("--on", metavar="CAMPAIGN", default=CAMPAIGN, show_default=True, help="Name or TOML file.")
@click.option("--only", multiple=True, metavar="PATTERN", help="Of these only those whose id fits. May be repeated.")
@click.option(
    "--cpu-seconds",
    type=click.IntRange(min=1, max=10**9),
    default=LIMITS.cpu_seconds,
    show_default=True,
    help="CPU limit of a file, for all instances together.",
)
@click.option(
    "--wall-seconds",
    type=click.FloatRange(min=0.0, max=1e9, min_open=True),
    default=LIMITS.wall_seconds,
    show_default=True,
    help="Wall limit of a file.",
)
@click.option(
    "--memory-mib",
    type=click.IntRange(min=512, max=2**30),
    default=LIMITS.memory_mib,
    show_default=True,
    help="Address space of a file's process.",
)
@taking(ScoreOptions)
def score(options: ScoreOptions) -> None:
    """Score the optimizer in each FILE.py: the geometric mean of value / best known, 1 at best.

    Its code runs in a process of its own, with limits, and without network, other processes and most files where the
    system can forbid them; the mappings that it proposes are evaluated outside. Exits with 1 if a file has no
    score, and says why.
    """
    console = open_console()
    scorer = Scorer(
        on=options.on, only=options.only, budget=options.budget, seeds=options.seeds, limits=options.limits()
    )
    failed = False
    for found in scores(scorer, options.files, parse_settings(options.settings)):
        failed |= found.failure is not None
        if options.as_json:
            click.echo(msgspec.json.encode(found))
        else:
            _show(console, found)
    if failed:
        sys.exit(FAILED)


def _show(console: PatientConsole, found: Score) -> None:
    if found.score is not None and found.references:
        console.show(_table(found))
    console.say("".join(_sentence(found)))


def _table(found: Score) -> Table:
    table = plain_table("optimizer", "score")
    rows = [(point.optimizer, point.score) for point in found.references]
    rows.insert((found.place or 1) - 1, (f"{found.file} *", found.score or 0.0))
    for name, value in rows:
        table.add_row(name, f"{value:.4f}")
    return table


def _sentence(found: Score) -> Iterator[str]:
    name = f"{found.file}:{found.optimizer}" if found.optimizer else found.file
    if found.failure is not None:
        yield f"{name} has no score: {_reason(found.failure)}"
        return
    on = f"{counted(len(found.instances), 'instance')} of {found.on}"
    yield f"{name} scores {found.score:.6f} on {on} ({found.budget:,} evaluations)"
    worst = max(found.instances, key=lambda each: each.ratio or 0.0)
    place = f", place {found.place} beside {counted(len(found.references), 'other')}" if found.place else ""
    yield f"{place}; the worst is {worst.ratio:.4f} on {worst.problem}"


def _reason(failure: Failure) -> str:
    exception = f"{failure.exception}: " if failure.exception else ""
    line = f" (line {failure.line})" if failure.line else ""
    where = f", on {failure.problem}, seed {failure.seed}" if failure.problem else ""
    return f"{failure.kind}: {exception}{failure.message}{line}{where}"
