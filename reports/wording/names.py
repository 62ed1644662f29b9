"""Short names for tables and figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count, groupby

from problems.foundation.errors import M3EError
from problems.foundation.text import shorten as shorten
from problems.ids import files_only_in, parse_id

NAMELESS = "(no name)"
"""Stands for a blank name."""

_TOKEN = re.compile(r"[0-9]+(?:\.[0-9]+)?|[^\W0-9_]+|.", re.DOTALL)
_CASE = re.compile(r"(?P<problem>.*?)(?P<rest>(, budget [0-9,]+)?(, suite [0-9]+)?)", re.DOTALL)
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

INSTANCE = 4
"""Index of the instance among the parts of an id."""


def distinct(
    names: Iterable[str], limit: int, *, write: Callable[[str], str] = str, width: Callable[[str], int] = len
) -> dict[str, str]:
    """Shorten each name to at most ``limit`` characters, so that all stay different.

    Long names keep their start and end; if that makes some alike, these keep what they differ in, or at worst get a
    number, ``~1``, ``~2``. Names that stand together should be shortened by one call.

    Args:
        names: All names that stand together.
        limit: Greatest width.
        write: Function that writes a name as it is shown.
        width: Width of a text: its characters, or on terminals its cells.
    """
    texts = {name: text if (text := write(name)).strip() else NAMELESS for name in names}
    shortener = _Shortener(texts, limit, width)
    alike = shortener.keep([[name for name in texts if width(texts[name]) <= limit]], _middle)
    alike += shortener.keep([shortener.left(texts)], _middle)
    shortener.keep(_of_like_build(shortener.left(texts), texts), _differences)
    for way in (_differences, _surroundings):
        shortener.keep(map(shortener.left, alike), way)
    shortener.number(map(shortener.left, alike))
    return {name: shortener.found[name] for name in texts}


Cut = Callable[[str, int], str]
"""Cuts a text to at most so many characters."""


class _Shortener:
    """Finds a different short text for each name.

    Args:
        texts: Texts to shorten, by name.
        limit: Greatest width.
        width: Width of a text.
    """

    def __init__(self, texts: Mapping[str, str], limit: int, width: Callable[[str], int]) -> None:
        self._texts, self._limit, self._width = texts, limit, width
        self.found: dict[str, str] = {}

    def left(self, names: Iterable[str]) -> list[str]:
        """Return the names that have no text yet."""
        return [name for name in names if name not in self.found]

    def keep(self, groups: Iterable[Sequence[str]], way: Callable[[Sequence[str]], Cut]) -> list[list[str]]:
        """Cut each group in one way and keep the texts that are unique; return the names that are still alike."""
        alike: dict[str, list[str]] = {}
        for group in filter(None, groups):
            cut = way([self._texts[name] for name in group])
            for name in group:
                alike.setdefault(self._fitting(name, cut, self._limit), []).append(name)
        taken = set(self.found.values())
        alone = {own[0]: text for text, own in alike.items() if len(own) == 1 and text not in taken}
        self.found |= alone
        return [own for own in alike.values() if own[0] not in alone]

    def number(self, groups: Iterable[Sequence[str]]) -> None:
        """Number the names of each group."""
        taken = set(self.found.values())
        for group in groups:
            ends = (f"~{number}" for number in count(1))
            for name in group:
                tried = (f"{self._fitting(name, shorten, self._limit - len(end))}{end}" for end in ends)
                self.found[name] = next(text for text in tried if text not in taken)
                taken.add(self.found[name])

    def _fitting(self, name: str, cut: Cut, limit: int) -> str:
        """Return the text of a name, cut to as many characters as fit."""
        text = self._texts[name]
        if self._width(text) <= limit:
            return text
        return next((short for most in range(limit, 0, -1) if self._width(short := cut(text, most)) <= limit), "")


def _of_like_build(names: Iterable[str], texts: Mapping[str, str]) -> list[list[str]]:
    """Group names by their number of words."""
    groups: dict[int, list[str]] = {}
    for name in names:
        groups.setdefault(len(_TOKEN.findall(texts[name])), []).append(name)
    return list(groups.values())


def _middle(_: Sequence[str]) -> Cut:
    """Return a function that cuts in the middle."""
    return shorten


def _differences(texts: Sequence[str]) -> Cut:
    """Return a function that keeps the words in which texts of equal length in words differ, and what else has room."""
    rows = [_TOKEN.findall(text) for text in texts]
    if len({len(row) for row in rows}) > 1:
        return shorten
    differing = [len(set(column)) > 1 for column in zip(*rows, strict=True)]

    def cut(text: str, most: int) -> str:
        marked = zip(differing, _TOKEN.findall(text), strict=True)
        runs = [(kept, "".join(t for _, t in run)) for kept, run in groupby(marked, key=lambda pair: pair[0])]
        room = most - sum(len(run) if kept else 1 for kept, run in runs)
        parts = []
        for kept, run in runs:
            own = run if kept else _start(run, max(0, room) + 1)
            room -= 0 if kept else len(own) - 1
            parts.append(own)
        return "".join(parts) if room >= 0 else shorten(text, most)

    return cut


def _start(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}{ELLIPSIS}"


def _surroundings(texts: Sequence[str]) -> Cut:
    """Return a function that keeps the start, the end, and the place where texts differ first."""
    first, last = min(texts), max(texts)  # what these share, all do
    place = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))

    def cut(text: str, most: int) -> str:
        side = max(0, (most - 2) // 4)
        room = most - 2 - 2 * side
        start, end = place - room // 3, len(text) - side
        if room < 1 or not side + 1 < start < end - room - 1:
            return shorten(text, most)
        return ELLIPSIS.join((text[:side], text[start : start + room], text[end:]))

    return cut


def split_case(case: str) -> tuple[str, str]:
    """Split a case into its problem id and what follows: budget and suite version, or ""."""
    match = _CASE.fullmatch(case)
    assert match is not None, "any text matches"
    return match["problem"], match["rest"]


def common_parts(cases: Sequence[str]) -> str:
    """Return the parts that all problem ids share, like ``bw1/g100/i0``; "" for fewer than two problems."""
    parts = [_parts(case) for case in cases]
    return "/".join(parts[0][place] for place in _common_places(parts) if parts[0][place])


def short_names(cases: Sequence[str]) -> dict[str, str]:
    """Return each case without the parts of its problem id that all share."""
    parts = [_parts(case) for case in cases]
    common = _common_places(parts)
    if not common:
        return {case: case for case in cases}
    return {case: _without(own, common) + split_case(case)[1] for case, own in zip(cases, parts, strict=True)}


def _parts(case: str) -> tuple[str, ...]:
    """Return the parts of the problem id of a case; () if it cannot be read here."""
    try:
        with files_only_in(()):  # a name is shown: no file is opened for it
            return parse_id(split_case(case)[0]).parts()
    except M3EError:
        return ()


def _common_places(parts: Sequence[Sequence[str]]) -> list[int]:
    """Return the places where all agree, but leave something of each; none if an id cannot be read, or all agree."""
    if not all(parts) or len(set(parts)) < 2:
        return []
    common = [place for place, values in enumerate(zip(*parts, strict=True)) if len(set(values)) == 1]
    return common if all(_without(own, common) for own in parts) else [p for p in common if p != INSTANCE]


def _without(parts: Sequence[str], places: Sequence[int]) -> str:
    return "/".join(part for place, part in enumerate(parts) if part and place not in places)
