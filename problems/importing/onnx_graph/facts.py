"""What is known about every tensor of a graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from math import prod
from operator import or_
from pathlib import Path
from typing import Any

import numpy.typing as npt
import onnx
from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, TypeProto, ValueInfoProto, helper, numpy_helper
from onnx.external_data_helper import load_external_data_for_tensor, uses_external_data

from problems.importing.onnx_graph.calls import Call, Operand, Shape

MOST_VALUES = 1024
"""Tensors with more elements are not evaluated: shapes, axes, limits and scales have fewer."""


GRAPHS = (AttributeProto.GRAPH, AttributeProto.GRAPHS)


class Facts:
    """The tensors that are visible, by name.

    Args:
        folder: Where the files with the model's weights are.
        dims: Sizes of named dimensions.
    """

    def __init__(self, folder: Path, dims: Mapping[str, int]) -> None:
        self._folder, self._dims = folder, dims
        self.types: dict[str, TypeProto] = {}
        self.values: dict[str, npt.NDArray[Any]] = {}
        self.constants: set[str] = set()
        self.sources: dict[str, int] = {}
        """The layers that a tensor comes from, as the bits of a number; every visible tensor has one."""
        self.blame: dict[str, str] = {}
        """The operator behind which a shape is unknown."""
        self.declared: dict[str, TypeProto] = {}
        """Types with all their extents, as the file states them."""

    def enter(self, graph: GraphProto) -> None:
        """Make the weights of ``graph`` visible, and its other inputs unless they are so already."""
        for tensor in graph.initializer:
            self.add_constant(tensor.name, tensor)
        for sparse in graph.sparse_initializer:
            self.add(sparse.values.name, _tensor_type(sparse.values.data_type, sparse.dims), constant=True)
        for value in graph.input:
            if value.name not in self.sources:
                self.add(value.name, value.type)
                if self.shape(value.name) is None:
                    self.blame[value.name] = f"the input {value.name}"
        for value in (*graph.value_info, *graph.output):
            self._declare(value)

    def add(self, name: str, type_: TypeProto | None, *, constant: bool = False, sources: int = 0) -> None:
        """Make a tensor visible."""
        self.types.pop(name, None)
        self.values.pop(name, None)
        self.blame.pop(name, None)
        self.constants.discard(name)
        self.sources[name] = sources
        if type_ is not None:
            self.types[name] = type_
        if constant:
            self.constants.add(name)

    def add_constant(self, name: str, tensor: TensorProto) -> None:
        """Make a tensor of the file visible, with its values if they are few."""
        self.add(name, _tensor_type(tensor.data_type, tensor.dims), constant=True)
        values = self._loaded(tensor) if prod(tensor.dims) <= MOST_VALUES else None
        if values is not None:
            self.values[name] = values

    def add_value(self, name: str, value: npt.NDArray[Any]) -> None:
        """Add what a visible tensor holds: it is a constant then, and has the shape of its value."""
        self.values[name] = value
        self.constants.add(name)
        self.types[name] = typed_like(self.types.get(name), value.shape)
        self.blame.pop(name, None)

    def copy(self, source: str, target: str) -> None:
        """Make the tensor ``source`` visible as ``target`` too."""
        if source == target:
            return
        self.add(target, self.types.get(source), constant=source in self.constants, sources=self.sources[source])
        if source in self.values:
            self.values[target] = self.values[source]
        if source in self.blame:
            self.blame[target] = self.blame[source]

    def shape(self, name: str) -> Shape | None:
        """The extents of a tensor, if all are known."""
        return shape_of(self.types.get(name))

    def operand(self, name: str) -> Operand | None:
        """What rules see of a tensor; None if it is left out."""
        if not name:
            return None
        return Operand(self.shape(name), name in self.constants, self.blame.get(name, ""))

    def _declare(self, value: ValueInfoProto) -> None:
        tensor = value.type.tensor_type
        dims = [self._dims.get(d.dim_param, -1) if d.dim_param else _extent(d) for d in tensor.shape.dim]
        if tensor.HasField("shape") and min(dims, default=0) >= 0:
            self.declared[value.name] = _tensor_type(tensor.elem_type, dims)

    def _loaded(self, tensor: TensorProto) -> npt.NDArray[Any] | None:
        """The values of a tensor; None if they are in a file that is not there."""
        try:
            if uses_external_data(tensor):
                load_external_data_for_tensor(tensor, str(self._folder))
                tensor.data_location = TensorProto.DEFAULT  # which older versions leave to the caller
            values: npt.NDArray[Any] = numpy_helper.to_array(tensor)
        except (KeyError, OSError, TypeError, ValueError, onnx.checker.ValidationError):
            return None
        return values


def shape_of(type_: TypeProto | None) -> Shape | None:
    """The extents that a type states, if it states all."""
    if type_ is None or not type_.tensor_type.HasField("shape"):
        return None
    dims = type_.tensor_type.shape.dim
    return tuple(d.dim_value for d in dims) if all(d.HasField("dim_value") for d in dims) else None


def typed_like(type_: TypeProto | None, shape: Shape) -> TypeProto:
    """The type of a tensor of ``shape`` with the elements of another."""
    return _tensor_type(type_.tensor_type.elem_type if type_ is not None else TensorProto.FLOAT, shape)


def call_of(name: str, node: NodeProto, facts: Facts) -> Call:
    """A node as rules see it; the shapes of its outputs are there once they have been added."""
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute if a.type not in GRAPHS}
    text = {key: value.decode(errors="replace") for key, value in attributes.items() if isinstance(value, bytes)}
    operands = tuple(facts.operand(name) for name in node.input)
    return Call(name, attributes | text, operands, tuple(facts.shape(name) for name in node.output))


def union(masks: Iterable[int]) -> int:
    """All bits that are in any of ``masks``."""
    return reduce(or_, masks, 0)


def used_names(node: NodeProto) -> Iterator[str]:
    """The tensors that a node takes, those that its subgraphs take from outside among them."""
    yield from (name for name in node.input if name)
    for graph in subgraphs(node):
        yield from _taken_from_outside(graph)


def subgraphs(node: NodeProto) -> Iterator[GraphProto]:
    """The graphs among a node's attributes."""
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPH:
            yield attribute.g
        elif attribute.type == AttributeProto.GRAPHS:
            yield from attribute.graphs


def _taken_from_outside(graph: GraphProto) -> Iterator[str]:
    made = {value.name for value in (*graph.input, *graph.initializer)}
    for node in graph.node:
        yield from (name for name in used_names(node) if name not in made)
        made.update(node.output)
    yield from (value.name for value in graph.output if value.name not in made)


def _extent(dim: Any) -> int:
    return dim.dim_value if dim.HasField("dim_value") else -1


def _tensor_type(element: int, dims: Iterable[int]) -> TypeProto:
    return helper.make_tensor_type_proto(element, list(dims))
