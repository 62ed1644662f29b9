"""Reading TOML from users: every error names the file, the line and the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from problems.foundation.errors import InvalidInput, UnknownName
from problems.foundation.files import MOST_TEXT_BYTES, read_text
from problems.foundation.toml_lines import Place, lines_of

T = TypeVar("T")


class TomlTable:
    """A table of a TOML file, whose values are taken one by one, checked.

    Attributes:
        path: Path of the file.
        text: Its content.
    """

    def __init__(self, path: Path, text: str, content: Mapping[str, object], places: Mapping[str, Place]) -> None:
        self.path, self.text, self._content = path, text, content
        self._places = places
        """Where the table stands, under ""; under a key where it stands, if that is elsewhere."""

    @classmethod
    def read(cls, path: Path, most: int = MOST_TEXT_BYTES) -> TomlTable:
        """Read a file of at most ``most`` bytes.

        Raises:
            InvalidInput: If it cannot be read or is not TOML (with the line).
        """
        text = read_text(path, most)
        try:
            return cls(path, text, tomllib.loads(text), {"": ()})
        except RecursionError as error:
            raise InvalidInput(str(path), expected="TOML", actual="brackets nested too deeply") from error
        except ValueError as error:  # no TOML, or a number of thousands of digits
            raise InvalidInput(str(path), expected="TOML", actual=_with_line_first(error)) from error

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def check_keys(self, known: Iterable[str]) -> None:
        """Raise for keys that are not ``known``.

        Raises:
            UnknownName: With the place and the nearest key.
        """
        for key in self._content:
            if key not in known:
                raise UnknownName(f"key in {self.where(key)}:", key, known)

    def take(self, key: str, kind: type[T] | tuple[type[T], ...], expected: str, default: T | None = None) -> T:
        """Return the value of ``key``; if it is missing, ``default``.

        Raises:
            InvalidInput: If the key is missing without a default, or its value has another type.
        """
        if key not in self._content:
            if default is None:
                place = self.where() if self._places[""] else str(self.path)
                raise InvalidInput(f"{place}: {self._named(key)}", expected=expected, actual="no such key")
            return default
        value, kinds = self._content[key], kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise self.error(key, expected, repr(value))
        return value

    def take_tables(self, key: str, expected: str) -> list[TomlTable]:
        """Return the tables of the array ``key``.

        Raises:
            InvalidInput: If there is no such array, or an item is not a table.
        """
        items = self.take(key, list, expected)
        for number, item in enumerate(items):
            if not isinstance(item, dict):
                raise self.error(key, expected, item, item=number)
        return [self.item(key, number) for number in range(len(items))]

    def item(self, key: str, number: int) -> TomlTable:
        """Return an item of the array ``key`` that is a table; its errors name its own lines."""
        items = self._content[key]
        assert isinstance(items, list), "the caller has looked"
        return TomlTable(self.path, self.text, items[number], {"": (*self._place(key), number)})

    def table(self, key: str) -> TomlTable:
        """Return the sub-table ``key``; its errors name its own lines."""
        content = self._content[key]
        assert isinstance(content, dict), "the caller has looked"
        return TomlTable(self.path, self.text, content, {"": self._place(key)})

    def overlaid(self, key: str, known: Iterable[str]) -> TomlTable:
        """Return this table with its sub-table ``key`` laid over it.

        Raises:
            InvalidInput: If there is no such table.
            UnknownName: If it has a key that is not ``known``.
        """
        content = self.take(key, dict, f"a table [{key}]")
        place = self._place(key)
        TomlTable(self.path, self.text, content, {"": place}).check_keys(known)
        places = {name: (*place, name) for name in content}
        return TomlTable(self.path, self.text, {**self._content, **content}, {**self._places, **places})

    def error(
        self, key: str, expected: str, actual: object, hint: str = "", *, item: int | None = None
    ) -> InvalidInput:
        """Return the error that ``key``, or an item of its array, is not what was expected."""
        items = () if item is None else (item,)
        what = f"{self.where(key, *items)}: {self._named(key, *items)}"
        return InvalidInput(what, expected=expected, actual=actual, hint=hint)

    def where(self, key: str = "", *items: int) -> str:
        """Return the file and line of a key, of items in its arrays, or without a key of the table itself."""
        lines, place = lines_of(self.text), (*self._place(key), *items)
        while place and place not in lines:
            place = place[:-1]
        return f"{self.path}, line {lines[place]}" if place else str(self.path)

    def _place(self, key: str) -> Place:
        return self._places[key] if key in self._places else (*self._places[""], key)

    def _named(self, key: str, *items: int) -> str:
        """Return the key with its table, or an item of its array: ``cores[0].pes``."""
        parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in (*self._places[""], key, *items)]
        return "".join(parts).removeprefix(".")


def _with_line_first(error: Exception) -> str:
    """Turn ``Invalid value (at line 3, column 5)`` into ``line 3, column 5: Invalid value``."""
    match = re.fullmatch(r"(.*) \(at (.*)\)", str(error))
    return f"{match[2]}: {match[1]}" if match else str(error)
