"""Reading TOML from users: every error names the file, the line and the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import Any

from bench.errors import InvalidInput, UnknownName


class TomlTable:
    """A parsed TOML file, or a table in it, whose values are taken out one by one, checked.

    Args:
        path: The file.

    Raises:
        InvalidInput: If it cannot be read or is no TOML (with its line).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text(encoding="utf-8-sig")
            self._content: dict[str, Any] = tomllib.loads(text)
        except OSError as error:
            raise InvalidInput(str(path), expected="a readable file", actual=error.strerror or str(error)) from error
        except RecursionError as error:
            raise InvalidInput(str(path), expected="TOML", actual="brackets nested too deeply") from error
        except ValueError as error:  # no TOML, no UTF-8, or a number of thousands of digits
            raise InvalidInput(str(path), expected="TOML", actual=_with_line_first(error)) from error
        self._prefix = ""
        self._lines = list(enumerate((line.split("#")[0] for line in text.splitlines()), 1))

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def check_keys(self, known: Mapping[str, Any]) -> None:
        """Refuse keys that are not ``known``.

        Raises:
            UnknownName: With the place and the nearest key.
        """
        for key in self._content:
            if key not in known:
                raise UnknownName(f"key in {self.where(key)}:", key, known)

    def take(self, key: str, types: type | tuple[type, ...], expected: str, default: Any = None) -> Any:
        """The value of ``key``, or ``default`` if it is not there and there is one.

        Raises:
            InvalidInput: If the key is missing without a default, or its value of another type.
        """
        if key not in self._content:
            if default is None:
                place = self.where("") if self._prefix else str(self.path)
                raise InvalidInput(f"{place}: {self._prefix}{key}", expected=expected, actual="no such key")
            return default
        value = self._content[key]
        allowed = types if isinstance(types, tuple) else (types,)
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            raise self.error(key, expected, repr(value))
        return value

    def take_tables(self, key: str, expected: str) -> list[TomlTable]:
        """The tables of the array ``key``; their errors tell their own lines.

        Raises:
            InvalidInput: If there is no such array, or something in it is no table.
        """
        items = self.take(key, list, expected)
        if not all(isinstance(item, dict) for item in items):
            raise self.error(key, expected, next(item for item in items if not isinstance(item, dict)))
        return [self._item(key, index, item) for index, item in enumerate(items)]

    def _item(self, key: str, index: int, content: dict[str, Any]) -> TomlTable:
        """The view of one table of an array: its content, and its lines as far as they can be told."""
        table = copy(self)
        table._content, table._prefix = content, f"{self._prefix}{key}[{index}]."
        header = re.compile(rf"\s*\[\[\s*{re.escape(key)}\s*\]\]")
        starts = [place for place, (_, line) in enumerate(self._lines) if header.match(line)]
        if starts:
            ends = [*starts[1:], len(self._lines)]
            table._lines = self._lines[starts[index] : ends[index]]
        else:
            table._lines = _inline_table(self._lines, key, index)
        return table

    def overlaid(self, key: str, known: Mapping[str, Any]) -> TomlTable:
        """The view in which what the table ``key`` holds stands for what this one holds under the same names.

        Raises:
            InvalidInput: If there is no such table.
            UnknownName: If it has a key that is not ``known``.
        """
        own = self.take(key, dict, f"a table [{key}]")
        header = next(
            (place for place, (_, line) in enumerate(self._lines) if re.match(rf"\s*\[\s*{key}\s*\]", line)), 0
        )
        table = copy(self)
        table._content, table._lines = own, self._lines[header:]
        table.check_keys(known)
        table._content, table._lines = {**self._content, **own}, self._lines[header:] + self._lines[:header]
        return table

    def error(self, key: str, expected: str, actual: object, hint: str = "") -> InvalidInput:
        """The error that ``key`` does not hold what was expected."""
        return InvalidInput(f"{self.where(key)}: {self._prefix}{key}", expected=expected, actual=actual, hint=hint)

    def where(self, text: str) -> str:
        """File and line of the first line that holds ``text`` as a word; a table's first if there is none."""
        if not text:
            return f"{self.path}, line {self._lines[0][0]}" if self._lines else str(self.path)
        word = rf"(?<![\w-]){re.escape(text)}(?![\w-])"
        for pattern in (rf"{word}[\"']?\s*(=|\]\])", word):  # rather a key than a word in a value
            for number, line in self._lines:
                if re.search(pattern, line):
                    return f"{self.path}, line {number}"
        return f"{self.path}, line {self._lines[0][0]}" if self._prefix and self._lines else str(self.path)


def _inline_table(lines: list[tuple[int, str]], key: str, index: int) -> list[tuple[int, str]]:
    """The lines of the ``index``-th table between braces behind ``key``."""
    begun = False
    count = -1
    found: list[tuple[int, str]] = []
    for number, line in lines:
        begun = begun or re.match(rf"\s*{re.escape(key)}\s*=", line) is not None
        if not begun:
            continue
        for part in re.split(r"(?=\{)", line):
            count += part.startswith("{")
            if count == index:
                found.append((number, part))
    return found


def _with_line_first(error: Exception) -> str:
    """``line 3, column 5: Invalid value`` from ``Invalid value (at line 3, column 5)``."""
    match = re.fullmatch(r"(.*) \(at (.*)\)", str(error))
    return f"{match[2]}: {match[1]}" if match else str(error)
