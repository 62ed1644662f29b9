"""The progress of a campaign: a bar with an estimate on a terminal, elsewhere a line now and then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bench.campaigns.running import OnProgress
from bench.console.console import open_console
from reports.storage.spec import RunSpec

LINES = 10
"""Number of progress lines where there is no terminal."""


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
