"""An ONNX model as a workload."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bench.errors import InvalidInput
from problems.importing.files import in_file
from problems.importing.onnx_graph.dimensions import fix_dimensions
from problems.importing.onnx_graph.facts import Facts
from problems.importing.onnx_graph.graph_walk import GraphWalk
from problems.importing.onnx_graph.inference import Inference
from problems.importing.onnx_graph.model_file import load_model
from problems.importing.workload import Workload


def read_model(path: Path, dims: Mapping[str, int]) -> Workload:
    """What ``read_onnx`` promises, once the library is there."""
    model = load_model(path)
    fix_dimensions(path, model.graph, dims)
    versions = {"" if each.domain == "ai.onnx" else each.domain: each.version for each in model.opset_import}
    inference = Inference(versions)
    walk = GraphWalk(path, Facts(path.parent, dims), inference)
    try:
        walk.visit(model.graph)
    except InvalidInput as error:
        raise error if error.what.startswith(str(path)) else in_file(path, error) from error
    if dims and inference.misfits:
        given = ", ".join(f"{name}={size}" for name, size in dims.items())
        hint = f"They lead to {inference.misfits[0]}. Exporters may fix what they call open: try their sizes."
        raise InvalidInput(f"{path}: dimensions", expected="sizes at which the model runs", actual=given, hint=hint)
    skipped = walk.skipped()
    if not walk.layers:
        found = ", ".join(f"{each.count} {each.operator} ({each.reason})" for each in skipped)
        hint = f"Left out: {found}." if found else ""
        raise InvalidInput(str(path), expected="at least one operator that is a layer", actual="none", hint=hint)
    return Workload(path.stem, {path.stem: tuple(walk.layers)}, skipped)
