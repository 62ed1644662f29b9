"""What keeps the library from running away on nodes that no valid model has.

Its inference is compiled code, which for these operators takes the node's word: a shape of 2**40 numbers becomes as
many dimensions, an axis out of range ends the process. ``Einsum``, where two ellipses in a term are an endless loop,
is not given to it at all (see ``einsums``), nor is anything with subgraphs, where it would meet the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from problems.importing.onnx_graph.calls import Call
from problems.importing.onnx_graph.tensors import MOST_DIMENSIONS


def is_safe(call: Call) -> bool:
    """Whether the library may be given this node."""
    return call.operator not in GUARDS or GUARDS[call.operator](call)


def _axis_in_range(call: Call) -> bool:
    dims, axis = _dims(call, 0), call.attributes.get("axis", -1)
    return dims is not None and isinstance(axis, int) and -len(dims) <= axis < len(dims)


def _few_dimensions(call: Call) -> bool:
    """Whether the second input, a shape, has no more numbers than a tensor has dimensions."""
    return all(dim is None or dim <= MOST_DIMENSIONS for dim in _dims(call, 1) or ())


def _batch_in_range(call: Call) -> bool:
    batch = call.attributes.get("batch_dims", 0)
    return isinstance(batch, int) and 0 <= batch <= MOST_DIMENSIONS


def _parts_counted(call: Call) -> bool:
    outputs = len(call.results)
    return bool(call.attributes.get("num_outputs", outputs) == outputs)


def _dims(call: Call, index: int) -> tuple[int | None, ...] | None:
    operand = call.operands[index] if call.has(index) else None
    return operand.type.dims if operand is not None and operand.type is not None else None


GUARDS: Mapping[str, Callable[[Call], bool]] = {
    "Expand": _few_dimensions,
    "GatherND": _batch_in_range,
    "LayerNormalization": _axis_in_range,
    "Split": _parts_counted,
}
