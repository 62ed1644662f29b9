"""What is known about every tensor of a graph."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, repeat
from math import prod
from pathlib import Path

from onnx import GraphProto, TensorProto, helper, numpy_helper
from onnx.external_data_helper import load_external_data_for_tensor, uses_external_data

from problems.importing.onnx_graph.expressions import size_of
from problems.importing.onnx_graph.graphs import weight_names
from problems.importing.onnx_graph.tensors import MOST_VALUES, Fact, Type, Value, read_type, tensor_type

MOST_BYTES = 2**26
"""Most bytes of all values together; beyond it they count as unknown."""

NOTHING = Fact(None)
"""What is known about an output without a name."""


class Facts:
    """What is known about the visible tensors, by name.

    Args:
        folder: Folder with the files of the model's weights.
        dims: Sizes of named dimensions.

    Attributes:
        declared: Types with known extents that the file states, by the name of the tensor.
    """

    def __init__(self, folder: Path, dims: Mapping[str, int]) -> None:
        self._folder, self._dims = folder, dims
        self._facts: dict[str, Fact] = {"": NOTHING}
        self._bytes = 0
        self._hidden: list[dict[str, Fact | None]] = []
        self.declared: dict[str, Type] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._facts

    def __getitem__(self, name: str) -> Fact:
        return self._facts[name]

    def operands(self, names: Sequence[str]) -> tuple[Fact | None, ...]:
        """Return what is known about the inputs of a node; None for omitted ones."""
        return tuple(self._facts[name] if name else None for name in names)

    def add(self, name: str, fact: Fact) -> None:
        """Make a tensor visible, unless it is an output without a name."""
        if not name:
            return
        if fact.value is not None:
            self._bytes += len(fact.value.content)
            if self._bytes > MOST_BYTES:
                fact = fact._replace(value=None)
        for hidden in self._hidden[-1:]:
            hidden.setdefault(name, self._facts.get(name))
        self._facts[name] = fact

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Open a scope: tensors added in it are visible only until its end."""
        self._hidden.append({})
        try:
            yield
        finally:
            for name, fact in self._hidden.pop().items():
                if fact is None:
                    del self._facts[name]
                else:
                    self._facts[name] = fact

    def enter(self, graph: GraphProto, types: Sequence[Type | None] = ()) -> None:
        """Make the weights of ``graph`` visible, and its other inputs, with ``types`` where these are more precise."""
        for tensor in graph.initializer:
            self.add(tensor.name, self.constant(tensor))
        for sparse in graph.sparse_initializer:
            stored = tensor_type(sparse.values.data_type, sparse.dims)
            self.add(sparse.values.name, Fact(stored, constant=True, blame=f"the weights {sparse.values.name}"))
        weights = weight_names(graph)
        for value, type_ in zip(graph.input, chain(types, repeat(None)), strict=False):
            if value.name not in weights:
                stated = read_type(value.type, self._size)
                known = type_ if type_ and type_.dims is not None else stated or type_
                self.add(value.name, Fact(known, blame=f"the input {value.name}"))
        for value in (*graph.value_info, *graph.output):
            stated = read_type(value.type, self._size)
            if stated is not None and stated.shape is not None:
                self.declared[value.name] = stated

    def constant(self, tensor: TensorProto) -> Fact:
        """Return what is known about a tensor of the file, including its values if they are few."""
        type_ = tensor_type(tensor.data_type, tensor.dims)
        fact = Fact(type_, constant=True, blame=f"the weights {tensor.name}")
        if type_.shape is None or prod(type_.shape) > MOST_VALUES:
            return fact
        try:
            content = _read_beside(tensor, self._folder) if uses_external_data(tensor) else tensor
            with warnings.catch_warnings(action="ignore"):
                return fact._replace(value=Value.of(numpy_helper.to_array(content)))
        except Exception:  # the library raises all kinds on data that do not fit their type or file
            return fact._replace(missing=_location(tensor))

    def _size(self, name: str) -> int | None:
        return size_of(name, self._dims)


def _location(tensor: TensorProto) -> str:
    """Return the file that holds the values of a tensor; "" if the model holds them."""
    return next((entry.value for entry in tensor.external_data if entry.key == "location"), "")


def _read_beside(tensor: TensorProto, folder: Path) -> TensorProto:
    """Return ``tensor`` with its values from the file beside the model; reads only as many bytes as it needs."""
    copy = TensorProto()
    copy.CopyFrom(tensor)
    entries = {entry.key: entry.value for entry in tensor.external_data if entry.key in ("location", "offset")}
    if not (folder / entries["location"]).is_file():
        raise FileNotFoundError(entries["location"])
    size = helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize * prod(tensor.dims)
    del copy.external_data[:]
    for key, value in (entries | {"length": str(size)}).items():
        copy.external_data.add(key=key, value=value)
    load_external_data_for_tensor(copy, str(folder))
    return copy
