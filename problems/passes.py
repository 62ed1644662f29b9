"""How often a workload runs a network, and what one pass of it yields."""

from __future__ import annotations

import re
from dataclasses import dataclass

from problems.foundation.checks import check_above_zero, check_integer
from problems.foundation.errors import InvalidInput
from problems.names import check_name

_NUMBER = re.compile(r"#[0-9]+\Z")

MOST_PASSES = 10_000
"""Most passes of a network in one group."""

UNIT = "passes"
"""What a pass yields if nobody says so: itself."""


@dataclass(frozen=True)
class Passes:
    """The passes of a network that are mapped together.

    Attributes:
        count: Number of passes in the group.
        items: How many items one pass yields, e.g. 4 for a batch of 4 images.
        unit: What the items are, in the plural.
        per_second: Passes per second that are asked for, or None.

    Raises:
        InvalidInput: If a value is out of range.
    """

    count: int = 1
    items: int = 1
    unit: str = UNIT
    per_second: float | None = None

    def __post_init__(self) -> None:
        check_integer("passes: count", self.count, 1, MOST_PASSES)
        check_integer("passes: items", self.items, 1)
        check_name("passes: unit", self.unit)
        if not self.unit:
            raise InvalidInput("passes: unit", expected="a word, e.g. 'images'", actual="none")
        if self.per_second is not None:
            check_above_zero("passes: per_second", self.per_second)

    @property
    def yields(self) -> str:
        """What one pass yields, e.g. ``4 images`` or ``1 image``; "" if nobody says so."""
        if self.unit == UNIT:
            return ""
        noun, _, rest = self.unit.partition(" ")
        return f"{self.items:,} {noun.removesuffix('s') if self.items == 1 else noun} {rest}".rstrip()

    def names(self, network: str) -> list[str]:
        """Return the names of the passes: the network's, or if there are several ``network#1``, ``network#2``, ..."""
        return [network] if self.count == 1 else [f"{network}#{number + 1}" for number in range(self.count)]


def without_number(name: str) -> str:
    """Return the network of which ``name`` may be a numbered pass."""
    return _NUMBER.sub("", name)
