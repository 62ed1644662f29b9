"""Values of what a node puts out, as far as shapes may depend on them; from ONNX's reference implementation."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import NodeProto, OperatorSetIdProto, helper
from onnx.reference import ReferenceEvaluator

from problems.importing.onnx_graph.facts import MOST_VALUES, Facts, subgraphs, used_names

RANDOM = frozenset(
    ("Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike")
)
"""Operators whose outputs differ from run to run, or with data."""

OF_DATA = frozenset(("Compress", "NonZero", "Unique"))
"""Operators whose outputs have shapes that depend on values, never larger than their inputs."""


def values_of(
    name: str, node: NodeProto, facts: Facts, imports: Sequence[OperatorSetIdProto]
) -> dict[str, npt.NDArray[Any]]:
    """The values of the outputs, if they are few and known."""
    if name in ("Shape", "Size"):
        return _extents(name, node, facts)
    known = all(used in facts.values for used in used_names(node))
    if not known or name in RANDOM or node.domain not in ("", "ai.onnx") or any(subgraphs(node)):
        return {}
    shapes = [facts.shape(output) for output in node.output if output]
    if name not in OF_DATA and any(shape is None or prod(shape) > MOST_VALUES for shape in shapes):
        return {}
    inputs = {used: facts.values[used] for used in used_names(node)}
    function = helper.make_function(
        "m3e", "node", list(inputs), [output for output in node.output if output], [node], list(imports)
    )
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            outputs = ReferenceEvaluator(function).run(list(function.output), inputs, attributes={})
    except Exception:  # whatever the reference implementation raises: the values stay unknown
        return {}
    pairs = zip(function.output, outputs, strict=True)
    return {output: value for output, value in pairs if isinstance(value, np.ndarray) and value.size <= MOST_VALUES}


def _extents(name: str, node: NodeProto, facts: Facts) -> dict[str, npt.NDArray[Any]]:
    """The value of a Shape or Size operator."""
    shape = facts.shape(node.input[0]) if node.input else None
    if shape is None or not node.output:
        return {}
    if name == "Size":
        return {node.output[0]: np.array(prod(shape), dtype=np.int64)}
    limits = {attribute.name: attribute.i for attribute in node.attribute}
    return {node.output[0]: np.array(shape[limits.get("start", 0) : limits.get("end")], dtype=np.int64)}
