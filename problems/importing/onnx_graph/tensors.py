"""What is known about a tensor before the model runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, TypeProto, helper

from problems.importing.onnx_graph.dependencies import NONE, LayerSet

Shape = tuple[int, ...]

MOST_DIMENSIONS = 64
"""Most dimensions of a tensor that is tracked; it is NumPy's limit too."""

MOST_VALUES = 1024
"""Most elements of a tensor that is evaluated; shapes, axes, limits and scales have fewer."""

LONGEST_TYPE = 1024
"""Most bytes of the type of a sequence or the like that is tracked."""

NUMBERS = "biuf"
"""NumPy's kinds of elements whose values are kept: those that shapes consist of. Texts could grow without bound."""


PartlyKnown = tuple[int | None, ...]
Dims = TypeVar("Dims", Shape, PartlyKnown)


def channels_first(dims: Dims) -> Dims:
    """Return (N, C, ...) for (N, ..., C)."""
    return dims[:1] + dims[-1:] + dims[1:-1] if len(dims) > 2 else dims


def channels_last(dims: Dims) -> Dims:
    """Return (N, ..., C) for (N, C, ...)."""
    return dims[:1] + dims[2:] + dims[1:2] if len(dims) > 2 else dims


class Type(NamedTuple):
    """Element type and extents of a tensor, as far as they are known.

    Attributes:
        element: ONNX's code of the element type.
        dims: Extents, None where unknown; None if not even their number is known.
        other: Serialised ONNX type of a value that is not a tensor, e.g. a sequence; else empty.
    """

    element: int
    dims: PartlyKnown | None
    other: bytes = b""

    @property
    def shape(self) -> Shape | None:
        """The extents if all are known, else None."""
        return None if self.dims is None or None in self.dims else cast("Shape", self.dims)

    def turned(self, turn: Callable[[PartlyKnown], PartlyKnown]) -> Type:
        """Return the type with its extents reordered by ``turn``."""
        return self if self.dims is None else self._replace(dims=turn(self.dims))

    @property
    def proto(self) -> TypeProto:
        """The type as an ONNX message."""
        proto = TypeProto()
        if self.other:
            proto.ParseFromString(self.other)
        else:
            proto.CopyFrom(helper.make_tensor_type_proto(self.element or TensorProto.FLOAT, self.dims))
        return proto


ANYTHING = Type(TensorProto.FLOAT, None)
"""Type of a tensor about which nothing is known; without any type ONNX would infer nothing."""


def tensor_type(element: int, dims: Iterable[int | None]) -> Type:
    """Return the type of a tensor; extents below 0 are unknown, and so are all if there are too many."""
    known = tuple(dim if dim is not None and dim >= 0 else None for dim in dims)
    return Type(element, known if len(known) <= MOST_DIMENSIONS else None)


def read_type(proto: TypeProto, size: Callable[[str], int | None] = lambda name: None) -> Type | None:
    """Convert the type that a file or an inference states, with the sizes of named extents; None if it states none."""
    kind = proto.WhichOneof("value")
    if kind != "tensor_type":
        return Type(0, None, proto.SerializeToString()) if kind and proto.ByteSize() <= LONGEST_TYPE else None
    tensor = proto.tensor_type
    if not tensor.HasField("shape"):
        return Type(tensor.elem_type, None)
    dims = (dim.dim_value if dim.HasField("dim_value") else size(dim.dim_param) for dim in tensor.shape.dim)
    return tensor_type(tensor.elem_type, dims)


class Value(NamedTuple):
    """The numbers of a tensor that are the same in every run, in hashable form."""

    dtype: str
    shape: Shape
    content: bytes

    @classmethod
    def of(cls, array: npt.NDArray[np.generic]) -> Value | None:
        """Return the numbers of ``array``; None if it holds anything else."""
        if array.dtype.kind not in NUMBERS:
            return None
        return cls(array.dtype.str, array.shape, array.tobytes())

    @property
    def array(self) -> npt.NDArray[np.generic]:
        """The numbers as a read-only array of ``shape``."""
        array: npt.NDArray[np.generic] = np.frombuffer(self.content, self.dtype)
        return array.reshape(self.shape)


class Fact(NamedTuple):
    """All that is known about a tensor.

    Attributes:
        type: Its element type and extents; None if unknown.
        value: Its numbers, if they are few and the same in every run.
        constant: Whether it is the same in every run: weights, and what is computed from them or from shapes.
        sources: The layers it is computed from.
        blame: The operator or input that makes its shape unknown.
        missing: The unreadable file that holds its values, or those that it is computed from.
    """

    type: Type | None
    value: Value | None = None
    constant: bool = False
    sources: LayerSet = NONE
    blame: str = ""
    missing: str = ""

    @property
    def shape(self) -> Shape | None:
        """Its extents if all are known, else None."""
        return self.type.shape if self.type is not None else None
