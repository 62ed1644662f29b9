"""What several commands do: print, run a campaign behind a progress bar, read results, report on them.

Import is light: the libraries that a step needs are imported by it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors import StorageError
from bench.text import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from bench.campaign import Campaign
    from bench.harness import Plan
    from bench.store import StoredCampaign


def open_console(*, stderr: bool = False) -> Console:
    """A console for a command's output: whatever is printed on it is text, and never markup or control characters."""
    from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
    from rich.segment import Segment
    from rich.table import Table

    class PatientConsole(Console):
        """Falls silent when the reader of a pipe has left, e.g. ``m3e run | head``; the work goes on."""

        def on_broken_pipe(self) -> None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())

        def print(self, *objects: Any, **options: Any) -> None:
            """Print; a table is rather wider than the terminal than that it breaks an id or a number."""
            tables = [_unbroken(item, self) for item in objects if isinstance(item, Table)]
            if tables and max(tables) > self.width:
                options |= {"width": max(tables), "crop": False}
            super().print(*objects, **options)

    class Printable:
        """What ``inner`` shows, with escapes in place of what cannot be printed."""

        def __init__(self, inner: ConsoleRenderable) -> None:
            self._inner = inner

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            for segment in console.render(self._inner, options):
                lines = segment.text.split("\n")
                yield segment if segment.control else Segment("\n".join(map(visible, lines)), segment.style)

    class PrintableOnly(RenderHook):
        def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
            return [Printable(renderable) for renderable in renderables]

    console = PatientConsole(stderr=stderr, highlight=False, markup=False, emoji=False)
    console.push_render_hook(PrintableOnly())
    return console


def _unbroken(table: Table, console: Console) -> int:
    """Let no column be narrower than its longest word; the least width of the table."""
    from rich.measure import Measurement

    options = console.options.update(width=10_000)
    for column in table.columns:
        cells = [column.header, *column.cells]
        least = max(Measurement.get(console, options, cell).minimum for cell in cells)
        column.min_width = max(least, column.min_width or 0)
    return Measurement.get(console, options, table).minimum


@contextmanager
def campaign_done(
    console: Console, campaign: Campaign, out: Path, workers: int | None, *, retry: bool
) -> Iterator[tuple[Path, Counter[str]]]:
    """Do what is missing of a campaign, behind a progress bar; its folder, still claimed, and how its runs ended."""
    from bench import engines, harness
    from bench.extras import install_command

    folder = out / campaign.name
    with harness.claimed(folder):
        plan = harness.plan_campaign(campaign, folder, retry=retry)
        _announce(console, campaign.name, plan)
        for label, gap in campaign.absent().items():
            console.print(f"{label} is left out: {install_command(gap.needs)}", soft_wrap=True)
        yield folder, _run_with_progress(plan, workers or engines.available_cores())


def _announce(console: Console, name: str, plan: Plan) -> None:
    done = f", {len(plan.done)} of them done" if plan.done else ""
    size = f", at most {max(plan.bytes_at_most / 1e6, 0.1):.1f} MB to store" if plan.missing else ""
    console.print(f"campaign {name}: {plan.total} runs{done}{size}, in {plan.folder}", soft_wrap=True)


def _run_with_progress(plan: Plan, workers: int) -> Any:
    """Do the missing runs behind a progress bar; the counts of each status."""
    from bench import engines, harness
    from bench.progress import progress

    with progress(total=plan.total, done=len(plan.done)) as advance:
        return harness.run_plan(plan, engines.processes(workers), advance)


def report_on(console: Console, folders: list[Path], out: Path, *, targets: str = "bound") -> None:
    """Write a report of the results in campaign folders into ``out``, then print a summary.

    Raises:
        StorageError: If there are none, or ``out`` cannot be written.
    """
    from reports import write_report
    from reports.terminal import print_summary

    campaign = results_in(folders)
    path = write_report(campaign, out, targets=targets)
    print_summary(campaign, console)
    console.print(f"report: {path.resolve()}", soft_wrap=True)


def results_in(folders: list[Path]) -> StoredCampaign:
    """The runs in campaign folders.

    Raises:
        StorageError: If there are none.
    """
    from bench.store import read_campaign

    campaign = read_campaign(folders)
    if not campaign.runs:
        if campaign.unreadable:
            first, number = next(iter(campaign.unreadable.values())), len(campaign.unreadable)
            raise StorageError(f"none of {number} runs can be read, for instance: {first}")
        inside = [str(f.parent) for folder in folders for f in sorted(folder.glob("*/campaign.json"))]
        hint = f". Did you mean {', '.join(inside)}?" if inside else ""
        raise StorageError(f"no runs in {', '.join(map(str, folders))}: expected campaign folders of 'm3e run'{hint}")
    return campaign


def newest_campaign(folder: Path) -> Path:
    """The campaign folder in ``folder`` that was written last.

    Raises:
        StorageError: If there is none.
    """
    files = sorted(folder.glob("*/campaign.json"), key=lambda f: f.stat().st_mtime)
    if not files:
        raise StorageError(f"no results in {folder.resolve()}: run 'm3e run' first, or give their folder")
    return files[-1].parent
