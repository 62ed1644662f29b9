"""The open dimensions of a model, and their sizes from the user."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from onnx import GraphProto, TensorShapeProto, ValueInfoProto

from problems.foundation.errors import InvalidInput, UnknownName
from problems.importing.onnx_graph.expressions import is_ambiguous, names_in, size_of
from problems.importing.onnx_graph.graphs import weight_names
from problems.layers import LARGEST_SIZE

MOST_SHOWN = 50
"""Most dimensions that a message names."""


class OpenDimension(NamedTuple):
    """A dimension of an input without a size: its name, its axis, and its field in the model."""

    name: str
    axis: int
    field: TensorShapeProto.Dimension


def fix_dimensions(path: Path, graph: GraphProto, dims: Mapping[str, int]) -> None:
    """Write the sizes ``dims`` into the inputs of ``graph``.

    A dimension without a name is ``<input>.<axis>``; one that is an expression of others follows from those.

    Raises:
        InvalidInput: If an input has no shape, a dimension no size (the message names all), or a size is invalid.
        UnknownName: On a name that no open dimension has.
    """
    found = list(_open_dimensions(path, graph))
    asked = _asked_for(found)
    known = asked | dict.fromkeys(each.name for each in found)
    for name, size in dims.items():
        _check_given(path, name, size, known)
    missing = [name for name in asked if name not in dims]
    if missing:
        raise _unresolved(path, found, missing, dims)
    for each in found:
        each.field.dim_value = dims[each.name] if each.name in asked else _derived(path, each.name, dims)


def _unresolved(
    path: Path, found: Sequence[OpenDimension], missing: Sequence[str], dims: Mapping[str, int]
) -> InvalidInput:
    shown = ", ".join(missing[:MOST_SHOWN])
    if len(missing) > MOST_SHOWN:
        shown += f" and {len(missing) - MOST_SHOWN} more"
    given = ", ".join(f"{name}={size}" for name, size in dims.items())
    hint = f"The model leaves them open: {_command(path, found, missing[:MOST_SHOWN], dims)}"
    return InvalidInput(f"{path}: dimensions", expected=f"sizes of {shown}", actual=given or "none", hint=hint)


def _asked_for(found: Sequence[OpenDimension]) -> dict[str, None]:
    """Return the names whose sizes are needed, in order; an expression is replaced by the names in it."""
    plain = {each.name for each in found if not names_in(each.name)}
    asked: dict[str, None] = {}
    for name in dict.fromkeys(each.name for each in found):
        parts = names_in(name)
        derived = parts and (not is_ambiguous(name) or parts <= plain)
        asked |= dict.fromkeys(sorted(parts) if derived else [name])
    return asked


def _check_given(path: Path, name: str, size: int, known: Collection[str]) -> None:
    if not known:
        expected = "none, as the shapes of its inputs are fixed"
        raise InvalidInput(f"{path}: dimensions", expected=expected, actual=f"{name}={size}")
    if name not in known:
        raise UnknownName(f"dimension of {path}:", name, islice(known, 1000))
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= LARGEST_SIZE:
        expected = f"an integer from 0 to {LARGEST_SIZE:,}"
        raise InvalidInput(f"{path}: dimension {name}", expected=expected, actual=size)


def _derived(path: Path, name: str, dims: Mapping[str, int]) -> int:
    """Return the size of a dimension that is an expression of others."""
    size = size_of(name, {other: dims[other] for other in names_in(name)})
    if size is not None and 0 <= size <= LARGEST_SIZE and dims.get(name, size) == size:
        return size
    sizes = ", ".join(f"{other}={dims[other]}" for other in sorted(names_in(name)))
    what = f"{path}: dimension {name}"
    hint = f"It follows from {sizes}."
    if size is not None and 0 <= size <= LARGEST_SIZE:
        raise InvalidInput(what, expected=str(size), actual=dims[name], hint=hint)
    actual = "none" if size is None else str(size)
    raise InvalidInput(what, expected=f"an integer from 0 to {LARGEST_SIZE:,}", actual=actual, hint=hint)


def _command(path: Path, found: Sequence[OpenDimension], missing: Sequence[str], dims: Mapping[str, int]) -> str:
    """Return a command line with sizes for all dimensions: the given ones, and examples."""
    sizes = dict(dims) | _examples(found, missing, dims)
    options = " ".join(f"--dim {shlex.quote(f'{name}={size}')}" for name, size in sizes.items())
    file = f"./{path}" if str(path).startswith("-") else str(path)
    return f"m3e import {shlex.quote(file)} {options}"


def _examples(found: Sequence[OpenDimension], missing: Sequence[str], dims: Mapping[str, int]) -> dict[str, int]:
    """Return example sizes: one sample of length 128, scaled up until no dimension is empty."""
    first = {part for each in found if each.axis == 0 for part in names_in(each.name) or {each.name}}
    scaled = [{name: scale if name in first else 128 * scale for name in missing} for scale in (1, 2, 8, 64, 1024)]
    return next((sizes for sizes in scaled if _fill(found, {**dims, **sizes})), scaled[0])


def _fill(found: Sequence[OpenDimension], sizes: Mapping[str, int]) -> bool:
    """Return whether all dimensions have a size of at least 1."""
    return all((size_of(each.name, sizes) or 0) > 0 for each in found)


def _open_dimensions(path: Path, graph: GraphProto) -> Iterator[OpenDimension]:
    weights = weight_names(graph)
    for value in graph.input:
        if value.name not in weights and value.type.HasField("tensor_type"):
            yield from _of_input(path, value)


def _of_input(path: Path, value: ValueInfoProto) -> Iterator[OpenDimension]:
    if not value.type.tensor_type.HasField("shape"):
        hint = "Export the model with the shapes of its inputs."
        raise InvalidInput(f"{path}: input {value.name!r}", expected="a shape", actual="none", hint=hint)
    for axis, dim in enumerate(value.type.tensor_type.shape.dim):
        if dim.dim_param:
            yield OpenDimension(dim.dim_param, axis, dim)
        elif not dim.HasField("dim_value") or dim.dim_value < 0:
            yield OpenDimension(f"{value.name}.{axis}", axis, dim)
