"""The table entry of a network: its generator and its published figures."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Literal, get_args, get_origin

from problems.foundation.checks import check_choice, check_integer
from problems.foundation.errors import InvalidInput, UnknownName
from problems.layers import Layer
from problems.passes import Passes

Task = Literal["vision", "language", "recommendation", "llm"]

MIXED: tuple[Task, ...] = ("vision", "language", "recommendation")
"""The paper's tasks, whose networks together are the task ``mix``."""

ITEMS: Mapping[str, tuple[str, tuple[str, ...]]] = {
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
            the same names in all networks of a task; one that chooses among words is annotated as their ``Literal``.
            Keyword-only parameters are variants of this one network.
        source: Source of the architecture, as "Name YEAR, table or section".
        figures: Source of the published figures; if none are published, what the tests check instead.
        published_macs: Published multiply-accumulates of one forward pass, or None.
        published_parameters: Published number of trainable parameters, embeddings included, or None.
        published_at: Arguments of ``build`` for which the published figures hold, where they are not its defaults.
        embedding_parameters: Parameters of look-up tables, which no layer contains; None if the source does not state
            the vocabulary.
        blocks: Number of equal blocks of the whole model, where the dimension ``blocks`` says how many are generated;
            else 1.

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
    published_at: Mapping[str, int | str] = field(default_factory=dict, hash=False)
    embedding_parameters: int | None = 0
    blocks: int = 1

    def __post_init__(self) -> None:
        if self.task not in get_args(Task):
            raise UnknownName("task", self.task, get_args(Task))

    @property
    def dims(self) -> Mapping[str, int | str]:
        """Dimensions that ``layers`` takes, with their defaults."""
        parameters = inspect.signature(self.build).parameters.values()
        return {each.name: each.default for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD}

    @property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """The words among which a dimension chooses, for those that are no integers."""
        parameters = inspect.signature(self.build, eval_str=True).parameters.values()
        return {each.name: get_args(each.annotation) for each in parameters if get_origin(each.annotation) is Literal}

    def passes(self, **dims: int | str) -> Passes:
        """Return what one pass at these dimensions yields: images, tokens or samples."""
        at = {**self.dims, **dims}
        if self.task == "llm":
            return self._served(at)
        unit, factors = ITEMS[self.task]
        return Passes(items=prod(int(at[name]) for name in factors), unit=unit)

    def _served(self, at: Mapping[str, int | str]) -> Passes:
        """Return the tokens that a language model reads or generates; some of its blocks do not bring them far."""
        read = int(at["context_length"]) if at["phase"] == "prefill" else 1
        part = "" if at["blocks"] == self.blocks else f" through {at['blocks']} of {self.blocks} blocks"
        return Passes(items=int(at["batch"]) * read, unit=f"tokens{part}")

    def layers(self, **dims: int | str) -> tuple[Layer, ...]:
        """Generate the layers, each after those that it needs.

        Args:
            dims: Some of ``self.dims``; the others keep their defaults.

        Raises:
            UnknownName: If the network has no such dimension.
            InvalidInput: If a value is neither an integer of at least 1 nor, where words are asked for, one of them; or
                too small or large for the network's layers.
        """
        checked = {name: self._checked(name, value) for name, value in dims.items()}
        try:
            return self.build(**checked)
        except InvalidInput as e:  # a layer's shape
            raise InvalidInput(f"{self.name}: {e.what}", expected=e.expected, actual=e.actual, hint=e.hint) from e

    def _checked(self, name: str, value: object) -> int | str:
        if name not in self.dims:
            raise UnknownName(f"dimension of {self.name}", name, self.dims)
        what = f"{self.name}: {name}"
        return check_choice(what, value, self.choices[name]) if name in self.choices else check_integer(what, value, 1)
