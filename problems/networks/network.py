"""The entry of one network in the table: how to generate it, and what is published about it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Integral
from typing import Literal, get_args

from bench.errors import InvalidInput, UnknownName
from problems.layers import Layer

Task = Literal["vision", "language", "recommendation"]


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network that can be generated, with the published figures that check the generator.

    Attributes:
        name: Unique in the table.
        task: The task whose groups draw jobs from it.
        build: The generator. Its positional parameters are the dimensions, with the benchmark's defaults and under
            the same names in all networks of a task; keyword-only ones are variants of this one network.
        source: The architecture, as "Name YEAR, table or section".
        figures: Where the published figures come from; if none are published, what the tests check instead.
        published_macs: Multiply-accumulates of one forward pass, or None.
        published_parameters: Trainable parameters, embeddings included, or None.
        published_at: Arguments of ``build`` at which the published figures hold, where they are not its defaults.
        embedding_parameters: Parameters of look-up tables, which no layer holds; None if the source leaves the
            vocabulary open.
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
        """The dimensions that ``layers`` takes, with their defaults."""
        parameters = inspect.signature(self.build).parameters.values()
        return {each.name: each.default for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD}

    def layers(self, **dims: int) -> tuple[Layer, ...]:
        """The layers, every one after those that it needs.

        Args:
            dims: Some of ``self.dims``; the others keep their defaults.

        Raises:
            UnknownName: If it has no such dimension.
            InvalidInput: If one is not an integer of at least 1, or the network's layers cannot be that small or large.
        """
        known = self.dims
        for name, value in dims.items():
            if name not in known:
                raise UnknownName(f"dimension of {self.name}", name, known)
            if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
                raise InvalidInput(f"{self.name}: {name}", expected="an integer of at least 1", actual=value)
        try:
            return self.build(**{name: int(value) for name, value in dims.items()})
        except InvalidInput as e:  # a layer's shape
            raise InvalidInput(f"{self.name}: {e.what}", expected=e.expected, actual=e.actual, hint=e.hint) from e
