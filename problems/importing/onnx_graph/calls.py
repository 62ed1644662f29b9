"""Argument and result of a rule: one operator of a graph, and its layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from onnx import AttributeProto, NodeProto

from problems.importing.onnx_graph.tensors import Fact, Shape, channels_first
from problems.layers import Layer


class LeftOut(Exception):
    """Raised for an operator that makes products but is not a layer.

    Args:
        reason: Why it is left out, for the list of such operators.
        macs: Multiply-accumulates of the operator; None if unknown.
    """

    def __init__(self, reason: str, macs: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.macs = reason, macs


@dataclass(frozen=True)
class Call:
    """An operator with what is known about its inputs and outputs; an omitted input is None."""

    operator: str
    attributes: Mapping[str, object]
    operands: tuple[Fact | None, ...]
    results: tuple[Shape | None, ...] = ()

    def with_channels_first(self) -> Call:
        """Return the call with first input and first output converted from (N, ..., C) to (N, C, ...)."""
        operands, results = list(self.operands), list(self.results)
        if operands and (first := operands[0]) and first.type:
            operands[0] = first._replace(type=first.type.turned(channels_first))
        if results and (shape := results[0]):
            results[0] = channels_first(shape)
        return replace(self, operands=tuple(operands), results=tuple(results))

    def has(self, index: int) -> bool:
        """Return whether there is an input with this index."""
        return index < len(self.operands) and self.operands[index] is not None

    def shape(self, index: int) -> Shape:
        """Return the shape of an input.

        Raises:
            LeftOut: If the input is missing or its shape unknown.
        """
        operand = self.operands[index] if self.has(index) else None
        if operand is None:
            raise LeftOut("an input is missing")
        if operand.shape is None:
            raise LeftOut(f"the shape of an input is unknown, behind {operand.blame}")
        return operand.shape

    def result(self, index: int) -> Shape:
        """Return the shape of an output.

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
        """Return an integer attribute, or ``default`` if it is missing.

        Raises:
            LeftOut: If it is of another type.
        """
        value = self.attributes.get(name, default)
        if not isinstance(value, int):
            raise LeftOut(f"its attribute {name} is no integer")
        return value

    def integers(self, name: str) -> tuple[int, ...]:
        """Return an attribute that is a list of integers; () if it is missing.

        Raises:
            LeftOut: If it is of another type.
        """
        values = self.attributes.get(name, ())
        if not isinstance(values, list | tuple) or not all(isinstance(value, int) for value in values):
            raise LeftOut(f"its attribute {name} is no list of integers")
        return tuple(values)

    def constant(self, index: int) -> bool:
        """Return whether an input is the same in every run."""
        operand = self.operands[index] if self.has(index) else None
        return operand is not None and operand.constant


def attributes_of(node: NodeProto) -> dict[str, object]:
    """Return a node's attributes: numbers, texts, and tuples of numbers; references to a function's are omitted."""
    return {each.name: _value(each) for each in node.attribute if not each.ref_attr_name}


def _value(attribute: AttributeProto) -> object:
    """Return the value of an attribute; None for a tensor or graph. The oldest files do not state the type."""
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
    """The layer, or one of the layers, of an operator.

    Attributes:
        layer: The layer; its name is a suffix to the operator's name, often empty, and its ``after`` is set later.
        operands: Indices of the operator's inputs that it needs; None means all.
        parts: Indices of the earlier parts that it needs.
    """

    layer: Layer
    operands: tuple[int, ...] | None = None
    parts: tuple[int, ...] = ()


Rule = Callable[[Call], tuple[Part, ...]]
"""Returns the layers of an operator, none if it makes no products.

Raises:
    LeftOut: If it makes products but is not a layer.
"""

MISFIT = "the shapes of its inputs do not fit"
EMPTY = "one of its extents is 0"
FOLDED = "its inputs are the same in every run, so that it is computed once"


def refuse_folded(call: Call, first: int, second: int) -> None:
    """Raise if both inputs are constants.

    Raises:
        LeftOut: If so; with 0 multiply-accumulates, since a run makes none.
    """
    if call.constant(first) and call.constant(second):
        raise LeftOut(FOLDED, 0)
