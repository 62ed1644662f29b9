"""Networks from ONNX files.

Nodes may stand in any order. What becomes of an operator (``ONNX Runtime``: of the domain ``com.microsoft``):

- Layers: ``Conv`` over one or two dimensions (as many groups as channels: DSCONV; other groups: ``Layer.groups``),
  ``ConvTranspose`` (a CONV of as many multiply-accumulates, see there), ``Gemm``, ``MatMul`` (FFN for one row times
  weights, else GEMM; batch dimensions of both operands: ``Layer.groups``, of one: rows), ``Attention`` (two GEMMs),
  ``Einsum`` of two operands,
  ``CausalConvWithState``; the integer and quantised forms of these; of ONNX Runtime ``FusedConv``, ``FusedGemm``,
  ``FusedMatMul``, ``MatMulNBits``, ``Attention``, ``MultiHeadAttention``, ``GroupQueryAttention`` and their quantised
  forms; convolutions whose channels come last, there and in QONNX. The samples of a convolution are ``Layer.batch``,
  those of a product rows.
- Left out and listed, multiply-accumulates counted: convolutions over three dimensions, ``DeformConv``, ``RNN``,
  ``GRU``, ``LSTM``, products of constants (none at run time), empty tensors (none).
- Left out and listed, multiply-accumulates unknown: ``DFT``, ``STFT``, ``LinearAttention``, other ``Einsum``; ``If``,
  ``Loop``, ``Scan`` that hold any of these; operators that nobody here knows, those of ONNX Runtime's last optimisation
  level among them; products of unknown shape.
- Not listed, since they make no products: all other operators of ONNX (element-wise, normalisation, pooling, lookup,
  shapes), and those in ``contributed``: of ONNX Runtime, of a former ONNX, quantisers of Brevitas, QONNX and others.

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
            Those called as an expression of others, ``past + 1``, follow from these.

    Raises:
        InvalidInput: If the file is no ONNX, or damaged, or comes to more than can be read; if dimensions lack a size,
            or no operator becomes a layer.
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
