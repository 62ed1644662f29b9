"""Dimensions that a model leaves open: which they are, and their sizes from the user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from onnx import GraphProto, ValueInfoProto

from bench.errors import InvalidInput, UnknownName
from problems.layers import LARGEST_SIZE


def fix_dimensions(path: Path, graph: GraphProto, dims: Mapping[str, int]) -> None:
    """Write the sizes ``dims`` into the inputs of ``graph``; a dimension without name is ``<input>.<axis>``.

    Raises:
        InvalidInput: If an input has no shape, a dimension no size (all of them are named), or a size is none.
        UnknownName: On a name that no open dimension has.
    """
    open_dimensions = list(_open_dimensions(path, graph))
    names = list(dict.fromkeys(name for name, _, _ in open_dimensions))
    for name, size in dims.items():
        if not names:
            expected = "none, the shapes of its inputs are fixed"
            raise InvalidInput(f"{path}: dimensions", expected=expected, actual=f"{name}={size}")
        if name not in names:
            raise UnknownName(f"dimension of {path}:", name, names)
        if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= LARGEST_SIZE:
            what = f"{path}: dimension {name}"
            raise InvalidInput(what, expected=f"an integer from 0 to {LARGEST_SIZE:,}", actual=size)
    missing = [name for name in names if name not in dims]
    if missing:
        first = {name for name, axis, _ in open_dimensions if axis == 0}
        options = " ".join(f"--dim {name}={1 if name in first else 128}" for name in missing)
        expected, given = f"sizes of {', '.join(missing)}", [f"{name}={size}" for name, size in dims.items()]
        hint = f"The model leaves them open: m3e import {path.name} {options}"
        raise InvalidInput(f"{path}: dimensions", expected=expected, actual=", ".join(given) or "none", hint=hint)
    for name, _, dim in open_dimensions:
        dim.dim_value = dims[name]


def _open_dimensions(path: Path, graph: GraphProto) -> Iterator[tuple[str, int, Any]]:
    """Name, axis and field of every dimension of the inputs that has no size."""
    weights = {tensor.name for tensor in graph.initializer} | {s.values.name for s in graph.sparse_initializer}
    for value in graph.input:
        if value.name not in weights and value.type.HasField("tensor_type"):
            yield from _of_input(path, value)


def _of_input(path: Path, value: ValueInfoProto) -> Iterator[tuple[str, int, Any]]:
    if not value.type.tensor_type.HasField("shape"):
        hint = "Export the model with the shapes of its inputs."
        raise InvalidInput(f"{path}: input {value.name!r}", expected="a shape", actual="none", hint=hint)
    for axis, dim in enumerate(value.type.tensor_type.shape.dim):
        if dim.dim_param:
            yield dim.dim_param, axis, dim
        elif not dim.HasField("dim_value") or dim.dim_value < 0:
            yield f"{value.name}.{axis}", axis, dim
