"""The lines of the keys and array items of a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

Place = tuple[str | int, ...]
"""Keys, and numbers of array items, from the top of the file; () is the file itself."""


@lru_cache(maxsize=8)
def lines_of(text: str) -> Mapping[Place, int]:
    """Return the line, from 1, of every key, table and array item of a valid TOML ``text``."""
    import tree_sitter_toml  # only an error asks for lines
    from tree_sitter import Language, Parser

    root = Parser(Language(tree_sitter_toml.language())).parse(text.encode()).root_node
    lines: dict[Place, int] = {}
    for place, line in _document(root):
        lines.setdefault(place, line)
    return lines


def _document(root: Node) -> Iterator[tuple[Place, int]]:
    counts: dict[Place, int] = {}
    for node in root.named_children:
        if node.type == "pair":
            yield from _pair(node, ())
        elif node.type in ("table", "table_array_element"):
            parts = node.named_children
            place = _header(_keys(parts[0]), counts, is_item=node.type == "table_array_element")
            for length in range(1, len(place) + 1):
                yield place[:length], _line(node)
            for pair in parts[1:]:
                if pair.type == "pair":
                    yield from _pair(pair, place)


def _header(keys: Place, counts: dict[Place, int], *, is_item: bool) -> Place:
    """Return the place of a table; a key of an array of tables stands for its last item so far, or a new one."""
    place: Place = ()
    for number, key in enumerate(keys, 1):
        place = (*place, key)
        if is_item and number == len(keys):
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def _pair(node: Node, above: Place) -> Iterator[tuple[Place, int]]:
    key, value = (child for child in node.named_children if child.type != "comment")
    place = above
    for part in _keys(key):
        place = (*place, part)
        yield place, _line(node)
    yield from _value(value, place)


def _value(node: Node, place: Place) -> Iterator[tuple[Place, int]]:
    children = [child for child in node.named_children if child.type != "comment"]
    if node.type == "inline_table":
        for pair in children:
            yield from _pair(pair, place)
    elif node.type == "array":
        for number, item in enumerate(children):
            yield (*place, number), _line(item)
            yield from _value(item, (*place, number))


def _keys(node: Node) -> Place:
    """Return the parts of a key, which may be dotted and quoted."""
    content: object = tomllib.loads(f"{(node.text or b'').decode()} = 0")
    keys: Place = ()
    while isinstance(content, dict):
        [(key, content)] = content.items()
        keys = (*keys, key)
    return keys


def _line(node: Node) -> int:
    return node.start_point.row + 1
