"""The console of all commands: it prints text, never markup, and no table breaks a word."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Column, Table

from problems.foundation.text import visible

MOST_KINDS = 60
"""Number of kinds that ``kinds_counted`` names."""

_ENDLESS = 10_000
"""Width in cells that no word exceeds."""


class PatientConsole(Console):
    """A console that falls silent when the reader of a pipe has left, as in ``m3e run | head``; the work goes on."""

    def on_broken_pipe(self) -> None:
        """Discard all further output."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())

    def show(self, *items: RenderableType) -> None:
        """Print items one below the other; a table exceeds the terminal rather than break a word."""
        for item in items:
            if isinstance(item, Table) and (width := _unbroken(item, self)) > self.width:
                item.width = width
            self.print(item, crop=False)

    def say(self, text: str, *, style: str | None = None) -> None:
        """Print a text as one line and leave the wrapping to the terminal."""
        self.print(text, style=style, soft_wrap=True)

    def wrote(self, paths: Sequence[Path]) -> None:
        """Say which files were written."""
        for path in paths:
            self.say(f"wrote {path}")


class _Printable:
    """``inner`` with escapes in place of characters that cannot be printed."""

    def __init__(self, inner: ConsoleRenderable) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._inner, options):
            lines = segment.text.split("\n")
            yield segment if segment.control else Segment("\n".join(map(visible, lines)), segment.style)


class _PrintableOnly(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Printable(renderable) for renderable in renderables]


def open_console(*, stderr: bool = False) -> PatientConsole:
    """Open a console on which nothing is taken for markup or control characters."""
    console = PatientConsole(stderr=stderr, highlight=False, markup=False, emoji=False)
    console.push_render_hook(_PrintableOnly())
    return console


def _unbroken(table: Table, console: Console) -> int:
    """Give the columns widths that break no word, and return that of the table."""
    options = console.options.update(width=_ENDLESS)
    spans = [_span(column, console, options) for column in table.columns]
    for column, (least, _) in zip(table.columns, spans, strict=True):
        column.min_width = least
    whole = Measurement.get(console, options, table)
    if table.expand or whole.maximum <= console.width:
        return whole.minimum
    beside = whole.maximum - sum(most for _, most in spans)
    widths = _shared_out(console.width - beside, spans)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    return sum(widths) + beside


def _span(column: Column, console: Console, options: ConsoleOptions) -> tuple[int, int]:
    """Return the least and the greatest width that a column can use: of one that is never wrapped the same."""
    cells = [Measurement.get(console, options, cell) for cell in (column.header, *column.cells)]
    most = max(column.min_width or 0, *(cell.maximum for cell in cells))
    return most if column.no_wrap else max(column.min_width or 0, *(cell.minimum for cell in cells)), most


def _shared_out(room: int, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return widths within ``spans`` that fill ``room``, the narrow columns first; the least ones may exceed it."""
    widths = [least for least, _ in spans]
    while sum(widths) < room and (small := [n for n, (_, most) in enumerate(spans) if widths[n] < most]):
        widths[min(small, key=lambda n: widths[n])] += 1
    return widths


def plain_table(*columns: str) -> Table:
    """Return an empty table without lines, whose first column is never wrapped."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, no_wrap=not number, overflow="fold")
    return table


def kinds_counted(names: Sequence[str]) -> str:
    """Return ``3 x dla-2048, 1 x eye-2048`` for a list with repetitions, in order of appearance."""
    counts = Counter(names)
    shown = [f"{count} x {name}" for name, count in islice(counts.items(), MOST_KINDS)]
    return ", ".join([*shown, *([f"and {len(counts) - MOST_KINDS:,} more"] if len(counts) > MOST_KINDS else [])])
