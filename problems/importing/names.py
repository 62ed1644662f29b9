"""Unique names for imported layers."""

from __future__ import annotations


class UniqueNames:
    """Makes each name different from all earlier ones: the second ``conv`` becomes ``conv#2``."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def take(self, name: str) -> str:
        """Return ``name``, or the first of ``name#2``, ``name#3``, ... that is free."""
        count = self._counts.get(name, 0) + 1
        unique = name if count == 1 else f"{name}#{count}"
        while unique in self._counts:
            count += 1
            unique = f"{name}#{count}"
        self._counts[name] = count
        self._counts.setdefault(unique, 1)
        return unique
