"""The progress of a campaign: a bar with an estimate on a terminal, elsewhere a line now and then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.campaigns.running import OnProgress
from bench.campaigns.running import Progress as Counts
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
        yield _lines(console, total)


def _bar(console: Console, total: int, done: int) -> Iterator[OnProgress]:
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("runs"), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.description}", markup=False), console=console) as bar:
        task = bar.add_task("", total=total, completed=done)

        def advance(spec: RunSpec, label: str, status: str, counts: Counts) -> None:
            if status != "complete":
                console.print(f"{status}: {label} on {spec.problem}, seed {spec.seed}")
            bar.update(task, completed=counts.ended, description=f"{_left(counts)}: {label} {spec.problem}")

        yield advance


def _lines(console: Console, total: int) -> OnProgress:
    def advance(spec: RunSpec, label: str, status: str, counts: Counts) -> None:
        if status != "complete":
            console.print(f"{status}: {label} on {spec.problem}, seed {spec.seed}", soft_wrap=True)
        if counts.ended * LINES // total > (counts.ended - 1) * LINES // total:
            console.print(f"{counts.ended} of {total} runs, {_left(counts)}", soft_wrap=True)

    return advance


def _left(counts: Counts) -> str:
    """Return how long the runs that are left may take, by those of the same optimizers that have ended."""
    if counts.ended == counts.total:
        return "all done"
    seconds = counts.seconds_left()
    if seconds is not None and seconds < 1.0:
        return "less than 1 s left"
    return "time left unknown" if seconds is None else f"about {duration(seconds)} left"


def duration(seconds: float) -> str:
    """Return a duration in the two units that a reader needs."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
