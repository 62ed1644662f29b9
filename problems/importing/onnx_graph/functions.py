"""Inlining of a model's functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path

from onnx import ModelProto, NodeProto
from onnx.inliner import inline_local_functions

from problems.foundation.errors import InvalidInput
from problems.importing.onnx_graph.graphs import all_nodes, put_in_order

MOST_NODES = 100_000
"""Largest model after inlining; a node counts once for each kilobyte or part of one."""

DEEPEST = 100
"""Deepest nesting of function calls."""

Key = tuple[str, str, str]
Calls = Mapping[Key, Counter[Key]]


def inline_functions(path: Path, model: ModelProto) -> ModelProto:
    """Return the model with its functions inlined where they are called.

    Raises:
        InvalidInput: If functions call themselves, do not fit their calls, or come to too many nodes.
    """
    if not model.functions:
        return model
    _check_size(path, model)
    for function in model.functions:
        put_in_order(path, function.node, set(function.input))
    try:
        return inline_local_functions(model)
    except Exception as error:  # the library raises exceptions of many classes
        what = f"{path}: functions"
        raise InvalidInput(what, expected="functions that fit their calls", actual=str(error)) from error


def _check_size(path: Path, model: ModelProto) -> None:
    """Count the nodes before inlining: a chain of functions that call the next one twice grows exponentially."""
    bodies = {_key(each.domain, each.name, each.overload): each.node for each in model.functions}
    if len(bodies) < len(model.functions):
        raise InvalidInput(f"{path}: functions", expected="different names", actual="two of one name")
    passed = _largest_attribute(model, bodies)
    calls = {key: _calls(nodes, bodies) for key, nodes in bodies.items()}
    sizes: dict[Key, int] = {}
    depths: dict[Key, int] = {}
    for key in _called_first(path, calls):
        sizes[key] = _size(bodies[key], passed) + sum(count * sizes[other] for other, count in calls[key].items())
        depths[key] = 1 + max((depths[other] for other in calls[key]), default=0)
        if depths[key] > DEEPEST:
            expected = f"functions that call each other at most {DEEPEST} deep"
            raise InvalidInput(f"{path}: functions", expected=expected, actual=f"more, down from {key[1]!r}")
    size = _size(model.graph.node, passed)
    put_in = sum(count * sizes[key] for key, count in _calls(model.graph.node, bodies).items())
    if put_in and size + put_in > MOST_NODES:
        expected = f"at most {MOST_NODES:,} nodes once all functions are inlined"
        raise InvalidInput(f"{path}: functions", expected=expected, actual=f"{size + put_in:,}")


def _called_first(path: Path, calls: Calls) -> Iterable[Key]:
    """Return the functions, each after those that it calls."""
    try:
        return list(TopologicalSorter(calls).static_order())
    except CycleError as error:
        names = " -> ".join(name for _, name, _ in error.args[1])
        raise InvalidInput(str(path), expected="functions that do not call themselves", actual=names) from error


def _key(domain: str, name: str, overload: str) -> Key:
    return "" if domain == "ai.onnx" else domain, name, overload


def _calls(nodes: Sequence[NodeProto], bodies: Mapping[Key, object]) -> Counter[Key]:
    keys = (_key(node.domain, node.op_type, node.overload) for node in all_nodes(nodes))
    return Counter(key for key in keys if key in bodies)


def _size(nodes: Sequence[NodeProto], passed: int) -> int:
    """Return the size of the nodes if each attribute that refers to one of the call has ``passed`` bytes."""
    size = 0
    for node in all_nodes(nodes):
        references = sum(1 for attribute in node.attribute if attribute.ref_attr_name)
        size += 1 + (node.ByteSize() + references * passed) // 1024
    return size


def _largest_attribute(model: ModelProto, bodies: Mapping[Key, Sequence[NodeProto]]) -> int:
    """Return the bytes of the largest attribute of any call, or default attribute of any function."""
    nodes = chain.from_iterable(map(all_nodes, (model.graph.node, *bodies.values())))
    callers = (node for node in nodes if _key(node.domain, node.op_type, node.overload) in bodies)
    given = (attribute for node in callers for attribute in node.attribute)
    defaults = (attribute for function in model.functions for attribute in function.attribute_proto)
    return max((attribute.ByteSize() for attribute in chain(given, defaults)), default=0)
