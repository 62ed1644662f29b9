"""Read an ONNX model as a workload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from onnx import ModelProto

from problems.foundation.errors import InvalidInput, M3EError
from problems.foundation.files import in_file
from problems.importing.onnx_graph.dimensions import fix_dimensions
from problems.importing.onnx_graph.facts import Facts
from problems.importing.onnx_graph.graph_walk import GraphWalk
from problems.importing.onnx_graph.inference import Inference
from problems.importing.onnx_graph.model_file import load_model
from problems.importing.workload import Skipped, Workload

MOST_SHOWN = 8
"""Most kinds of left-out operators that a message names."""

UNFORESEEN = "one that the reader cannot handle"


def read_model(path: Path, dims: Mapping[str, int]) -> Workload:
    """Implement ``read_onnx``, once the library is known to be installed."""
    try:
        return _read(path, dims)
    except M3EError:
        raise
    except Exception as error:  # files may hold anything, and the libraries raise exceptions of all kinds
        actual = f"{UNFORESEEN} ({type(error).__name__})"
        raise InvalidInput(
            str(path), expected="an ONNX model", actual=actual, hint=f"It says: {str(error)[:200]}"
        ) from error


def _read(path: Path, dims: Mapping[str, int]) -> Workload:
    model = load_model(path)
    fix_dimensions(path, model.graph, dims)
    inference = Inference(_versions(model))
    walk = GraphWalk(path, Facts(path.parent, dims), inference)
    try:
        walk.visit(model.graph)
    except InvalidInput as error:
        raise in_file(path, error) from error
    if dims and inference.misfit:
        given = ", ".join(f"{name}={size}" for name, size in dims.items())
        hint = f"They lead to {inference.misfit}. Exporters may fix sizes that they declare open: try their sizes."
        raise InvalidInput(f"{path}: dimensions", expected="sizes at which the model runs", actual=given, hint=hint)
    skipped = walk.skipped()
    if not walk.layers:
        expected = "at least one operator that is a layer"
        raise InvalidInput(str(path), expected=expected, actual="none", hint=_left_out(skipped))
    return Workload(path.stem, {path.stem: tuple(walk.layers)}, skipped)


def _versions(model: ModelProto) -> dict[str, int]:
    return {"" if each.domain == "ai.onnx" else each.domain: each.version for each in model.opset_import}


def _left_out(skipped: Sequence[Skipped]) -> str:
    found = [f"{each.count} {each.operator} ({each.reason})" for each in skipped[:MOST_SHOWN]]
    more = f", and {len(skipped) - MOST_SHOWN} kinds more" if len(skipped) > MOST_SHOWN else ""
    return f"Left out: {', '.join(found)}{more}." if found else ""
