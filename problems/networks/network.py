"""The table entry of a network: its generator and its published figures."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Literal, get_args

from problems.foundation.checks import check_integer
from problems.foundation.errors import InvalidInput, UnknownName
from problems.layers import Layer
from problems.passes import Passes

Task = Literal["vision", "language", "recommendation"]

ITEMS: Mapping[Task, tuple[str, tuple[str, ...]]] = {
    "vision": ("images", ("batch",)),
    "language": ("tokens", ("batch", "sequence_length")),
    "recommendation": ("samples", ("batch",)),
}
"""What a pass of a task's networks yields, and the dimensions whose product says how many."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network that can be generated, with the published figures that check the generator.

    Attributes:
        name: Name, unique in the table.
        task: Task whose groups draw jobs from the network.
        build: Generator. Its positional parameters are the dimensions, with the benchmark's defaults and with
            the same names in all networks of a task; keyword-only ones are variants of this one network.
        source: Source of the architecture, as "Name YEAR, table or section".
        figures: Source of the published figures; if none are published, what the tests check instead.
        published_macs: Published multiply-accumulates of one forward pass, or None.
        published_parameters: Published number of trainable parameters, embeddings included, or None.
        published_at: Arguments of ``build`` for which the published figures hold, where they are not its defaults.
        embedding_parameters: Parameters of look-up tables, which no layer contains; None if the source does not state
            the vocabulary.

    Raises:
        UnknownName: If there is no such task.
    """

    name: str
    task: Task
    build: Callable[..., tuple[Layer, ...]]
    source: str
    figures: str
    published_macs: int | None = None
    published_parameters: int | None = None
    published_at: Mapping[str, int] = field(default_factory=dict, hash=False)
    embedding_parameters: int | None = 0

    def __post_init__(self) -> None:
        if self.task not in get_args(Task):
            raise UnknownName("task", self.task, get_args(Task))

    @property
    def dims(self) -> Mapping[str, int]:
        """Dimensions that ``layers`` takes, with their defaults."""
        parameters = inspect.signature(self.build).parameters.values()
        return {each.name: each.default for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD}

    def passes(self, **dims: int) -> Passes:
        """Return what one pass at these dimensions yields: images, tokens or samples."""
        unit, factors = ITEMS[self.task]
        at = {**self.dims, **dims}
        return Passes(items=prod(int(at[name]) for name in factors), unit=unit)

    def layers(self, **dims: int) -> tuple[Layer, ...]:
        """Generate the layers, each after those that it needs.

        Args:
            dims: Some of ``self.dims``; the others keep their defaults.

        Raises:
            UnknownName: If the network has no such dimension.
            InvalidInput: If a value is not an integer of at least 1, or too small or large for the network's layers.
        """
        known = self.dims
        for name, value in dims.items():
            if name not in known:
                raise UnknownName(f"dimension of {self.name}", name, known)
            check_integer(f"{self.name}: {name}", value, 1)
        try:
            return self.build(**{name: int(value) for name, value in dims.items()})
        except InvalidInput as e:  # a layer's shape
            raise InvalidInput(f"{self.name}: {e.what}", expected=e.expected, actual=e.actual, hint=e.hint) from e
