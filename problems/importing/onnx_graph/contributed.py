"""Shapes that ONNX itself cannot infer: the operators of ONNX Runtime, and the few of ONNX without inference."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from problems.importing.onnx_graph.attention import grouped_heads, multi_heads, projected_heads
from problems.importing.onnx_graph.calls import Call, Shape
from problems.importing.onnx_graph.operators import MICROSOFT
from problems.importing.onnx_graph.products import packed_shape, product_shape, transposed_operands

STAND_INS: Mapping[str, tuple[str, slice]] = {
    MICROSOFT + "DynamicQuantizeLSTM": ("LSTM", slice(3)),
    MICROSOFT + "DynamicQuantizeMatMul": ("MatMul", slice(2)),
    MICROSOFT + "FusedConv": ("Conv", slice(2)),
    MICROSOFT + "FusedGemm": ("Gemm", slice(2)),
    MICROSOFT + "MatMulIntegerToFloat": ("MatMul", slice(2)),
    MICROSOFT + "QGemm": ("Gemm", slice(0, 4, 3)),
    MICROSOFT + "QLinearAdd": ("Add", slice(0, 4, 3)),
    MICROSOFT + "QLinearAveragePool": ("AveragePool", slice(1)),
    MICROSOFT + "QLinearConcat": ("Concat", slice(2, None, 3)),
    MICROSOFT + "QLinearConv": ("Conv", slice(0, 4, 3)),
    MICROSOFT + "QLinearGlobalAveragePool": ("GlobalAveragePool", slice(1)),
    MICROSOFT + "QLinearMul": ("Mul", slice(0, 4, 3)),
}
"""Operators whose outputs have the shapes of a standard one's on some of their inputs."""

SAME_SHAPE = frozenset(
    (
        "GroupNormalization",
        "MeanVarianceNormalization",
        "SimplifiedLayerNormalization",
        MICROSOFT + "BiasAdd",
        MICROSOFT + "BiasDropout",
        MICROSOFT + "BiasGelu",
        MICROSOFT + "BiasSoftmax",
        MICROSOFT + "DequantizeLinear",
        MICROSOFT + "FastGelu",
        MICROSOFT + "Gelu",
        MICROSOFT + "GroupNorm",
        MICROSOFT + "QLinearLeakyRelu",
        MICROSOFT + "QLinearSigmoid",
        MICROSOFT + "QLinearSoftmax",
        MICROSOFT + "QuantizeLinear",
        MICROSOFT + "QuickGelu",
        MICROSOFT + "RotaryEmbedding",
        MICROSOFT + "SkipGroupNorm",
        MICROSOFT + "SkipLayerNormalization",
        MICROSOFT + "SkipSimplifiedLayerNormalization",
    )
)
"""Operators whose outputs have the shape of their first input; they make no products."""

SHAPES: Mapping[str, Callable[[Call], Shape]] = {
    MICROSOFT + "Attention": lambda call: projected_heads(call, 4).packed,
    MICROSOFT + "EmbedLayerNormalization": lambda call: (*call.shape(0), call.shape(2)[1]),
    MICROSOFT + "FusedMatMul": lambda call: product_shape(*transposed_operands(call, 0, 1)),
    MICROSOFT + "GroupQueryAttention": lambda call: grouped_heads(call).packed,
    MICROSOFT + "MatMulNBits": lambda call: product_shape(call.shape(0), packed_shape(call)),
    MICROSOFT + "MultiHeadAttention": lambda call: multi_heads(call).packed,
    MICROSOFT + "QAttention": lambda call: projected_heads(call, 8).packed,
}
"""The shape of the first output of an operator; may raise ``LeftOut``."""

WITHOUT_PRODUCTS = frozenset(
    (
        *SAME_SHAPE,
        MICROSOFT + "EmbedLayerNormalization",
        MICROSOFT + "QLinearAdd",
        MICROSOFT + "QLinearAveragePool",
        MICROSOFT + "QLinearConcat",
        MICROSOFT + "QLinearGlobalAveragePool",
        MICROSOFT + "QLinearMul",
    )
)
"""Operators of ONNX Runtime that are known to make no products, as does every ONNX operator without a rule."""
