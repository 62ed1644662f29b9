"""Types of the outputs of ``If``, ``Loop`` and ``Scan``, from those in their subgraphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from onnx import GraphProto, TensorProto

from problems.importing.onnx_graph.calls import Call
from problems.importing.onnx_graph.tensors import Type, tensor_type

Types = Sequence[Type | None]

InferGraph = Callable[[GraphProto, Types], Types]
"""Infers the types of the outputs of a subgraph from those of its inputs."""


ControlFlow = Callable[[Call, Sequence[GraphProto], InferGraph], Types]
"""Infers the types of the outputs of an operator with these subgraphs; may raise ``LeftOut``."""


def branched(call: Call, graphs: Sequence[GraphProto], infer: InferGraph) -> Types:
    """Infer the outputs of ``If``: what both branches have in common."""
    if len(graphs) != 2:
        return ()
    one, other = (infer(graph, ()) for graph in graphs)
    return [_common(*types) for types in zip(one, other, strict=False)]


def looped(call: Call, graphs: Sequence[GraphProto], infer: InferGraph) -> Types:
    """Infer the outputs of ``Loop``: states, whose extents may change; others are stacked, one for each step."""
    if len(graphs) != 1:
        return ()
    states = [_shapeless(operand.type) if operand else None for operand in call.operands[2:]]
    counters = tensor_type(TensorProto.INT64, ()), tensor_type(TensorProto.BOOL, ())
    made = infer(graphs[0], (*counters, *states))[1:]
    return [*map(_shapeless, made[: len(states)]), *(_stacked(type_, None) for type_ in made[len(states) :])]


def scanned(call: Call, graphs: Sequence[GraphProto], infer: InferGraph) -> Types:
    """Infer the outputs of ``Scan`` (version 9 on) along first axes: states keep their extents, others are stacked."""
    count = call.integer("num_scan_inputs")
    types = [operand.type if operand else None for operand in call.operands]
    elsewhere = any((*call.integers("scan_input_axes"), *call.integers("scan_output_axes")))
    if len(graphs) != 1 or len(graphs[0].input) != len(types) or elsewhere or not 0 < count <= len(types):
        return ()
    states, scans = types[:-count], types[-count:]
    made = infer(graphs[0], (*states, *map(_unstacked, scans)))
    steps = scans[0].dims[0] if scans[0] and scans[0].dims else None
    return [*states, *(_stacked(type_, steps) for type_ in made[len(states) :])]


CONTROL_FLOW: Mapping[str, ControlFlow] = {"If": branched, "Loop": looped, "Scan": scanned}


def _common(one: Type | None, other: Type | None) -> Type | None:
    if one is None or other is None or one.other or other.other:
        return one if one == other else None
    if one.dims is None or other.dims is None or len(one.dims) != len(other.dims):
        return _shapeless(one)
    return Type(one.element, tuple(a if a == b else None for a, b in zip(one.dims, other.dims, strict=True)))


def _shapeless(type_: Type | None) -> Type | None:
    return None if type_ is None else type_._replace(dims=None)


def _stacked(type_: Type | None, steps: int | None) -> Type | None:
    """Return the type of tensors of this type stacked along a new first axis."""
    return None if type_ is None or type_.dims is None else tensor_type(type_.element, (steps, *type_.dims))


def _unstacked(type_: Type | None) -> Type | None:
    return None if type_ is None or not type_.dims else type_._replace(dims=type_.dims[1:])
