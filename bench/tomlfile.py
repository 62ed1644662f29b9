"""Reading TOML from users: every error names the file, the line and the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.errors import InvalidInput, UnknownName


class TomlTable:
    """A parsed TOML file whose values are taken out one by one, checked.

    Args:
        path: The file.

    Raises:
        InvalidInput: If it cannot be read or is no TOML (with its line).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._text = path.read_text(encoding="utf-8")
            self._content: dict[str, Any] = tomllib.loads(self._text)
        except OSError as error:
            raise InvalidInput(str(path), expected="a readable file", actual=error.strerror or str(error)) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidInput(str(path), expected="TOML", actual=_with_line_first(error)) from error

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
                raise InvalidInput(f"{self.path}: {key}", expected=expected, actual="no such key")
            return default
        value = self._content[key]
        allowed = types if isinstance(types, tuple) else (types,)
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            raise self.error(key, expected, value)
        return value

    def error(self, key: str, expected: str, actual: object, hint: str = "") -> InvalidInput:
        """The error that ``key`` does not hold what was expected."""
        return InvalidInput(f"{self.where(key)}: {key}", expected=expected, actual=actual, hint=hint)

    def where(self, text: str) -> str:
        """File and line of the first line that holds ``text`` as a word."""
        for number, line in enumerate(self._text.splitlines(), 1):
            if re.search(rf"(?<![\w-]){re.escape(text)}(?![\w-])", line.split("#")[0]):
                return f"{self.path}, line {number}"
        return str(self.path)


def _with_line_first(error: Exception) -> str:
    """``line 3, column 5: Invalid value`` from ``Invalid value (at line 3, column 5)``."""
    match = re.fullmatch(r"(.*) \(at (.*)\)", str(error))
    return f"{match[2]}: {match[1]}" if match else str(error)
