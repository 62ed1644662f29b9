"""Short names, for where there is little room."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count, groupby

from bench.errors import M3EError
from bench.text import shorten as shorten
from problems.costs import DEFAULT_MODEL
from problems.ids import DEPENDENT, files_only_in, parse_id
from problems.objectives import DEFAULT_OBJECTIVE

NAMELESS = "(no name)"
"""What stands for a blank name."""

_TOKEN = re.compile(r"[0-9]+(?:\.[0-9]+)?|[^\W0-9_]+|.", re.DOTALL)
_CASE = re.compile(r"(?P<problem>.*?)(?P<rest>(, budget [0-9,]+)?(, suite [0-9]+)?)", re.DOTALL)
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

INSTANCE = 4
"""Place of the instance among the parts of an id."""


def distinct(
    names: Iterable[str], limit: int, *, write: Callable[[str], str] = str, width: Callable[[str], int] = len
) -> dict[str, str]:
    """Each name in at most ``limit`` characters, no two alike.

    Of names that are too long start and end are kept; of those that are alike then what they differ in; at worst they
    are numbered, ``~1``, ``~2``. Where several names stand together, one call should shorten them all.

    Args:
        names: All that stand together.
        limit: In units of ``width``.
        write: How a name is written where it is shown.
        width: Of a text: characters, or on terminals cells.
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
"""From a text and a number of characters to a text that has no more of them."""


class _Shortener:
    """Finds a text for each name, no two alike.

    Args:
        texts: By name, what is to be shortened.
        limit: In units of ``width``.
        width: Of a text.
    """

    def __init__(self, texts: Mapping[str, str], limit: int, width: Callable[[str], int]) -> None:
        self._texts, self._limit, self._width = texts, limit, width
        self.found: dict[str, str] = {}

    def left(self, names: Iterable[str]) -> list[str]:
        """Those that have no text yet."""
        return [name for name in names if name not in self.found]

    def keep(self, groups: Iterable[Sequence[str]], way: Callable[[Sequence[str]], Cut]) -> list[list[str]]:
        """Cut each group in one way, and keep the texts that tell a name from all others; the names that are alike."""
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
        """Tell the names of each group apart by numbers."""
        taken = set(self.found.values())
        for group in groups:
            ends = (f"~{number}" for number in count(1))
            for name in group:
                tried = (f"{self._fitting(name, shorten, self._limit - len(end))}{end}" for end in ends)
                self.found[name] = next(text for text in tried if text not in taken)
                taken.add(self.found[name])

    def _fitting(self, name: str, cut: Cut, limit: int) -> str:
        """The text of a name, cut to as many characters as have room."""
        text = self._texts[name]
        if self._width(text) <= limit:
            return text
        return next((short for most in range(limit, 0, -1) if self._width(short := cut(text, most)) <= limit), "")


def _of_like_build(names: Iterable[str], texts: Mapping[str, str]) -> list[list[str]]:
    """Names by their number of words."""
    groups: dict[int, list[str]] = {}
    for name in names:
        groups.setdefault(len(_TOKEN.findall(texts[name])), []).append(name)
    return list(groups.values())


def _middle(_: Sequence[str]) -> Cut:
    """Cuts in the middle."""
    return shorten


def _differences(texts: Sequence[str]) -> Cut:
    """Keeps the words and numbers in which texts of like build differ, and of the rest as much as has room."""
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
    """Keeps start, end, and what stands where texts differ first."""
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
    """The problem id of a case, and what follows it: budget and suite version, or ""."""
    match = _CASE.fullmatch(case)
    assert match is not None, "any text matches"
    return match["problem"], match["rest"]


def common_parts(cases: Sequence[str]) -> str:
    """The parts of the problem ids, like ``bw1/g100/i0``, in which all cases agree; "" for fewer than two problems."""
    parts = [_parts(case) for case in cases]
    return "/".join(parts[0][place] for place in _common_places(parts) if parts[0][place])


def short_names(cases: Sequence[str]) -> dict[str, str]:
    """Each case without the parts of its problem id that are common to all."""
    parts = [_parts(case) for case in cases]
    common = _common_places(parts)
    if not common:
        return {case: case for case in cases}
    return {case: _without(own, common) + split_case(case)[1] for case, own in zip(cases, parts, strict=True)}


def _parts(case: str) -> tuple[str, ...]:
    """The five parts of a problem id, and its three options or ""; () if it cannot be read here."""
    try:
        with files_only_in(()):  # a name is shown: no file is opened for it
            known = parse_id(split_case(case)[0])
    except M3EError:
        return ()
    model = known.cost_model if known.cost_model != DEFAULT_MODEL else ""
    objective = known.objective if known.objective != DEFAULT_OBJECTIVE else ""
    bare = known._replace(dependent=False, cost_model=DEFAULT_MODEL, objective=DEFAULT_OBJECTIVE)
    dependent = DEPENDENT if known.dependent else ""
    return known.task, known.platform, *str(bare).split("/")[-3:], dependent, model, objective


def _common_places(parts: Sequence[Sequence[str]]) -> list[int]:
    """Where all agree, but so that something of each is left; nowhere if an id cannot be read, or if all agree."""
    if not all(parts) or len(set(parts)) < 2:
        return []
    common = [place for place, values in enumerate(zip(*parts, strict=True)) if len(set(values)) == 1]
    return common if all(_without(own, common) for own in parts) else [p for p in common if p != INSTANCE]


def _without(parts: Sequence[str], places: Sequence[int]) -> str:
    return "/".join(part for place, part in enumerate(parts) if part and place not in places)
