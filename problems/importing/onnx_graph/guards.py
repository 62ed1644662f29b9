"""Guards that keep the library from hanging or crashing on nodes that no valid model has.

Its inference is compiled code, which trusts the node for these operators: a shape of 2**40 numbers becomes as
many dimensions, an axis out of range ends the process. ``Einsum``, where two ellipses in a term cause an endless loop,
is never passed to it (see ``einsums``), nor are nodes with subgraphs, which could contain the other operators.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from problems.importing.onnx_graph.calls import Call
from problems.importing.onnx_graph.tensors import MOST_DIMENSIONS


def is_safe(call: Call) -> bool:
    """Return whether a node may be passed to the library."""
    return call.operator not in GUARDS or GUARDS[call.operator](call)


def _axis_in_range(call: Call) -> bool:
    dims = _dims(call, 0)
    axis = call.attributes.get("axis", -1)
    return dims is not None and isinstance(axis, int) and -len(dims) <= axis < len(dims)


def _few_dimensions(call: Call) -> bool:
    """Return whether the second input, a shape, has no more numbers than a tensor may have dimensions."""
    return all(dim is None or dim <= MOST_DIMENSIONS for dim in _dims(call, 1) or ())


def _batch_in_range(call: Call) -> bool:
    batch = call.attributes.get("batch_dims", 0)
    return isinstance(batch, int) and 0 <= batch <= MOST_DIMENSIONS


def _parts_counted(call: Call) -> bool:
    outputs = len(call.results)
    return call.attributes.get("num_outputs", outputs) == outputs


def _dims(call: Call, index: int) -> tuple[int | None, ...] | None:
    operand = call.operands[index] if call.has(index) else None
    return operand.type.dims if operand is not None and operand.type is not None else None


GUARDS: Mapping[str, Callable[[Call], bool]] = {
    "Expand": _few_dimensions,
    "GatherND": _batch_in_range,
    "LayerNormalization": _axis_in_range,
    "Split": _parts_counted,
}
