"""Networks from ONNX files.

Nodes may come in any order. Treatment of the operators (those of ONNX Runtime are in the domain ``com.microsoft``):

- Layers: ``Conv`` over one or two dimensions (as many groups as channels: DSCONV; other groups: ``Layer.groups``),
  ``ConvTranspose`` (a CONV with as many multiply-accumulates, see ``convolutions``), ``Gemm``, ``MatMul`` (FFN for one
  row times weights, else GEMM; batch dimensions of both operands: ``Layer.groups``, of one: rows), ``Attention`` (two
  GEMMs), ``Einsum`` of two operands, ``CausalConvWithState``; the integer and quantised forms of these; of ONNX Runtime
  ``FusedConv``, ``FusedGemm``, ``FusedMatMul``, ``MatMulNBits``, ``Attention``, ``MultiHeadAttention``,
  ``GroupQueryAttention`` and their quantised forms; channels-last convolutions of ONNX Runtime and QONNX. The samples
  of a convolution are ``Layer.batch``, those of a product rows.
- Left out and listed with their multiply-accumulates: convolutions over three dimensions, ``DeformConv``, ``RNN``,
  ``GRU``, ``LSTM``, products of constants (none at run time), empty tensors (none).
- Left out and listed, multiply-accumulates unknown: ``DFT``, ``STFT``, ``LinearAttention``, other ``Einsum``; ``If``,
  ``Loop``, ``Scan`` that contain products; unknown operators, including those of ONNX Runtime's last optimisation
  level; products of unknown shape.
- Not listed, since they make no products: all other operators of ONNX (element-wise, normalisation, pooling, lookup,
  shapes), and those in ``contributed``: of ONNX Runtime, of early ONNX, quantisers of Brevitas, QONNX and others.

An ``If`` whose condition depends on shapes alone is replaced by its branch. Masks, causal or other, save nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from problems.foundation.errors import MissingExtra
from problems.foundation.extras import install_command
from problems.foundation.files import check_file
from problems.importing.workload import Workload

MOST_BYTES = 2**31
"""Largest file: as much as the format can hold."""


def read_onnx(path: str | Path, dims: Mapping[str, int] | None = None) -> Workload:
    """Read the network in an ONNX file; workload and network are named after the file.

    Large weights are not needed: neither those inside the file nor those in files beside it are read.

    Args:
        path: Path of the file.
        dims: Sizes of the open dimensions of the inputs, by name; one without a name is ``<input>.<axis>``.
            Dimensions that are an expression of others, e.g. ``past + 1``, follow from these.

    Raises:
        InvalidInput: If the file is not ONNX, damaged or too large; if a dimension has no size, or no operator
            becomes a layer.
        UnknownName: On a dimension that the model does not have.
        MissingExtra: If the library ``onnx`` is not installed.
    """
    try:
        import onnx  # noqa: F401 - only checks that it is installed
    except ModuleNotFoundError as error:
        needs = f"reading ONNX files needs an optional library (missing: {error.name or 'onnx'})"
        raise MissingExtra(f"{needs}: {install_command('m3e[onnx]')}") from error
    check_file(Path(path), MOST_BYTES)
    from problems.importing.onnx_graph.reading import read_model

    return read_model(Path(path), dims or {})
