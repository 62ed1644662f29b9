"""Print tables on a terminal without ever breaking a name or a number.

The names of a column are shortened together until the numbers fit beside them. Columns that still do not fit continue
in another block of lines, which repeats the names.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reports.wording.names import distinct

LEAST = 16
"""Width in cells below which names are not shortened."""

GLUE = "\N{NO-BREAK SPACE}"
"""Replaces blanks at which no line may end; printable text never contains it."""

INDENT = "  "
"""Stands before what belongs to the line above."""


@dataclass(frozen=True)
class Strip:
    """A column of a terminal table.

    Attributes:
        head: Heading, wrapped to several lines where the cells are narrow.
        cells: Texts, one per row.
        kind: ``name`` (may be shortened) and ``text`` are left-aligned, ``number`` is right-aligned.
        styles: Rich styles of the cells; empty for plain ones.
        most: Maximum width of a name, in terminal cells.
        least: Minimum width, in terminal cells.
        whole: Whether names are never shortened.
        once: Whether a repeated name is printed only in the first of its rows.
    """

    head: str
    cells: Sequence[str]
    kind: Literal["name", "text", "number"] = "number"
    styles: Sequence[str] = ()
    most: int = 1_000
    least: int = 0
    whole: bool = False
    once: bool = False

    @property
    def width(self) -> int:
        """Width in terminal cells."""
        inside = max(map(cell_len, self.cells), default=0)
        return max(min(inside, self.most), self.least, *map(cell_len, self.head.split()), 1)

    def shown(self, row: int) -> str:
        """Text printed in a row."""
        return "" if self.once and row > 0 and self.cells[row] == self.cells[row - 1] else self.cells[row]


def print_grid(
    console: Console, strips: Sequence[Strip], above: Mapping[int, str] = MappingProxyType({})
) -> dict[str, str]:
    """Print columns, in one block of lines or in several.

    Args:
        console: Console to print to.
        strips: Columns, names first.
        above: Names printed on a line of their own above a row, by row.

    Returns:
        What was printed for names that had to be shortened, by name; see ``print_whole``.
    """
    room = console.width + 1  # no blank behind the last column
    names = [strip for strip in strips if strip.kind == "name"]
    numbers = [strip for strip in strips if strip.kind != "name"]
    blocks = _blocks(numbers, room - total_width([_limited(strip, LEAST) for strip in names]))
    whole, names = names, _fitted(names, room - max(map(total_width, blocks)))
    lines = distinct(above.values(), console.width, width=cell_len)
    for block in blocks:
        _print_block(console, [*names, *block], {row: lines[name] for row, name in above.items()})
    pairs = (pair for a, b in zip(whole, names, strict=True) for pair in zip(a.cells, b.cells, strict=True))
    return {name: short for name, short in pairs if name != short and name.strip()}


def print_whole(console: Console, shortened: Mapping[str, str]) -> None:
    """Print what stands for what: the whole of each name that a table shows shortened, as far as a line has room."""
    lines = distinct(shortened, max(1, console.width - len(INDENT)), width=cell_len)
    for name, short in shortened.items():
        if cell_len(lines[name]) > cell_len(short):
            one = f"{short} = {lines[name]}"
            for line in [one] if cell_len(one) <= console.width else [f"{short} =", f"{INDENT}{lines[name]}"]:
                console.print(Text(line, style="dim"), soft_wrap=True)


def say(console: Console, text: str, style: str = "", names: Iterable[str] = ()) -> None:
    """Print text wrapped between words, but never inside one of ``names`` or before "%"; overlong words stay whole."""
    for name in names:
        text = text.replace(name, name.replace(" ", GLUE))
    text = text.replace(" %", f"{GLUE}%")
    for line in _wrapped(text, console.width):
        console.print(Text(line.replace(GLUE, " "), style=style), soft_wrap=True)


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Yield lines of as many words as fit into ``width`` cells; some letters take two."""
    line = ""
    for word in re.split(r"[ \t\n]+", text.strip(" \t\n")):
        longer = f"{line} {word}" if line else word
        if line and cell_len(longer) > width:
            yield line
            longer = word
        line = longer
    if line:
        yield line


def total_width(strips: Sequence[Strip]) -> int:
    """Width in cells of the columns side by side, each followed by a blank."""
    return sum(strip.width + 1 for strip in strips)


def _blocks(strips: Sequence[Strip], room: int) -> list[list[Strip]]:
    """Split the columns into blocks, each with as many as fit, but at least one."""
    blocks: list[list[Strip]] = [[]]
    for strip in strips:
        if blocks[-1] and total_width([*blocks[-1], strip]) > room:
            blocks.append([])
        blocks[-1].append(strip)
    return blocks


def _limited(strip: Strip, most: int) -> Strip:
    return strip if strip.whole else replace(strip, most=min(strip.most, most))


def _fitted(names: Sequence[Strip], room: int) -> list[Strip]:
    """Shorten the widest name columns until all fit into ``room``, but none below ``LEAST`` cells."""
    limit = max((strip.width for strip in names), default=0)
    while limit > LEAST and total_width([_limited(strip, limit) for strip in names]) > room:
        limit -= 1
    return [_shortened(_limited(strip, limit)) for strip in names]


def _shortened(strip: Strip) -> Strip:
    short = distinct(strip.cells, strip.width, width=cell_len)
    return replace(strip, cells=[short[cell] for cell in strip.cells])


def _print_block(console: Console, strips: Sequence[Strip], above: Mapping[int, str]) -> None:
    heads = [textwrap.wrap(strip.head, strip.width) for strip in strips]
    height = max(map(len, heads))
    for line in zip(*([""] * (height - len(head)) + head for head in heads), strict=True):
        _print_line(console, strips, line, ["dim"] * len(strips))
    for row in range(len(strips[0].cells)):
        if row in above:
            console.print(Text(above[row], style="italic"), soft_wrap=True)
        styles = [strip.styles[row] if strip.styles else "" for strip in strips]
        _print_line(console, strips, [strip.shown(row) for strip in strips], styles)


def _print_line(console: Console, strips: Sequence[Strip], cells: Sequence[str], styles: Sequence[str]) -> None:
    padded = []
    for strip, cell, style in zip(strips, cells, styles, strict=True):
        blanks = " " * (strip.width - cell_len(cell))
        padded.append(Text(blanks + cell if strip.kind == "number" else cell + blanks, style=style))
    line = Text(" ").join(padded)
    line.rstrip()
    console.print(line, soft_wrap=True)
