"""ONNX files, read without the weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from math import prod
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import ModelProto, NodeProto, TensorProto
from onnx.inliner import inline_local_functions

from bench.errors import InvalidInput
from problems.importing.files import unreadable
from problems.importing.onnx_graph.facts import MOST_VALUES, subgraphs

EXPECTED = "an ONNX model"

FIRST_WITH_OPERATOR_SETS = 3
"""The version of the file format since which it names the versions of its operators."""


def load_model(path: Path) -> ModelProto:
    """The model in a file, its local functions put in where they are called, without the data of its weights.

    Weights in files of their own are not touched. Those in the file itself are dropped at once, since only their
    shapes are needed; small tensors keep their data.

    Raises:
        InvalidInput: If the file cannot be read, is no ONNX, or only a part of it.
    """
    try:
        model = onnx.load_model(path, format="protobuf", load_external_data=False)
    except OSError as error:
        raise unreadable(path, error) from error
    except DecodeError as error:
        actual = "something else, or a part of one"
        raise InvalidInput(str(path), expected=EXPECTED, actual=actual) from error
    _check(path, model)
    for tensor in _tensors(model):
        if prod(tensor.dims) > MOST_VALUES:
            _drop_data(tensor)
    _check_functions(path, model)
    return inline_local_functions(model) if model.functions else model


def _check(path: Path, model: ModelProto) -> None:
    """Refuse what only looks like a model: any bytes may, none at all do."""
    actual = ""
    if not model.ir_version and not model.graph.node:
        actual = "something else" if path.stat().st_size else "an empty file"
    elif not model.graph.node:
        actual = "a model without nodes"
    elif not model.ir_version or (not model.opset_import and model.ir_version >= FIRST_WITH_OPERATOR_SETS):
        actual = "a model without the versions of its operator sets; the end of the file may be missing"
    if actual:
        raise InvalidInput(str(path), expected=EXPECTED, actual=actual)
    check_text(path, (each.domain for each in model.opset_import))
    for value in model.graph.input:
        check_text(path, (value.name, *(dim.dim_param for dim in value.type.tensor_type.shape.dim)))


def _check_functions(path: Path, model: ModelProto) -> None:
    """Refuse functions that call themselves; older versions of the library crash on them."""
    calls = {(each.domain, each.name): {(n.domain, n.op_type) for n in _nodes(each.node)} for each in model.functions}
    try:
        TopologicalSorter(calls).prepare()
    except CycleError as error:
        names = " -> ".join(name for _, name in error.args[1])
        raise InvalidInput(str(path), expected="functions that do not call themselves", actual=names) from error


def check_text(path: Path, names: Iterable[object]) -> None:
    """Refuse names that are not UTF-8, which protobuf hands out as bytes.

    Raises:
        InvalidInput: With the file.
    """
    for name in names:
        if not isinstance(name, str):
            actual = f"a damaged one, with the name {name!r}"
            raise InvalidInput(str(path), expected=EXPECTED, actual=actual)


def _tensors(model: ModelProto) -> Iterator[TensorProto]:
    yield from model.graph.initializer
    for nodes in (model.graph.node, *(function.node for function in model.functions)):
        yield from _node_tensors(nodes)


def _node_tensors(nodes: Iterable[NodeProto]) -> Iterator[TensorProto]:
    for node in _nodes(nodes):
        yield from (attribute.t for attribute in node.attribute if attribute.HasField("t"))
        yield from (tensor for graph in subgraphs(node) for tensor in graph.initializer)


def _nodes(nodes: Iterable[NodeProto]) -> Iterator[NodeProto]:
    """The nodes and those of their subgraphs."""
    for node in nodes:
        yield node
        for graph in subgraphs(node):
            yield from _nodes(graph.node)


def _drop_data(tensor: TensorProto) -> None:
    for field in ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data", "string_data"):
        tensor.ClearField(field)
