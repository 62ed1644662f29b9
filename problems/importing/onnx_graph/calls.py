"""What a rule gets and gives: one operator of a graph, and the layers that it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from onnx import AttributeProto, NodeProto

from problems.importing.onnx_graph.tensors import Fact, Shape, channels_first
from problems.layers import Layer


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
class Call:
    """An operator with what is known about its inputs and outputs; an input that is left out is None."""

    operator: str
    attributes: Mapping[str, Any]
    operands: tuple[Fact | None, ...]
    results: tuple[Shape | None, ...] = ()

    def with_channels_first(self) -> Call:
        """The same with the first input as (N, C, ...) where it is (N, ..., C), and the first output likewise."""
        operands, results = list(self.operands), list(self.results)
        if operands and (first := operands[0]) and first.type:
            operands[0] = first._replace(type=first.type.turned(channels_first))
        if results and (shape := results[0]):
            results[0] = channels_first(shape)
        return replace(self, operands=tuple(operands), results=tuple(results))

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
        if index >= len(self.results):
            raise LeftOut("it has no output")
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


def attributes_of(node: NodeProto) -> dict[str, Any]:
    """The numbers and texts among a node's attributes; those that refer to a function's are as if not there."""
    return {each.name: _value(each) for each in node.attribute if not each.ref_attr_name}


def _value(attribute: AttributeProto) -> Any:
    """What an attribute holds; None if it is a tensor or a graph. The oldest files do not say what it is."""
    kinds = {AttributeProto.INT: "i", AttributeProto.FLOAT: "f", AttributeProto.STRING: "s"}
    lists = {AttributeProto.INTS: "ints", AttributeProto.FLOATS: "floats"}
    if attribute.type in lists:
        return tuple(getattr(attribute, lists[attribute.type]))
    field = kinds.get(attribute.type) or next((name for name in kinds.values() if attribute.HasField(name)), "")
    if not field:
        return tuple(attribute.ints) or None
    value = getattr(attribute, field)
    return value.decode(errors="replace") if isinstance(value, bytes) else value


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
