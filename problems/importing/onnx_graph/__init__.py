"""Networks from ONNX files.

What becomes of an operator (``ONNX Runtime``: of the domain ``com.microsoft``):

- Layers: ``Conv`` over one or two dimensions (as many groups as channels: DSCONV; other groups: ``Layer.groups``),
  ``ConvTranspose`` (a CONV of as many multiply-accumulates, see there), ``Gemm``, ``MatMul`` (FFN for one row times
  weights, else GEMM; batch dimensions of both operands: ``Layer.groups``, of one: rows), ``Attention`` (two GEMMs),
  ``Einsum`` of two operands,
  ``CausalConvWithState``; the integer and quantised forms of these; of ONNX Runtime ``FusedConv``, ``FusedGemm``,
  ``FusedMatMul``, ``MatMulNBits``, ``Attention``, ``MultiHeadAttention``, ``GroupQueryAttention`` and their quantised
  forms. The samples of a convolution are ``Layer.batch``, those of a product rows.
- Left out and listed, multiply-accumulates counted: convolutions over three dimensions, ``DeformConv``, ``RNN``,
  ``GRU``, ``LSTM``, products of constants (none at run time), empty tensors (none).
- Left out and listed, multiply-accumulates unknown: ``DFT``, ``STFT``, ``LinearAttention``, other ``Einsum``; ``If``,
  ``Loop``, ``Scan`` that hold any of these; operators that nobody here knows; products of unknown shape.
- Not listed, since they make no products: all other operators of ONNX (element-wise, normalisation, pooling, lookup,
  shapes) and those of ONNX Runtime in ``contributed``.

An ``If`` whose condition depends on shapes alone is its branch. Masks, causal or other, save nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bench.errors import MissingExtra
from bench.extras import install_command
from problems.importing.files import check_file
from problems.importing.workload import Workload

MOST_BYTES = 2**31
"""As much as the format can hold in one file."""


def read_onnx(path: str | Path, dims: Mapping[str, int] | None = None) -> Workload:
    """The network in an ONNX file; workload and network are called as the file.

    Weights need not be there: neither those inside a file of any size nor the files beside it are looked at.

    Args:
        path: The file.
        dims: Sizes of the dimensions that the inputs leave open, by name; without a name it is ``<input>.<axis>``.

    Raises:
        InvalidInput: If the file is no ONNX, dimensions lack a size, or no operator becomes a layer.
        UnknownName: On a dimension that the model has not.
        MissingExtra: If the library ``onnx`` is not installed.
    """
    try:
        import onnx  # noqa: F401 - whether it is there
    except ModuleNotFoundError as error:
        needs = f"reading ONNX files needs an optional library ({error.name or 'onnx'} is missing)"
        raise MissingExtra(f"{needs}: {install_command('m3e[onnx]')}") from error
    check_file(Path(path), MOST_BYTES)
    from problems.importing.onnx_graph.reading import read_model

    return read_model(Path(path), dims or {})
