"""From the nodes of a graph to layers and to the list of what was left out."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path

from onnx import GraphProto, NodeProto, defs

from bench.errors import InvalidInput
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
    """Goes through the nodes in their order and collects ``layers``.

    A layer needs those layers whose outputs reach it through operators that are none. LayerSet that others of them need
    anyway are not named: behind a residual block, its last layer stands for all the blocks before.

    Args:
        path: The file, for messages.
        facts: What is known so far; the walk adds to it.
        inference: Infers the rest.
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
            InvalidInput: If a node takes what nothing makes, or a size is beyond those of layers.
        """
        self._facts.enter(graph)
        for node in graph.node:
            taken = self._taken(node)
            branch = self._branch(node)
            outputs = self._visit_node(node, taken) if branch is None else self._visit_branch(branch)
            for name, fact in zip(node.output, outputs, strict=False):
                self._facts.add(name, fact)

    def skipped(self) -> tuple[Skipped, ...]:
        """What was left out, the most multiply-accumulates first, the unknown before them."""
        found = [
            Skipped(operator, len(macs), None if None in macs else sum(m or 0 for m in macs), reason)
            for (operator, reason), macs in self._left_out.items()
        ]
        return tuple(sorted(found, key=lambda each: (each.macs is not None, -(each.macs or 0))))

    def _taken(self, node: NodeProto) -> list[Fact]:
        """What is known of all that ``node`` takes."""
        names = list(used_names(node))
        for name in names:
            if name not in self._facts:
                hint = "It is no output of a node, no input and no weight."
                what = f"{self._path}: {label(node)}"
                raise InvalidInput(what, expected="inputs that the graph makes", actual=repr(name), hint=hint)
        return [self._facts[name] for name in names]

    def _branch(self, node: NodeProto) -> GraphProto | None:
        """The branch of an If whose condition depends on shapes alone, as exporters write it for ranks and extents."""
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
        """Add the layers that a node is; what is known of its outputs."""
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
        attributes, operands = attributes_of(node), self._facts.operands(node.input)
        call = Call(operator, attributes, operands, tuple(fact.shape for fact in outputs))
        try:
            return RULES[operator](call.with_channels_first() if has_channels_last(operator, attributes) else call)
        except InvalidInput as error:  # a layer with a size beyond the limit, which has no name yet
            what = f"{self._path}: {label(node)}: {error.what.rpartition(': ')[2]}"
            raise InvalidInput(what, expected=error.expected, actual=error.actual, hint=error.hint) from error

    def _add_layers(self, node: NodeProto, parts: tuple[Part, ...]) -> LayerSet:
        """Append the layers of ``node``; the last of them."""
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
