"""Types of what a node puts out.

ONNX infers them node by node from those of the inputs and from the values of small tensors (see ``values``). With the
extents of all inputs fixed, the chains of Shape, Gather, Concat, ... by which exporters compute the shapes of reshapes
become numbers this way. (Inference over the whole graph at once, ``data_prop`` included, loses them at the first
operator that it does not propagate: an export of PyTorch's own attention with open dimensions is an example.)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import NodeProto, TensorProto, TypeProto, defs, helper, numpy_helper, shape_inference

from problems.importing.onnx_graph.calls import LeftOut
from problems.importing.onnx_graph.contributed import SAME_SHAPE, SHAPES, STAND_INS
from problems.importing.onnx_graph.facts import (
    Facts,
    call_of,
    shape_of,
    subgraphs,
    typed_like,
    union,
    used_names,
)
from problems.importing.onnx_graph.operators import operator_name
from problems.importing.onnx_graph.values import RANDOM, values_of

ANYTHING = TypeProto(tensor_type=TypeProto.Tensor(elem_type=TensorProto.FLOAT))
"""The type of a tensor about which nothing is known; without it ONNX infers nothing at all."""

ELEMENTS: Mapping[str, type[np.generic]] = {
    "float": np.float32,
    "int64": np.int64,
    "bool": np.bool_,
    "uint8": np.uint8,
    "int8": np.int8,
    "int32": np.int32,
}
"""Types of elements, one of which nearly every input may have."""

SHAPES_DO_NOT_FIT = "ShapeInferenceError"
"""What stands in the message of ONNX's errors about shapes; it has other errors of the same class."""

Types = Mapping[str, TypeProto]
Values = Mapping[str, npt.NDArray[Any]]


class Inference:
    """Infers for the versions of the operator sets that a model imports.

    Args:
        versions: Version by domain.

    Attributes:
        misfits: The nodes so far whose inputs do not fit together, with their shapes.
    """

    def __init__(self, versions: Mapping[str, int]) -> None:
        self._version = versions.get("", 1)
        self.misfits: list[str] = []
        self._imports = [helper.make_opsetid(domain, version) for domain, version in versions.items()]

    def add_outputs(self, node: NodeProto, facts: Facts) -> None:
        """Make the outputs of ``node`` visible, with their types, values and sources as far as they are known."""
        name = operator_name(node.domain, node.op_type)
        tensor = next((attribute.t for attribute in node.attribute if attribute.name == "value"), None)
        if name == "Constant" and tensor is not None:
            facts.add_constant(node.output[0], tensor)
            return
        used = list(used_names(node))
        constant = name not in RANDOM and all(taken in facts.constants for taken in used)
        sources = union(facts.sources[taken] for taken in used)
        types, blame = self._types(name, node, facts)
        blame = next((facts.blame[taken] for taken in used if taken in facts.blame), blame)
        for output in filter(None, node.output):
            type_ = types.get(output)
            if shape_of(type_) is None:
                type_ = facts.declared.get(output, type_)
            facts.add(output, type_, constant=constant, sources=sources)
            if shape_of(type_) is None:
                facts.blame[output] = blame
        for output, value in values_of(name, node, facts, self._imports).items():
            facts.add_value(output, value)

    def _types(self, name: str, node: NodeProto, facts: Facts) -> tuple[Types, str]:
        """The types of the outputs, and whom to blame for those that are unknown."""
        first = facts.types.get(node.input[0]) if node.input else None
        if name in SAME_SHAPE and first is not None:
            return dict.fromkeys(node.output, first), name
        if name in SHAPES:
            try:
                return {node.output[0]: typed_like(first, SHAPES[name](call_of(name, node, facts)))}, name
            except LeftOut:
                return {}, name
        operator, inputs = STAND_INS.get(name, (name, slice(None)))
        schema = _schema(operator, self._version)
        if schema is None:
            return {}, name
        stands = NodeProto(op_type=schema.name, input=node.input[inputs], output=node.output)
        stands.attribute.extend(attribute for attribute in node.attribute if attribute.name in schema.attributes)
        try:
            types = self._infer(schema, stands, facts)
            fits = operator != "Reshape" or _reshapes(first, types.get(node.output[0]))
        except Exception as error:  # onnx raises InferenceError, ValidationError, RuntimeError and more
            types, fits = {}, SHAPES_DO_NOT_FIT not in str(error) or any(subgraphs(node))
        shapes = [facts.shape(used) for used in node.input if used]
        if fits or None in shapes:
            return types if fits else {}, name
        self.misfits.append(f"{name} {node.name!r} of {' and '.join(map(str, shapes))}")
        return {}, f"{name} {node.name!r}, whose inputs do not fit"

    def _infer(self, schema: defs.OpSchema, node: NodeProto, facts: Facts) -> Types:
        types = {name: facts.types.get(name, ANYTHING) for name in used_names(node)}
        values = {name: facts.values[name] for name in node.input if name in facts.values}
        try:
            return self._run(schema, node, types, values)
        except Exception as error:  # as above; element types are checked too, but are often unknown or quantised here
            if SHAPES_DO_NOT_FIT in str(error) or any(subgraphs(node)):
                raise
            return self._run(schema, node, *_retyped(schema, node, types, values))

    def _run(self, schema: defs.OpSchema, node: NodeProto, types: Types, values: Values) -> Types:
        data = {name: numpy_helper.from_array(value, name) for name, value in values.items()}
        inferred = shape_inference.infer_node_outputs(schema, node, dict(types), data, opset_imports=self._imports)
        return {name: type_ for name, type_ in inferred.items() if type_.WhichOneof("value")}


def _retyped(schema: defs.OpSchema, node: NodeProto, types: Types, values: Values) -> tuple[Types, Values]:
    """The inputs with elements that the operator takes, so that shapes are inferred whatever the elements are."""
    new_types, new_values = dict(types), dict(values)
    variables = {each.type_param_str: each.allowed_type_strs for each in schema.type_constraints}
    for index, name in enumerate(node.input):
        shape, formal = types.get(name), schema.inputs[min(index, len(schema.inputs) - 1)]
        allowed = variables.get(formal.type_str, [formal.type_str])
        taken = [dtype for element, dtype in ELEMENTS.items() if f"tensor({element})" in allowed]
        if shape is None or shape.WhichOneof("value") != "tensor_type" or not taken:
            continue
        new_types[name] = TypeProto()
        new_types[name].CopyFrom(shape)
        new_types[name].tensor_type.elem_type = helper.np_dtype_to_tensor_dtype(np.dtype(taken[0]))
        if name in values:
            new_values[name] = values[name].astype(taken[0])
    return new_types, new_values


def _reshapes(before: TypeProto | None, after: TypeProto | None) -> bool:
    """Whether both shapes hold as many elements, as far as is known; ONNX does not check."""
    old, new = shape_of(before), shape_of(after)
    return old is None or new is None or prod(old) == prod(new)


@cache
def _schema(name: str, version: int) -> defs.OpSchema | None:
    """The definition of an operator in a version of ONNX's operator set, or else in the newest."""
    domain, _, op_type = name.rpartition(".")
    for arguments in ((op_type, version, domain), (op_type, domain)):
        if domain and len(arguments) == 3:
            continue
        try:
            return defs.get_schema(*arguments)
        except defs.SchemaError:
            continue
    return None
