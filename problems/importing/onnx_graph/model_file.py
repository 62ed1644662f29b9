"""Read ONNX files without their weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from pathlib import Path

from google.protobuf.message import DecodeError
from onnx import GraphProto, ModelProto, NodeProto, TensorProto

from problems.foundation.errors import InvalidInput
from problems.foundation.files import read_bytes
from problems.importing.onnx_graph.functions import inline_functions
from problems.importing.onnx_graph.graphs import all_nodes, given_names, put_in_order, subgraphs
from problems.importing.onnx_graph.tensors import MOST_DIMENSIONS, MOST_VALUES

EXPECTED = "an ONNX model"

FIRST_WITH_OPERATOR_SETS = 3
"""First version of the file format that states the versions of the operator sets."""

LONGEST_NAME = 10_000
"""Most characters of a name."""

NEWEST = 2**31 - 1
"""The highest version of an operator set that the library accepts."""


def load_model(path: Path) -> ModelProto:
    """Read the model in a file, inline its functions, and drop the data of its weights.

    The nodes come in an order in which they can run. Weights in files of their own are not read. Those in the file
    itself are dropped at once, since only their shapes are needed; small tensors keep their data.

    Raises:
        InvalidInput: If the file cannot be read, is not ONNX or truncated, or as in ``inline_functions`` and
            ``put_in_order``.
    """
    content = read_bytes(path)
    try:
        model = ModelProto.FromString(content)
    except DecodeError as error:
        actual = "something else, or a truncated one"
        raise InvalidInput(str(path), expected=EXPECTED, actual=actual) from error
    _check(path, model, len(content))
    del content
    for tensor in _tensors(model):
        if len(tensor.dims) > MOST_DIMENSIONS or prod(tensor.dims) > MOST_VALUES:
            _drop_data(tensor)
    model = inline_functions(path, model)
    put_in_order(path, model.graph.node, given_names(model.graph))
    return model


def _check(path: Path, model: ModelProto, size: int) -> None:
    """Raise if a file only parses as a model: many byte strings do, even the empty one."""
    actual = ""
    if not model.ir_version and not model.graph.node:
        actual = "something else" if size else "an empty file"
    elif not model.graph.node:
        actual = "a model without nodes"
    elif not model.ir_version or (not model.opset_import and model.ir_version >= FIRST_WITH_OPERATOR_SETS):
        actual = "a model without the versions of its operator sets; the end of the file may be missing"
    if actual:
        raise InvalidInput(str(path), expected=EXPECTED, actual=actual)
    for text in _texts(model):
        if not isinstance(text, str) or len(text) > LONGEST_NAME:  # what is not UTF-8 comes as bytes
            raise InvalidInput(str(path), expected=EXPECTED, actual=f"a damaged one, with the name {text!r}")
    for each in (*model.opset_import, *(each for function in model.functions for each in function.opset_import)):
        if not 0 <= each.version <= NEWEST:
            what = f"{path}: version of the operator set {each.domain or 'ai.onnx'!r}"
            raise InvalidInput(what, expected=f"an integer from 0 to {NEWEST:,}", actual=each.version)


def _texts(model: ModelProto) -> Iterator[object]:
    """Yield all names that the reader uses."""
    yield from (each.domain for each in model.opset_import)
    yield from _graph_texts(model.graph)
    for function in model.functions:
        yield from (function.domain, function.name, function.overload)
        yield from (*function.input, *function.output, *function.attribute)
        yield from (each.domain for each in function.opset_import)
        yield from (attribute.name for attribute in function.attribute_proto)
        yield from _node_texts(function.node)


def _graph_texts(graph: GraphProto) -> Iterator[object]:
    for value in (*graph.input, *graph.output, *graph.value_info):
        yield value.name
        yield from (dim.dim_param for dim in value.type.tensor_type.shape.dim)
    for tensor in (*graph.initializer, *(sparse.values for sparse in graph.sparse_initializer)):
        yield from _tensor_texts(tensor)
    yield from _node_texts(graph.node)


def _node_texts(nodes: Iterable[NodeProto]) -> Iterator[object]:
    for node in nodes:
        yield from (node.name, node.op_type, node.domain, node.overload, *node.input, *node.output)
        for attribute in node.attribute:
            yield from (attribute.name, attribute.ref_attr_name)
            if attribute.HasField("t"):
                yield from _tensor_texts(attribute.t)
        for graph in subgraphs(node):
            yield from _graph_texts(graph)


def _tensor_texts(tensor: TensorProto) -> Iterator[object]:
    yield tensor.name
    for entry in tensor.external_data:
        yield from (entry.key, entry.value)


def _tensors(model: ModelProto) -> Iterator[TensorProto]:
    yield from model.graph.initializer
    for nodes in (model.graph.node, *(function.node for function in model.functions)):
        yield from _node_tensors(nodes)


def _node_tensors(nodes: Sequence[NodeProto]) -> Iterator[TensorProto]:
    for node in all_nodes(nodes):
        yield from (attribute.t for attribute in node.attribute if attribute.HasField("t"))
        yield from (tensor for graph in subgraphs(node) for tensor in graph.initializer)


def _drop_data(tensor: TensorProto) -> None:
    for field in ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data", "string_data"):
        tensor.ClearField(field)
