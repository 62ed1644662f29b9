"""What is known about a tensor before the model runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, TypeProto, helper

from problems.importing.onnx_graph.dependencies import NONE, LayerSet

Shape = tuple[int, ...]

MOST_DIMENSIONS = 64
"""Tensors with more dimensions are not followed; NumPy has none either."""

MOST_VALUES = 1024
"""Tensors with more elements are not evaluated: shapes, axes, limits and scales have fewer."""

LONGEST_TYPE = 1024
"""Types of sequences and the like with more bytes are not followed."""

NUMBERS = "biuf"
"""NumPy's kinds of elements whose values are kept: all that shapes are made of. Texts may grow without bound."""


PartlyKnown = tuple[int | None, ...]
Dims = TypeVar("Dims", Shape, PartlyKnown)


def channels_first(dims: Dims) -> Dims:
    """(N, C, ...) of (N, ..., C)."""
    return dims[:1] + dims[-1:] + dims[1:-1] if len(dims) > 2 else dims


def channels_last(dims: Dims) -> Dims:
    """(N, ..., C) of (N, C, ...)."""
    return dims[:1] + dims[2:] + dims[1:2] if len(dims) > 2 else dims


class Type(NamedTuple):
    """Elements and extents of a tensor, as far as they are known.

    Attributes:
        element: ONNX's code of the elements.
        dims: The extents, None where unknown; None if not even their number is known.
        other: Of what is no tensor, a sequence for instance, the type as ONNX writes it.
    """

    element: int
    dims: PartlyKnown | None
    other: bytes = b""

    @property
    def shape(self) -> Shape | None:
        """The extents, if all are known."""
        if self.dims is None or None in self.dims:
            return None
        return self.dims  # type: ignore[return-value]  # no None among them

    def turned(self, turn: Callable[[PartlyKnown], PartlyKnown]) -> Type:
        """The same with its extents in another order."""
        return self if self.dims is None else self._replace(dims=turn(self.dims))

    @property
    def proto(self) -> TypeProto:
        """The same, as ONNX writes it."""
        proto = TypeProto()
        if self.other:
            proto.ParseFromString(self.other)
        else:
            proto.CopyFrom(helper.make_tensor_type_proto(self.element or TensorProto.FLOAT, self.dims))
        return proto


ANYTHING = Type(TensorProto.FLOAT, None)
"""A tensor about which nothing is known; without some type ONNX infers nothing at all."""


def tensor_type(element: int, dims: Iterable[int | None]) -> Type:
    """The type of a tensor; extents below 0 are unknown, and so are all if they are too many."""
    known = tuple(dim if dim is not None and dim >= 0 else None for dim in dims)
    return Type(element, known if len(known) <= MOST_DIMENSIONS else None)


def read_type(proto: TypeProto, size: Callable[[str], int | None] = lambda name: None) -> Type | None:
    """The type that a file or an inference states, with the sizes of named extents; None if it states none."""
    kind = proto.WhichOneof("value")
    if kind != "tensor_type":
        return Type(0, None, proto.SerializeToString()) if kind and proto.ByteSize() <= LONGEST_TYPE else None
    tensor = proto.tensor_type
    if not tensor.HasField("shape"):
        return Type(tensor.elem_type, None)
    dims = (dim.dim_value if dim.HasField("dim_value") else size(dim.dim_param) for dim in tensor.shape.dim)
    return tensor_type(tensor.elem_type, dims)


class Value(NamedTuple):
    """Numbers that a tensor holds in every run; equal ones are equal as keys."""

    dtype: str
    shape: Shape
    content: bytes

    @classmethod
    def of(cls, array: npt.NDArray[Any]) -> Value | None:
        """The numbers of ``array``; None if it holds something else."""
        if array.dtype.kind not in NUMBERS:
            return None
        return cls(array.dtype.str, array.shape, array.tobytes())

    @property
    def array(self) -> npt.NDArray[Any]:
        """``shape`` the numbers; read-only."""
        return np.frombuffer(self.content, self.dtype).reshape(self.shape)


class Fact(NamedTuple):
    """All that is known about a tensor.

    Attributes:
        type: Its elements and extents; None if unknown.
        value: Its numbers, if they are few and the same in every run.
        constant: Whether it is the same in every run: weights, and what is computed from them or from shapes.
        sources: The layers that it comes from.
        blame: The operator or input behind which its shape is unknown.
        missing: The file that holds its values, or those that it is made of, and cannot be read.
    """

    type: Type | None
    value: Value | None = None
    constant: bool = False
    sources: LayerSet = NONE
    blame: str = ""
    missing: str = ""

    @property
    def shape(self) -> Shape | None:
        """Its extents, if all are known."""
        return self.type.shape if self.type is not None else None
