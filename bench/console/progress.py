"""The progress of a campaign: a bar with an estimate on a terminal, elsewhere a line now and then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bench.campaigns.campaign import Campaign
from bench.campaigns.plan import Plan, claimed, plan_campaign
from bench.campaigns.running import OnProgress, run_plan
from bench.console.console import PatientConsole, open_console
from bench.engines import ENGINES
from bench.engines.processes import available_cores
from problems.foundation.extras import install_command
from reports.storage.spec import RunSpec

LINES = 10
"""Number of progress lines where there is no terminal."""


@contextmanager
def campaign_done(
    console: PatientConsole, campaign: Campaign, out: Path, workers: int | None, *, retry: bool
) -> Iterator[tuple[Path, Counter[str]]]:
    """Do the missing runs of a campaign behind a progress bar; yield its folder, still locked, and the statuses.

    Args:
        console: Console for the announcement.
        campaign: The campaign.
        out: Parent of its folder.
        workers: Number of runs at a time; None for the number of cores.
        retry: Whether failed and cut runs are done again.
    """
    folder = out / campaign.name
    with claimed(folder):
        plan = plan_campaign(campaign, folder, retry=retry)
        _announce(console, campaign.name, plan)
        for label, gap in campaign.absent().items():
            console.say(f"{label} is left out: {install_command(gap.needs)}")
        engine = ENGINES.get("processes").load()(workers=workers or available_cores())
        with progress(total=plan.total, done=len(plan.done)) as advance:
            counts = run_plan(plan, engine, advance)
        yield folder, counts


def _announce(console: PatientConsole, name: str, plan: Plan) -> None:
    done = f", {len(plan.done)} of them done" if plan.done else ""
    size = f", at most {max(plan.bytes_at_most / 1e6, 0.1):.1f} MB to store" if plan.missing else ""
    console.say(f"campaign {name}: {plan.total} runs{done}{size}, in {plan.folder}")


@contextmanager
def progress(*, total: int, done: int) -> Iterator[OnProgress]:
    """Yield a callback for each run; it reports failed and cut runs at once."""
    console = open_console(stderr=True)
    if console.is_terminal:
        yield from _bar(console, total, done)
    else:
        yield _lines(console, total, done)


def _bar(console: Console, total: int, done: int) -> Iterator[OnProgress]:
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("runs"), TimeElapsedColumn(), TextColumn("left:"))
    with Progress(
        *columns, TimeRemainingColumn(), TextColumn("{task.description}", markup=False), console=console
    ) as bar:
        task = bar.add_task("", total=total, completed=done)

        def advance(spec: RunSpec, label: str, status: str) -> None:
            if status != "complete":
                console.print(f"{status}: {label} on {spec.problem}, seed {spec.seed}")
            bar.update(task, advance=1, description=f"{label} {spec.problem}")

        yield advance


def _lines(console: Console, total: int, done: int) -> OnProgress:
    start, count = monotonic(), done

    def advance(spec: RunSpec, label: str, status: str) -> None:
        nonlocal count
        count += 1
        if status != "complete":
            console.print(f"{status}: {label} on {spec.problem}, seed {spec.seed}", soft_wrap=True)
        if count * LINES // total > (count - 1) * LINES // total:
            left = (monotonic() - start) / (count - done) * (total - count)
            console.print(f"{count} of {total} runs, about {left:.0f} s left", soft_wrap=True)

    return advance
