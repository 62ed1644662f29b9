"""Which operator is what: the rules of those that make products, and the names of those that make none."""

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
    MICROSOFT + "QLinearConv": convolution(0, 3),
}
"""The operators that make products. What is neither here nor known to make none is left out as unknown."""

REVIEWED_OPSET = 28
"""The version of ONNX up to which its operators were gone through: those without a rule make no products.

Operators that come later are unknown.
"""


def operator_name(domain: str, op_type: str) -> str:
    """The name of an operator, its domain before it unless that is ONNX's own."""
    return op_type if domain in ("", "ai.onnx") else f"{domain}.{op_type}"
