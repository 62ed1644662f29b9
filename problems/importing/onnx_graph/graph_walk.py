"""From the nodes of a graph to layers and to the list of what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from onnx import GraphProto, NodeProto, defs

from bench.errors import InvalidInput
from problems.importing.names import UniqueNames
from problems.importing.onnx_graph.calls import LeftOut, Part
from problems.importing.onnx_graph.contributed import WITHOUT_PRODUCTS
from problems.importing.onnx_graph.facts import Facts, call_of, subgraphs, union, used_names
from problems.importing.onnx_graph.inference import Inference
from problems.importing.onnx_graph.model_file import check_text
from problems.importing.onnx_graph.operators import REVIEWED_OPSET, RULES, operator_name
from problems.importing.workload import Skipped
from problems.layers import Layer

SUBGRAPHS = "it holds products, and how often they run is known only then"


class GraphWalk:
    """Goes through the nodes in their order and collects ``layers``.

    A layer needs those layers whose outputs reach it through operators that are none. Layers that others of them need
    anyway are not named: behind a residual block, its last layer stands for all the blocks before.

    Args:
        path: The file, for messages.
        facts: What is known so far; the walk adds to it.
        inference: Infers the rest.
    """

    def __init__(self, path: Path, facts: Facts, inference: Inference) -> None:
        self._path, self._facts, self._inference = path, facts, inference
        self._names = UniqueNames()
        self._above: list[int] = []  # of each layer, the layers that it needs, directly or not, as bits
        self._left_out: dict[tuple[str, str], list[int | None]] = {}
        self.layers: list[Layer] = []

    def visit(self, graph: GraphProto) -> None:
        """Collect the layers of ``graph``.

        Raises:
            InvalidInput: If a node takes what no node before it makes.
        """
        self._facts.enter(graph)
        for node in graph.node:
            self._check_inputs(node)
            branch = self._branch(node)
            if branch is None:
                self._visit_node(node)
                continue
            self.visit(branch)
            for inner, outer in zip(branch.output, node.output, strict=False):
                if inner.name in self._facts.sources:
                    self._facts.copy(inner.name, outer)

    def skipped(self) -> tuple[Skipped, ...]:
        """What was left out, the most multiply-accumulates first, the unknown before them."""
        found = [
            Skipped(operator, len(macs), None if None in macs else sum(m or 0 for m in macs), reason)
            for (operator, reason), macs in self._left_out.items()
        ]
        return tuple(sorted(found, key=lambda each: (each.macs is not None, -(each.macs or 0))))

    def _check_inputs(self, node: NodeProto) -> None:
        check_text(self._path, (node.name, node.op_type, node.domain, *node.input, *node.output))
        for name in used_names(node):
            if name not in self._facts.sources:
                what = f"{self._path}: {node.op_type} {_base_name(node)!r}"
                hint = "ONNX wants the nodes of a graph in the order in which they run."
                raise InvalidInput(what, expected="inputs that earlier nodes make", actual=repr(name), hint=hint)

    def _branch(self, node: NodeProto) -> GraphProto | None:
        """The branch of an If whose condition depends on shapes alone, as exporters write it for ranks and extents."""
        condition = self._facts.values.get(node.input[0]) if node.op_type == "If" and node.input else None
        if condition is None or condition.size != 1:
            return None
        taken = "then_branch" if condition.item() else "else_branch"
        return next((attribute.g for attribute in node.attribute if attribute.name == taken), None)

    def _visit_node(self, node: NodeProto) -> None:
        operator = operator_name(node.domain, node.op_type)
        self._inference.add_outputs(node, self._facts)
        try:
            parts = self._parts(operator, node)
        except LeftOut as left_out:
            self._left_out.setdefault((operator, left_out.reason), []).append(left_out.macs)
            return
        if parts:
            mask = self._add_layers(node, parts)
            for output in filter(None, node.output):
                self._facts.sources[output] = mask

    def _parts(self, operator: str, node: NodeProto) -> tuple[Part, ...]:
        if operator in RULES:
            return RULES[operator](call_of(operator, node, self._facts))
        if any(_holds_products(graph) for graph in subgraphs(node)):
            raise LeftOut(SUBGRAPHS)
        if not _makes_no_products(operator):
            raise LeftOut("an operator that is not known")
        return ()

    def _add_layers(self, node: NodeProto, parts: tuple[Part, ...]) -> int:
        """Append the layers of ``node``; the last one's bit."""
        first, base = len(self.layers), _base_name(node)
        for part in parts:
            chosen = range(len(node.input)) if part.operands is None else part.operands
            taken = (node.input[i] for i in chosen if i < len(node.input) and node.input[i])
            mask = union(self._facts.sources[name] for name in taken) | union(1 << first + i for i in part.parts)
            nearest = sorted(nearest_layers(mask, self._above))
            name = self._names.take(f"{base}.{part.layer.name}" if part.layer.name else base)
            after = tuple(self.layers[i].name for i in nearest)
            self._above.append(mask | union(self._above[i] for i in nearest))
            self.layers.append(replace(part.layer, name=name, after=after))
        return 1 << len(self.layers) - 1


def _makes_no_products(operator: str) -> bool:
    return operator in WITHOUT_PRODUCTS or ("." not in operator and defs.has(operator, REVIEWED_OPSET, ""))


def _holds_products(graph: GraphProto) -> bool:
    for node in graph.node:
        operator = operator_name(node.domain, node.op_type)
        if operator in RULES or not _makes_no_products(operator) or any(map(_holds_products, subgraphs(node))):
            return True
    return False


def nearest_layers(mask: int, above: Sequence[int]) -> Iterator[int]:
    """Those layers in ``mask`` that no other of them needs, the last first.

    Args:
        mask: Numbers of layers, as bits.
        above: Of each layer, those that it needs, directly or not; all of them have lower numbers.
    """
    while mask:
        last = mask.bit_length() - 1
        yield last
        mask &= ~(above[last] | 1 << last)


def _base_name(node: NodeProto) -> str:
    name: str = node.name or next(filter(None, node.output), node.op_type)
    return name
