"""The entry of one network in the table: how to generate it, and what is published about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from bench.errors import UnknownName
from problems.layers import Layer

Task = Literal["vision", "language", "recommendation"]


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network that can be generated, with the published figures that check the generator.

    Attributes:
        name: Unique in the table.
        task: The task whose groups draw jobs from it.
        build: Generates the layers; callable without arguments, its defaults are the benchmark's.
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
