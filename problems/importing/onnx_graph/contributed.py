"""Shapes that ONNX itself cannot infer: of operators of other domains, and of the few in ONNX without inference."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from problems.importing.onnx_graph.attention import grouped_heads, multi_heads, projected_heads
from problems.importing.onnx_graph.calls import MISFIT, Call, LeftOut
from problems.importing.onnx_graph.einsums import einsum_shape
from problems.importing.onnx_graph.operators import INTERNAL_NHWC, MICROSOFT, QONNX, QONNX_NHWC, RULES
from problems.importing.onnx_graph.products import packed_shape, product_shape, transposed_operands
from problems.importing.onnx_graph.tensors import Shape

ALL = slice(None)

STAND_INS: Mapping[str, tuple[str, slice]] = {
    "DynamicSlice": ("Slice", ALL),
    MICROSOFT + "DynamicQuantizeLSTM": ("LSTM", slice(3)),
    MICROSOFT + "DynamicQuantizeMatMul": ("MatMul", slice(2)),
    MICROSOFT + "FusedConv": ("Conv", slice(2)),
    MICROSOFT + "FusedGemm": ("Gemm", slice(2)),
    MICROSOFT + "MatMulIntegerToFloat": ("MatMul", slice(2)),
    MICROSOFT + "MulInteger": ("Mul", slice(0, 3, 2)),
    MICROSOFT + "NhwcConv": ("Conv", slice(2)),
    MICROSOFT + "NhwcFusedConv": ("Conv", slice(2)),
    MICROSOFT + "NhwcMaxPool": ("MaxPool", slice(1)),
    MICROSOFT + "QGemm": ("Gemm", slice(0, 4, 3)),
    MICROSOFT + "QLinearAdd": ("Add", slice(0, 4, 3)),
    MICROSOFT + "QLinearAveragePool": ("AveragePool", slice(1)),
    MICROSOFT + "QLinearConcat": ("Concat", slice(2, None, 3)),
    MICROSOFT + "QLinearConv": ("Conv", slice(0, 4, 3)),
    MICROSOFT + "QLinearGlobalAveragePool": ("GlobalAveragePool", slice(1)),
    MICROSOFT + "QLinearMul": ("Mul", slice(0, 4, 3)),
    **{INTERNAL_NHWC + name: (name, ALL) for name in ("ConvTranspose", "DepthToSpace", "GridSample", "SpaceToDepth")},
    **{INTERNAL_NHWC + name: (name, slice(1)) for name in ("AveragePool", "LpPool", "MaxPool")},
    **{INTERNAL_NHWC + name: (name, slice(1)) for name in ("GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool")},
    INTERNAL_NHWC + "Conv": ("Conv", slice(2)),
    INTERNAL_NHWC + "QLinearAveragePool": ("AveragePool", slice(1)),
    INTERNAL_NHWC + "QLinearConv": ("Conv", slice(0, 4, 3)),
    QONNX_NHWC + "AveragePool": ("AveragePool", slice(1)),
    QONNX_NHWC + "Conv": ("Conv", slice(2)),
    QONNX_NHWC + "MaxPool": ("MaxPool", slice(1)),
    **{domain + "MaxPoolNHWC": ("MaxPool", slice(1)) for domain in QONNX},
    **{domain + "XnorPopcountMatMul": ("MatMul", slice(2)) for domain in QONNX},
}
"""Operators whose output shapes are those of a standard operator, in its newest version, on some of their inputs."""

CHANNELS_LAST = frozenset(
    (
        *(name for name in STAND_INS if name.startswith((INTERNAL_NHWC, QONNX_NHWC))),
        *(domain + "MaxPoolNHWC" for domain in QONNX),
        MICROSOFT + "NhwcConv",
        MICROSOFT + "NhwcFusedConv",
        MICROSOFT + "NhwcMaxPool",
    )
)
"""Operators whose first input and output are channels-last."""

CHANNELS_BY_ATTRIBUTE: Mapping[str, tuple[str, object]] = {
    MICROSOFT + "QLinearAveragePool": ("channels_last", 0),
    MICROSOFT + "QLinearConv": ("channels_last", 0),
    MICROSOFT + "QLinearGlobalAveragePool": ("channels_last", 0),
    **{domain + "QuantAvgPool2d": ("data_layout", "NCHW") for domain in QONNX},
}
"""Operators with an attribute for the layout: its name, and its value for channels first."""

QUANTISERS = ("BipolarQuant", "DebugMarker", "FloatQuant", "IntQuant", "MultiThreshold", "Quant", "Trunc")
"""Operators of every domain of QONNX."""

REMOVED = ("Affine", "GRUUnit", "ImageScaler", "ParametricSoftplus", "Scale", "ScaledTanh")
"""Operators of early ONNX, used by converters of the time."""

SAME_SHAPE = frozenset(
    (
        *REMOVED,
        *(domain + name for domain in QONNX for name in QUANTISERS),
        "GroupNormalization",
        "MeanVarianceNormalization",
        "SimplifiedLayerNormalization",
        INTERNAL_NHWC + "BatchNormalization",
        INTERNAL_NHWC + "InstanceNormalization",
        INTERNAL_NHWC + "LRN",
        QONNX_NHWC + "BatchNormalization",
        "com.amd.quark.BFPQuantizeDequantize",
        "com.amd.quark.ExtendedDequantizeLinear",
        "com.amd.quark.ExtendedInstanceNormalization",
        "com.amd.quark.ExtendedQuantizeLinear",
        "com.amd.quark.MXQuantizeDequantize",
        "com.vai.quantize.BFPFixNeuron",
        "com.vai.quantize.MXFixNeuron",
        "com.vai.quantize.VitisDequantizeLinear",
        "com.vai.quantize.VitisInstanceNormalization",
        "com.vai.quantize.VitisQuantizeLinear",
        "org.openvinotoolkit.FakeQuantize",
        "trt.TRT_FP8DequantizeLinear",
        "trt.TRT_FP8QuantizeLinear",
        MICROSOFT + "BiasAdd",
        MICROSOFT + "BiasDropout",
        MICROSOFT + "BiasGelu",
        MICROSOFT + "BiasSoftmax",
        MICROSOFT + "BitmaskBiasDropout",
        MICROSOFT + "BitmaskDropout",
        MICROSOFT + "DequantizeLinear",
        MICROSOFT + "DequantizeWithOrder",
        MICROSOFT + "FastGelu",
        MICROSOFT + "Gelu",
        MICROSOFT + "GroupNorm",
        MICROSOFT + "QLinearLeakyRelu",
        MICROSOFT + "QLinearSigmoid",
        MICROSOFT + "QLinearSoftmax",
        MICROSOFT + "QOrderedGelu",
        MICROSOFT + "QOrderedLayerNormalization",
        MICROSOFT + "QuantizeLinear",
        MICROSOFT + "QuantizeWithOrder",
        MICROSOFT + "QuickGelu",
        MICROSOFT + "RotaryEmbedding",
        MICROSOFT + "SkipGroupNorm",
        MICROSOFT + "SkipLayerNormalization",
        MICROSOFT + "SkipSimplifiedLayerNormalization",
    )
)
"""Operators whose outputs have the shape of their first input; they make no products."""


def has_channels_last(operator: str, attributes: Mapping[str, object]) -> bool:
    """Return whether the first input and output of an operator are channels-last."""
    if operator not in CHANNELS_BY_ATTRIBUTE:
        return operator in CHANNELS_LAST
    attribute, first = CHANNELS_BY_ATTRIBUTE[operator]
    return attributes.get(attribute, first) != first


def embedded(call: Call) -> Shape:
    """Shape of ``EmbedLayerNormalization``: a row of the word embedding (words, D) for each token."""
    words = call.shape(2)
    if len(words) != 2:
        raise LeftOut(MISFIT)
    return (*call.shape(0), words[1])


def cropped(call: Call) -> Shape:
    """Shape of ``Crop``: (N, C, H, W) less the borders left, top, right, bottom, or with the height and width given."""
    x, border, scale = call.shape(0), call.integers("border") or (0,) * 4, call.integers("scale")
    if len(x) != 4 or len(border) != 4 or min(border) < 0 or len(scale) not in (0, 2):
        raise LeftOut(MISFIT)
    left, top, right, bottom = border
    height, width = scale or (x[2] - top - bottom, x[3] - left - right)
    if not 0 <= height <= x[2] - top or not 0 <= width <= x[3] - left:
        raise LeftOut(MISFIT)
    return (*x[:2], height, width)


def filled(call: Call) -> Shape:
    """Shape of ``GivenTensorFill``, ``ConstantFill``: an attribute, or that of the input and further dimensions."""
    if call.integer("input_as_shape"):
        raise LeftOut("its shape is computed")
    return call.integers("shape") or (*call.shape(0), *call.integers("extra_shape"))


def columns(call: Call) -> Shape:
    """Shape of ``Im2Col`` of QONNX: for (N, H, W, C), the window of every output, (N, H', W', window)."""
    x, kernel, strides = call.shape(0), call.integers("kernel_size"), call.integers("stride")
    pads, dilations = call.integers("pad_amount") or (0,) * 4, call.integers("dilations") or (1, 1)
    if len(x) != 4 or {len(kernel), len(strides), len(dilations)} != {2} or len(pads) != 4 or min(strides) < 1:
        raise LeftOut(MISFIT)
    padded = x[1] + pads[0] + pads[2], x[2] + pads[1] + pads[3]
    spans = (dilation * (size - 1) + 1 for dilation, size in zip(dilations, kernel, strict=True))
    rows, cols = ((p - span) // step + 1 for p, span, step in zip(padded, spans, strides, strict=True))
    return x[0], rows, cols, kernel[0] * kernel[1] * x[3]


def average_pooled(call: Call) -> Shape:
    """Shape of ``QuantAvgPool2d``: (N, C, H, W) pooled by a square window without padding."""
    x, size, step = call.shape(0), call.integer("kernel", 1), call.integer("stride", 1)
    if len(x) != 4 or size < 1 or step < 1:
        raise LeftOut(MISFIT)
    return (*x[:2], *((extent - size) // step + 1 for extent in x[2:]))


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape of an operation on all ``shapes``, as in NumPy.

    Raises:
        LeftOut: If they do not fit together.
    """
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise LeftOut(MISFIT) from None


SHAPES: Mapping[str, Callable[[Call], Shape]] = {
    "ConstantFill": filled,
    "Crop": cropped,
    "Einsum": einsum_shape,
    "GivenTensorFill": filled,
    MICROSOFT + "Attention": lambda call: projected_heads(call, 4).packed,
    MICROSOFT + "EmbedLayerNormalization": embedded,
    MICROSOFT + "FusedMatMul": lambda call: product_shape(*transposed_operands(call, 0, 1)),
    MICROSOFT + "GroupQueryAttention": lambda call: grouped_heads(call).packed,
    MICROSOFT + "MatMulNBits": lambda call: product_shape(call.shape(0), packed_shape(call)),
    MICROSOFT + "MultiHeadAttention": lambda call: multi_heads(call).packed,
    MICROSOFT + "QAttention": lambda call: projected_heads(call, 8).packed,
    MICROSOFT + "QLinearWhere": lambda call: broadcast(call.shape(0), call.shape(1), call.shape(4)),
    **{domain + "Im2Col": columns for domain in QONNX},
    **{domain + "QuantAvgPool2d": average_pooled for domain in QONNX},
}
"""Functions that return the shape of an operator's first output; they may raise ``LeftOut``."""

WITHOUT_PRODUCTS = SAME_SHAPE | {name for name in (*STAND_INS, *SHAPES) if name not in RULES}
"""Operators of other domains that are known to make no products, like every ONNX operator without a rule."""
