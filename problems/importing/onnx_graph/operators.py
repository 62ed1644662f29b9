"""The rules of the operators that make products."""

from __future__ import annotations

from collections.abc import Mapping

from problems.importing.onnx_graph.attention import (
    grouped_heads,
    multi_heads,
    projecting_attention,
    separate_attention,
    standard_heads,
)
from problems.importing.onnx_graph.calls import Rule
from problems.importing.onnx_graph.convolutions import (
    causal_convolution,
    convolution,
    deformable_convolution,
    transposed_convolution,
)
from problems.importing.onnx_graph.einsums import einsum
from problems.importing.onnx_graph.products import fused_matmul, gemm, matmul, quantised_weights
from problems.importing.onnx_graph.unmodelled import recurrent, unmodelled

MICROSOFT = "com.microsoft."

INTERNAL_NHWC = "com.ms.internal.nhwc."
"""ONNX's operators on channels-last tensors, as ONNX Runtime uses them internally."""

QONNX = ("onnx.brevitas.", "qonnx.custom_op.general.", "finn.custom_op.general.", "finn.")
"""The domains of the quantisers of Brevitas, QONNX and FINN, the oldest last."""

QONNX_NHWC = "qonnx.custom_op.channels_last."

RULES: Mapping[str, Rule] = {
    "Attention": separate_attention(standard_heads, past=4),
    "CausalConvWithState": causal_convolution,
    "Conv": convolution(),
    "ConvInteger": convolution(),
    "ConvTranspose": transposed_convolution,
    "DFT": unmodelled("a Fourier transform"),
    "DeformConv": deformable_convolution,
    "Einsum": einsum,
    "GRU": recurrent,
    "Gemm": gemm(),
    "LSTM": recurrent,
    "LinearAttention": unmodelled("its steps depend on each other"),
    "MatMul": matmul(),
    "MatMulInteger": matmul(),
    "QLinearConv": convolution(0, 3),
    "QLinearMatMul": matmul(0, 3),
    "RNN": recurrent,
    "STFT": unmodelled("a Fourier transform"),
    MICROSOFT + "Attention": projecting_attention(past=4),
    MICROSOFT + "DynamicQuantizeLSTM": recurrent,
    MICROSOFT + "DynamicQuantizeMatMul": matmul(),
    MICROSOFT + "FusedConv": convolution(),
    MICROSOFT + "FusedGemm": gemm(),
    MICROSOFT + "FusedMatMul": fused_matmul,
    MICROSOFT + "GroupQueryAttention": separate_attention(grouped_heads, past=3),
    MICROSOFT + "MatMulIntegerToFloat": matmul(),
    MICROSOFT + "MatMulNBits": quantised_weights,
    MICROSOFT + "MultiHeadAttention": separate_attention(multi_heads, past=6),
    MICROSOFT + "QAttention": projecting_attention(past=8),
    MICROSOFT + "QGemm": gemm(0, 3),
    MICROSOFT + "NhwcConv": convolution(),
    MICROSOFT + "NhwcFusedConv": convolution(),
    MICROSOFT + "QLinearConv": convolution(0, 3),
    INTERNAL_NHWC + "Conv": convolution(),
    INTERNAL_NHWC + "ConvTranspose": transposed_convolution,
    INTERNAL_NHWC + "QLinearConv": convolution(0, 3),
    QONNX_NHWC + "Conv": convolution(),
    **{domain + "XnorPopcountMatMul": matmul() for domain in QONNX},
}
"""The operators that make products; those neither here nor known to make none are left out as unknown."""

REVIEWED_OPSET = 28
"""The version of ONNX up to which its operators were reviewed: those without a rule make no products.

Later operators are unknown.
"""


LAST_LEVEL = ("com.microsoft.nchwc.", INTERNAL_NHWC, MICROSOFT + "Nhwc")
"""Prefixes of the operators that only the last level of ONNX Runtime's optimisation makes."""


def advice(operator: str) -> str:
    """Return what to do about an operator that is left out; begins with a semicolon, or is empty."""
    if operator.startswith(LAST_LEVEL):
        return "; ONNX Runtime's last optimisation level makes it: save the model at ORT_ENABLE_EXTENDED"
    return ""
