"""Helpers to walk through the nodes of graphs, and to sort them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, MutableSequence, Sequence
from graphlib import CycleError, TopologicalSorter
from heapq import heapify, heappop, heappush
from pathlib import Path

from onnx import AttributeProto, GraphProto, NodeProto

from problems.foundation.errors import InvalidInput

GRAPHS = (AttributeProto.GRAPH, AttributeProto.GRAPHS)

MOST_SHOWN = 6
"""Most nodes of a cycle that a message names."""


def operator_name(domain: str, op_type: str) -> str:
    """Return the name of an operator, with its domain as prefix unless that is ONNX's own."""
    return op_type if domain in ("", "ai.onnx") else f"{domain}.{op_type}"


def label(node: NodeProto) -> str:
    """Return what messages call a node: its operator and its name, or else an output."""
    operator = operator_name(node.domain, node.op_type)
    if node.name:
        return f"{operator} {node.name!r}"
    output = next(filter(None, node.output), "")
    return f"{operator} of output {output!r}" if output else f"{operator} without name and outputs"


def subgraphs(node: NodeProto) -> Iterator[GraphProto]:
    """Yield the graphs among a node's attributes."""
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPH:
            yield attribute.g
        elif attribute.type == AttributeProto.GRAPHS:
            yield from attribute.graphs


def refers(node: NodeProto) -> bool:
    """Return whether an attribute refers to one of an enclosing function; outside functions that has no value."""
    return any(attribute.ref_attr_name for attribute in node.attribute)


def all_nodes(nodes: Sequence[NodeProto]) -> Iterator[NodeProto]:
    """Yield the nodes and those of their subgraphs."""
    for node in nodes:
        yield node
        for graph in subgraphs(node):
            yield from all_nodes(graph.node)


def used_names(node: NodeProto) -> Iterator[str]:
    """Yield the tensors that a node takes, including those that its subgraphs take from outside."""
    yield from filter(None, node.input)
    for graph in subgraphs(node):
        yield from _taken_from_outside(graph)


def weight_names(graph: GraphProto) -> set[str]:
    """Return the names of the tensors that a graph holds itself."""
    return {*(each.name for each in graph.initializer), *(each.values.name for each in graph.sparse_initializer)}


def given_names(graph: GraphProto) -> set[str]:
    """Return the names of a graph's inputs and weights, the tensors that no node makes."""
    return weight_names(graph) | {value.name for value in graph.input}


def _taken_from_outside(graph: GraphProto) -> Iterator[str]:
    made = given_names(graph)
    made.update(name for node in graph.node for name in node.output)
    for node in graph.node:
        yield from (name for name in used_names(node) if name not in made)
    yield from (value.name for value in graph.output if value.name not in made)


def put_in_order(path: Path, nodes: MutableSequence[NodeProto], given: Collection[str]) -> None:
    """Sort the nodes of a graph in place, so that each follows those whose outputs it takes; likewise in subgraphs.

    Sorted nodes keep their order; else the first node that can run always comes next.

    Raises:
        InvalidInput: If the nodes form a cycle.
    """
    for node in nodes:
        for graph in subgraphs(node):
            put_in_order(path, graph.node, given_names(graph))
    order = _order(path, nodes, given)
    if order != sorted(order):
        copies = [NodeProto.FromString(nodes[index].SerializeToString()) for index in order]
        del nodes[:]
        nodes.extend(copies)


def _order(path: Path, nodes: Sequence[NodeProto], given: Collection[str]) -> list[int]:
    """Return the indices of the nodes in an order in which they can run."""
    makers: dict[str, int] = {}
    for index, node in enumerate(nodes):
        for name in node.output:
            makers.setdefault(name, index)
    needs = [{makers[n] for n in used_names(node) if n in makers and n not in given} for node in nodes]
    if all(max(needed, default=-1) < index for index, needed in enumerate(needs)):
        return list(range(len(needs)))
    sorter = TopologicalSorter(dict(enumerate(needs)))
    try:
        sorter.prepare()
    except CycleError as error:
        raise _cycle(path, [nodes[index] for index in error.args[1]]) from error
    ready = list(sorter.get_ready())
    heapify(ready)
    order: list[int] = []
    while ready:
        order.append(heappop(ready))
        sorter.done(order[-1])
        for index in sorter.get_ready():
            heappush(ready, index)
    return order


def _cycle(path: Path, nodes: Sequence[NodeProto]) -> InvalidInput:
    cycle = " -> ".join(label(node) for node in nodes[:MOST_SHOWN])
    actual = f"{cycle} -> ..." if len(nodes) > MOST_SHOWN else cycle
    hint = "Each takes an output of the one before it."
    expected = "nodes that do not wait for each other"
    return InvalidInput(f"{path}: nodes", expected=expected, actual=actual, hint=hint)
