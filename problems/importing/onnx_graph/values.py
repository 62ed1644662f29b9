"""Values of a node's outputs, as far as shapes may depend on them, from ONNX's reference implementation."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from math import prod

import numpy as np
from onnx import NodeProto, OperatorSetIdProto, helper
from onnx.reference import ReferenceEvaluator

from problems.importing.onnx_graph.calls import Call
from problems.importing.onnx_graph.tensors import MOST_VALUES, Fact, Shape, Type, Value

RANDOM = frozenset(
    ("Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike")
)
"""Operators whose outputs differ from run to run."""

OF_DATA = frozenset(("Compress", "NonZero", "Unique"))
"""Operators whose output shapes depend on values; the outputs are never larger than the inputs."""

MOST_TAKEN = 16 * MOST_VALUES
"""Most elements, in all inputs together, of an operator that is evaluated."""

BOUNDED = """
    Abs Add And ArgMax ArgMin BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Clip Concat
    Constant ConstantOfShape CumSum Div Equal Exp Expand Flatten Floor Gather GatherElements GatherND Greater
    GreaterOrEqual Identity IsInf IsNaN Less LessOrEqual Log Max Mean Min Mod Mul Neg Not Or Pow Range Reciprocal
    ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum Relu Reshape Round ScatterElements ScatterND Sign Slice Split
    Sqrt Squeeze Sub Sum Transpose Unsqueeze Where Xor
"""
EVALUATED = OF_DATA | frozenset(BOUNDED.split())
"""Operators whose work is bounded by the sizes of their inputs and outputs: those used to compute shapes."""


def values_of(
    call: Call, node: NodeProto, types: Sequence[Type | None], imports: Sequence[OperatorSetIdProto]
) -> tuple[Value | None, ...]:
    """Return the values of the outputs with the types ``types``, where they are few and known."""
    nothing = (None,) * len(types)
    if call.operator in ("Shape", "Size"):
        return (_extents(call), *nothing[1:]) if types else nothing
    inputs = {name: fact for name, fact in zip(node.input, call.operands, strict=True) if fact is not None}
    outputs = {name: type_ for name, type_ in zip(node.output, types, strict=True) if name}
    if call.operator not in EVALUATED or not outputs or not _is_bounded(call, inputs.values(), outputs.values()):
        return nothing
    function = helper.make_function("m3e", "node", list(inputs), list(outputs), [node], list(imports))
    values = {name: fact.value.array.copy() for name, fact in inputs.items() if fact.value is not None}
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            results = ReferenceEvaluator(function).run(list(outputs), values, attributes={})
    except Exception:  # whatever the reference implementation raises: the values stay unknown
        return nothing
    few = {name: value for name, value in zip(outputs, results, strict=True) if _is_small(value)}
    return tuple(Value.of(few[name]) if name in few else None for name in node.output)


def _is_bounded(call: Call, inputs: Iterable[Fact], outputs: Iterable[Type | None]) -> bool:
    """Return whether all inputs are known, and neither they nor the outputs are large."""
    if any(fact.value is None for fact in inputs) or (call.operator == "Range" and not _is_short(call)):
        return False
    made = 0 if call.operator in OF_DATA else sum(_room(type_.shape if type_ else None) for type_ in outputs)
    return made <= MOST_VALUES and sum(_room(fact.shape) for fact in inputs) <= MOST_TAKEN


def _room(shape: Shape | None) -> int:
    """Return an upper bound of the elements in intermediate results, where an extent of 0 may not count yet."""
    return MOST_TAKEN + 1 if shape is None else prod(max(extent, 1) for extent in shape)


def _is_short(call: Call) -> bool:
    """Return whether a ``Range`` has few elements; ONNX's own count overflows."""
    numbers = [fact.value.array for fact in call.operands if fact is not None and fact.value is not None]
    if len(numbers) != 3 or any(number.size != 1 for number in numbers):
        return False
    start, limit, delta = (float(number.item()) for number in numbers)
    return delta != 0 and (limit - start) / delta <= MOST_VALUES


def _is_small(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.size <= MOST_VALUES


def _extents(call: Call) -> Value | None:
    """Return the value of a Shape or Size operator."""
    shape = call.operands[0].shape if call.has(0) and call.operands[0] else None
    start, end = call.attributes.get("start", 0), call.attributes.get("end", 2**63 - 1)
    if shape is None or not isinstance(start, int) or not isinstance(end, int):
        return None
    numbers = prod(shape) if call.operator == "Size" else shape[start:end]
    try:
        return Value.of(np.array(numbers, dtype=np.int64))
    except OverflowError:
        return None
