"""Inference of the outputs of a node: types, and values of small tensors.

ONNX infers the types node by node from those of the inputs and from the values of small tensors (see ``values``). With
the extents of all inputs fixed, the chains of Shape, Gather, Concat, ... by which exporters compute the shapes of
reshapes become numbers this way. (Inference over the whole graph at once, even with ``data_prop``, loses them at the
first operator that it does not propagate; an export of PyTorch's own attention with open dimensions is an example.)

Networks repeat their blocks, and with them the questions, so the latest answers are cached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, repeat
from math import prod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from onnx import GraphProto, NodeProto, TensorProto, TypeProto, defs, helper, numpy_helper, shape_inference

from problems.importing.onnx_graph.calls import Call, LeftOut, attributes_of
from problems.importing.onnx_graph.contributed import SAME_SHAPE, SHAPES, STAND_INS, has_channels_last
from problems.importing.onnx_graph.control_flow import CONTROL_FLOW
from problems.importing.onnx_graph.facts import NOTHING, Facts
from problems.importing.onnx_graph.graphs import label, operator_name, refers, subgraphs, used_names
from problems.importing.onnx_graph.guards import is_safe
from problems.importing.onnx_graph.tensors import ANYTHING, Fact, Type, Value, channels_last, read_type, tensor_type
from problems.importing.onnx_graph.values import RANDOM, values_of

MOST_REMEMBERED = 1024
"""Number of cached answers, and most bytes of a node whose answer is cached."""

ELEMENTS: Mapping[str, type[np.generic]] = {
    "float": np.float32,
    "int64": np.int64,
    "bool": np.bool_,
    "uint8": np.uint8,
    "int8": np.int8,
    "int32": np.int32,
}
"""Element types, one of which nearly every input of an operator accepts."""

SHAPES_DO_NOT_FIT = "ShapeInferenceError"
"""Part of the message of ONNX's errors about shapes; other errors are of the same class."""


NEWEST = 2**31 - 1
"""The highest version that the library accepts; it stands for the newest."""

Types = Mapping[str, TypeProto]
Values = Mapping[str, npt.NDArray[np.generic]]


class Question(NamedTuple):
    """A node without the names of its tensors.

    Attributes:
        operator: Name of the operator with its domain.
        attributes: The attributes, serialised.
        inputs: Type and value of each input, as far as known; None for an omitted input.
        outputs: Whether each output exists.
    """

    operator: str
    attributes: tuple[bytes, ...]
    inputs: tuple[tuple[Type | None, Value | None] | None, ...]
    outputs: tuple[bool, ...]


class Answer(NamedTuple):
    """What is known about the first outputs of a node, in order; further outputs are unknown.

    Attributes:
        types: Types of the outputs.
        values: Values of the outputs.
        fits: Whether the inputs fit together, as far as they are known.
    """

    types: tuple[Type | None, ...] = ()
    values: tuple[Value | None, ...] = ()
    fits: bool = True


class Inference:
    """Infers outputs for the versions of the operator sets that a model imports.

    Args:
        versions: Version of the operator set of each domain.

    Attributes:
        misfit: First node whose inputs do not fit together, with their shapes; empty if there is none.
    """

    def __init__(self, versions: Mapping[str, int]) -> None:
        self._version = versions.get("", 1)
        self._imports = [helper.make_opsetid(domain, version) for domain, version in versions.items()]
        self._remembered = lru_cache(maxsize=MOST_REMEMBERED)(self._infer)
        self.misfit = ""

    def outputs(self, operator: str, node: NodeProto, taken: Sequence[Fact], facts: Facts) -> list[Fact]:
        """Infer what is known about the outputs of ``node`` with the inputs ``taken``, except their source layers."""
        if operator == "Constant" and (tensor := _constant(node)):
            return [NOTHING if index else facts.constant(tensor) for index in range(len(node.output))]
        answer = self._answer(operator, node, facts)
        constant = operator not in RANDOM and all(fact.constant for fact in taken)
        missing = next((fact.missing for fact in taken if fact.missing), "")
        blame = next((fact.blame for fact in taken if fact.shape is None), "")
        blame = blame or self._blame(operator, node, answer, facts, missing)
        types, values = chain(answer.types, repeat(None)), chain(answer.values, repeat(None))
        outputs = []
        for name, type_, value in zip(node.output, types, values, strict=False):
            if value is not None:
                outputs.append(Fact(tensor_type(type_.element if type_ else 0, value.shape), value, constant=True))
                continue
            if type_ is None or type_.shape is None:
                type_ = facts.declared.get(name, type_)
            outputs.append(Fact(type_, constant=constant, blame=blame, missing=missing if constant else ""))
        return outputs

    def _blame(self, operator: str, node: NodeProto, answer: Answer, facts: Facts, missing: str) -> str:
        """Describe the node as the reason for unknown shapes behind it."""
        if not answer.fits:
            shapes = [facts[name].shape for name in node.input if name]
            self.misfit = self.misfit or f"{label(node)} of {' and '.join(map(str, shapes))}"
            return f"{label(node)}, whose inputs do not fit"
        return f"{operator}, which needs the file {missing!r}, and that cannot be read" if missing else operator

    def _answer(self, operator: str, node: NodeProto, facts: Facts) -> Answer:
        if operator in CONTROL_FLOW or any(subgraphs(node)):
            return self._control_flow(operator, node, facts)
        if refers(node):
            return Answer()
        question = Question(
            operator,
            tuple(attribute.SerializeToString() for attribute in node.attribute),
            tuple((fact.type, fact.value) if fact else None for fact in facts.operands(node.input)),
            tuple(map(bool, node.output)),
        )
        return self._infer(question) if node.ByteSize() > MOST_REMEMBERED else self._remembered(question)

    def _control_flow(self, operator: str, node: NodeProto, facts: Facts) -> Answer:
        def infer(graph: GraphProto, types: Sequence[Type | None]) -> Sequence[Type | None]:
            with facts.scope():
                facts.enter(graph, types)
                for inner in graph.node:
                    taken = [facts[name] for name in used_names(inner)]
                    name = operator_name(inner.domain, inner.op_type)
                    for output, fact in zip(inner.output, self.outputs(name, inner, taken, facts), strict=True):
                        facts.add(output, fact)
                return [facts[value.name].type for value in graph.output]

        if operator not in CONTROL_FLOW:
            return Answer()
        misfit = self.misfit
        call = Call(operator, attributes_of(node), facts.operands(node.input))
        try:
            types = CONTROL_FLOW[operator](call, list(subgraphs(node)), infer)
        except LeftOut:
            types = ()
        self.misfit = misfit  # a misfit in a branch that is not taken does not matter
        return Answer(tuple(types))

    def _infer(self, question: Question) -> Answer:
        node, operands = _anonymous(question)
        call = Call(question.operator, attributes_of(node), operands, (None,) * len(question.outputs))
        last = has_channels_last(call.operator, call.attributes)
        call = call.with_channels_first() if last else call
        types, fits = self._types(call, node)
        if last and types and types[0]:
            types = (types[0].turned(channels_last), *types[1:])
        types = types[: len(question.outputs)] + (None,) * (len(question.outputs) - len(types))
        return Answer(types, values_of(call, node, types, self._imports), fits)

    def _types(self, call: Call, node: NodeProto) -> tuple[tuple[Type | None, ...], bool]:
        """Return the types of the outputs, and whether the inputs fit together as far as they are known."""
        first = call.operands[0].type if call.has(0) and call.operands[0] else None
        if call.operator in SAME_SHAPE and first is not None:
            return (first,) * len(node.output), True
        if call.operator in SHAPES:
            try:
                return (tensor_type(first.element if first else 0, SHAPES[call.operator](call)),), True
            except LeftOut:
                return (), True
        operator, chosen = STAND_INS.get(call.operator, (call.operator, slice(None)))
        schema = _schema(operator, NEWEST if call.operator in STAND_INS else self._version)
        stands = replace(call, operator=operator, operands=call.operands[chosen])
        if schema is None or not is_safe(stands):
            return (), True
        known = NodeProto(op_type=schema.name, input=node.input[chosen], output=node.output)
        known.attribute.extend(attribute for attribute in node.attribute if attribute.name in schema.attributes)
        try:
            types = self._inferred(schema, known, stands.operands)
            fits = operator != "Reshape" or _reshapes(first, types)
        except Exception as error:  # onnx raises InferenceError, ValidationError, RuntimeError and more
            types, fits = (), SHAPES_DO_NOT_FIT not in str(error)
        unknown = any(operand.shape is None for operand in call.operands if operand)
        return types if fits else (), fits or unknown

    def _inferred(
        self, schema: defs.OpSchema, node: NodeProto, operands: Sequence[Fact | None]
    ) -> tuple[Type | None, ...]:
        facts = {name: fact for name, fact in zip(node.input, operands, strict=True) if fact}
        types = {name: (fact.type or ANYTHING).proto for name, fact in facts.items()}
        values = {name: fact.value.array for name, fact in facts.items() if fact.value}
        try:
            return self._run(schema, node, types, values)
        except Exception as error:  # as above; ONNX also checks element types, here often unknown or quantised
            if SHAPES_DO_NOT_FIT in str(error):
                raise
            return self._run(schema, node, *_retyped(schema, node, types, values))

    def _run(self, schema: defs.OpSchema, node: NodeProto, types: Types, values: Values) -> tuple[Type | None, ...]:
        data = {name: numpy_helper.from_array(value, name) for name, value in values.items()}
        inferred = shape_inference.infer_node_outputs(schema, node, dict(types), data, opset_imports=self._imports)
        return tuple(read_type(inferred[name]) if name in inferred else None for name in node.output)


def _constant(node: NodeProto) -> TensorProto | None:
    """Return the tensor of a ``Constant`` node, if it holds one."""
    return next((each.t for each in node.attribute if each.name == "value" and each.HasField("t")), None)


def _anonymous(question: Question) -> tuple[NodeProto, tuple[Fact | None, ...]]:
    """Return a node that stands for the question, and what is known about its inputs."""
    domain, _, op_type = question.operator.rpartition(".")
    node = NodeProto(op_type=op_type, domain=domain)
    for attribute in question.attributes:
        node.attribute.add().MergeFromString(attribute)
    node.input.extend("" if each is None else f"i{index}" for index, each in enumerate(question.inputs))
    node.output.extend(f"o{index}" if there else "" for index, there in enumerate(question.outputs))
    return node, tuple(Fact(*each) if each else None for each in question.inputs)


def _retyped(schema: defs.OpSchema, node: NodeProto, types: Types, values: Values) -> tuple[Types, Values]:
    """Return the inputs with element types that the operator accepts, so that shapes are inferred in any case."""
    new_types, new_values = dict(types), dict(values)
    variables = {each.type_param_str: each.allowed_type_strs for each in schema.type_constraints}
    for index, name in enumerate(node.input):
        shape = types.get(name)
        formal = schema.inputs[min(index, len(schema.inputs) - 1)]
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


def _reshapes(before: Type | None, after: Sequence[Type | None]) -> bool:
    """Return whether both shapes have the same number of elements, as far as known; ONNX does not check that."""
    old, new = before.shape if before else None, after[0].shape if after and after[0] else None
    return old is None or new is None or prod(old) == prod(new)


@lru_cache(maxsize=MOST_REMEMBERED)
def _schema(name: str, version: int) -> defs.OpSchema | None:
    """Return the definition of an operator in a version of ONNX's operator set, or else in the newest."""
    domain, _, op_type = name.rpartition(".")
    for arguments in ((op_type, version, domain), (op_type, domain)):
        if domain and len(arguments) == 3:
            continue
        try:
            return defs.get_schema(*arguments)
        except defs.SchemaError:
            continue
    return None
