"""What a rule gets and gives: one operator of a graph, and the layers that it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from problems.layers import Layer

Shape = tuple[int, ...]


class LeftOut(Exception):
    """An operator is no layer.

    Args:
        reason: Why, for the list of what was left out.
        macs: Its multiply-accumulates; None if unknown.
    """

    def __init__(self, reason: str, macs: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.macs = reason, macs


@dataclass(frozen=True)
class Operand:
    """An input of an operator.

    Attributes:
        shape: Its extents, or None.
        constant: Whether it is the same in every run: weights, and what is computed from them or from shapes.
        blame: The operator behind which its shape is unknown.
    """

    shape: Shape | None
    constant: bool
    blame: str = ""


@dataclass(frozen=True)
class Call:
    """An operator with what is known about its inputs and outputs; an input that is left out is None."""

    operator: str
    attributes: Mapping[str, Any]
    operands: tuple[Operand | None, ...]
    results: tuple[Shape | None, ...] = ()

    def has(self, index: int) -> bool:
        """Whether there is an input with that index."""
        return index < len(self.operands) and self.operands[index] is not None

    def shape(self, index: int) -> Shape:
        """The shape of an input.

        Raises:
            LeftOut: If it is not there or its shape is unknown.
        """
        operand = self.operands[index] if self.has(index) else None
        if operand is None:
            raise LeftOut("an input is missing")
        if operand.shape is None:
            raise LeftOut(f"the shape of an input is unknown, behind {operand.blame}")
        return operand.shape

    def result(self, index: int) -> Shape:
        """The shape of an output.

        Raises:
            LeftOut: If it is unknown.
        """
        shape = self.results[index]
        if shape is None:
            raise LeftOut("the shape of the output is unknown")
        return shape

    def integer(self, name: str, default: int = 0) -> int:
        """The value of an attribute.

        Raises:
            LeftOut: If it is something else.
        """
        value = self.attributes.get(name, default)
        if not isinstance(value, int):
            raise LeftOut(f"its attribute {name} is no integer")
        return value

    def integers(self, name: str) -> tuple[int, ...]:
        """The values of an attribute; none if it is not there.

        Raises:
            LeftOut: If they are something else.
        """
        values = self.attributes.get(name, ())
        if not isinstance(values, list | tuple) or not all(isinstance(value, int) for value in values):
            raise LeftOut(f"its attribute {name} is no list of integers")
        return tuple(values)

    def constant(self, index: int) -> bool:
        """Whether an input is the same in every run."""
        operand = self.operands[index] if self.has(index) else None
        return operand is not None and operand.constant


@dataclass(frozen=True)
class Part:
    """A layer that an operator is, or one of several.

    Attributes:
        layer: Its name is what comes behind the operator's, often nothing; its ``after`` is filled in later.
        operands: The inputs of the operator that it needs; None means all.
        parts: The parts before it that it needs.
    """

    layer: Layer
    operands: tuple[int, ...] | None = None
    parts: tuple[int, ...] = ()


Rule = Callable[[Call], tuple[Part, ...]]
"""The layers of an operator, none if it makes no products.

Raises:
    LeftOut: If it makes products but is no layer.
"""

MISFIT = "the shapes of its inputs do not fit"
EMPTY = "one of its extents is 0"
FOLDED = "its inputs are the same in every run, so that it is computed once"


def refuse_folded(call: Call, first: int, second: int) -> None:
    """Leave the operator out if both inputs are constants.

    Raises:
        LeftOut: With no multiply-accumulates, since a run makes none.
    """
    if call.constant(first) and call.constant(second):
        raise LeftOut(FOLDED, 0)
