"""The walk through a graph that collects its layers and the operators left out."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path

from onnx import GraphProto, NodeProto, defs

from problems.foundation.errors import InvalidInput
from problems.importing.names import UniqueNames
from problems.importing.onnx_graph.calls import Call, LeftOut, Part, attributes_of
from problems.importing.onnx_graph.contributed import WITHOUT_PRODUCTS, has_channels_last
from problems.importing.onnx_graph.dependencies import Dependencies, LayerSet
from problems.importing.onnx_graph.facts import Facts
from problems.importing.onnx_graph.graphs import label, operator_name, refers, subgraphs, used_names
from problems.importing.onnx_graph.inference import Inference
from problems.importing.onnx_graph.operators import REVIEWED_OPSET, RULES, advice
from problems.importing.onnx_graph.tensors import Fact
from problems.importing.workload import Skipped
from problems.layers import Layer

SUBGRAPHS = "it holds products, and how often they run is known only then"


class GraphWalk:
    """Visits the nodes in order and collects ``layers``.

    A layer needs those layers whose outputs reach it through operators that are not layers. Layers that others of them
    need anyway are not named: after a residual block, its last layer stands for all earlier blocks.

    Args:
        path: Path of the file, for messages.
        facts: What is known about the tensors; the walk adds to it.
        inference: Inference of the outputs of nodes.
    """

    def __init__(self, path: Path, facts: Facts, inference: Inference) -> None:
        self._path, self._facts, self._inference = path, facts, inference
        self._names = UniqueNames()
        self._dependencies = Dependencies()
        self._left_out: dict[tuple[str, str], list[int | None]] = {}
        self.layers: list[Layer] = []

    def visit(self, graph: GraphProto) -> None:
        """Collect the layers of ``graph``, whose nodes are in order.

        Raises:
            InvalidInput: If an input of a node does not exist, or a layer has too large a size.
        """
        self._facts.enter(graph)
        for node in graph.node:
            taken = self._taken(node)
            branch = self._branch(node)
            outputs = self._visit_node(node, taken) if branch is None else self._visit_branch(branch)
            for name, fact in zip(node.output, outputs, strict=False):
                self._facts.add(name, fact)

    def skipped(self) -> tuple[Skipped, ...]:
        """Return the operators left out, by descending multiply-accumulates, unknown ones first."""
        found = [
            Skipped(operator, len(macs), None if None in macs else sum(m or 0 for m in macs), reason)
            for (operator, reason), macs in self._left_out.items()
        ]
        return tuple(sorted(found, key=lambda each: (each.macs is not None, -(each.macs or 0))))

    def _taken(self, node: NodeProto) -> list[Fact]:
        """Return what is known about all inputs of ``node``, including those of its subgraphs."""
        names = list(used_names(node))
        for name in names:
            if name not in self._facts:
                hint = "It is neither an output of a node nor an input nor a weight."
                what = f"{self._path}: {label(node)}"
                raise InvalidInput(what, expected="inputs that the graph makes", actual=repr(name), hint=hint)
        return [self._facts[name] for name in names]

    def _branch(self, node: NodeProto) -> GraphProto | None:
        """Return the branch taken by an If whose condition depends on shapes alone, as exporters write it."""
        chooses = operator_name(node.domain, node.op_type) == "If" and node.input
        value = self._facts[node.input[0]].value if chooses else None
        if value is None or value.array.size != 1:
            return None
        taken = "then_branch" if value.array.item() else "else_branch"
        return next((each.g for each in node.attribute if each.name == taken and each.HasField("g")), None)

    def _visit_branch(self, branch: GraphProto) -> list[Fact]:
        with self._facts.scope():
            self.visit(branch)
            return [self._facts[value.name] for value in branch.output]

    def _visit_node(self, node: NodeProto, taken: list[Fact]) -> list[Fact]:
        """Add the layers of a node, and return what is known about its outputs."""
        operator = operator_name(node.domain, node.op_type)
        outputs = self._inference.outputs(operator, node, taken, self._facts)
        try:
            parts = self._parts(operator, node, outputs)
        except LeftOut as left_out:
            reason = left_out.reason + advice(operator)
            self._left_out.setdefault((operator, reason), []).append(left_out.macs)
            parts = ()
        sources = self._add_layers(node, parts) if parts else self._dependencies.nearest(fact.sources for fact in taken)
        return [fact._replace(sources=sources) for fact in outputs]

    def _parts(self, operator: str, node: NodeProto, outputs: list[Fact]) -> tuple[Part, ...]:
        if operator in RULES:
            if refers(node):
                raise LeftOut("an attribute refers to one of a function, and the node is in none")
            return self._rule(operator, node, outputs)
        if any(_holds_products(graph) for graph in subgraphs(node)):
            raise LeftOut(SUBGRAPHS)
        if not _makes_no_products(operator):
            raise LeftOut("an operator that is not known")
        return ()

    def _rule(self, operator: str, node: NodeProto, outputs: list[Fact]) -> tuple[Part, ...]:
        attributes = attributes_of(node)
        call = Call(operator, attributes, self._facts.operands(node.input), tuple(fact.shape for fact in outputs))
        try:
            return RULES[operator](call.with_channels_first() if has_channels_last(operator, attributes) else call)
        except InvalidInput as error:  # about a layer with too large a size, which has no name yet
            what = f"{self._path}: {label(node)}: {error.what.rpartition(': ')[2]}"
            raise InvalidInput(what, expected=error.expected, actual=error.actual, hint=error.hint) from error

    def _add_layers(self, node: NodeProto, parts: tuple[Part, ...]) -> LayerSet:
        """Append the layers of ``node``, and return the last of them."""
        added: list[LayerSet] = []
        base = node.name or next(filter(None, node.output), node.op_type)
        inputs = self._facts.operands(node.input)
        for part in parts:
            chosen = inputs if part.operands is None else [inputs[i] for i in part.operands if i < len(inputs)]
            sources = (fact.sources for fact in chosen if fact)
            needs = self._dependencies.nearest(chain(sources, (added[index] for index in part.parts)))
            name = self._names.take(f"{base}.{part.layer.name}" if part.layer.name else base)
            after = tuple(self.layers[index].name for index in sorted(needs.above(-1)))
            added.append(self._dependencies.add(needs))
            self.layers.append(replace(part.layer, name=name, after=after))
        return added[-1]


def _makes_no_products(operator: str) -> bool:
    return operator in WITHOUT_PRODUCTS or ("." not in operator and defs.has(operator, REVIEWED_OPSET, ""))


def _holds_products(graph: GraphProto) -> bool:
    for node in graph.node:
        operator = operator_name(node.domain, node.op_type)
        if operator in RULES or not _makes_no_products(operator) or any(map(_holds_products, subgraphs(node))):
            return True
    return False
