"""Convolutions as CONV and DSCONV layers.

A one-dimensional convolution runs along the rows (Y, R), like the rows of a GEMM, so that one with a filter of
length 1 costs the same as the equivalent GEMM.
"""

from __future__ import annotations

from math import prod

from problems.importing.onnx_graph.calls import EMPTY, MISFIT, Call, LeftOut, Part, Rule, refuse_folded
from problems.importing.onnx_graph.tensors import Shape
from problems.layers import Layer, LayerKind

MOST_DIMENSIONS = 2


def convolution(data: int = 0, weight: int = 1) -> Rule:
    """Return the rule of convolutions of the input ``data`` with the filters ``weight``.

    Strides, padding and dilation show in the extents of the output. With as many groups as input and output channels
    it is a DSCONV; with more output than input channels (a multiplier) a CONV of one input channel per group.
    """

    def rule(call: Call) -> tuple[Part, ...]:
        refuse_folded(call, data, weight)
        x, w, y, groups = _shapes(call, data, weight)
        if len(x) - 2 > MOST_DIMENSIONS:
            raise LeftOut(f"a convolution over {len(x) - 2} dimensions", prod(y) * prod(w[1:]))
        extents = (*_plane(x[2:]), *_plane(w[2:]), *_plane(y[2:]))
        if groups == x[1] == w[0] and groups > 1:
            return (Part(Layer("", LayerKind.DSCONV, groups, groups, *extents, batch=x[0])),)
        return (Part(Layer("", LayerKind.CONV, w[0] // groups, w[1], *extents, groups=groups, batch=x[0])),)

    return rule


def deformable_convolution(call: Call) -> tuple[Part, ...]:
    """Rule of ``DeformConv``: the products of a convolution on inputs gathered by offsets."""
    _, w, y, _ = _shapes(call, 0, 1)
    raise LeftOut("its inputs are gathered by offsets", prod(y) * prod(w[1:]))


def transposed_convolution(call: Call) -> tuple[Part, ...]:
    """Rule of ``ConvTranspose``: a CONV with as many multiply-accumulates and weights, over the input's extents.

    If the stride divides the filter, it is exactly the sub-pixel convolution (Shi 2016) with stride**2 times the
    channels, including the traffic of its outputs; otherwise that traffic comes out stride**2 times too small.
    Products that the padding cuts off are counted.
    """
    refuse_folded(call, 0, 1)
    x, w = call.shape(0), call.shape(1)  # (N, C, ...), (C, K / groups, ...)
    groups = call.integer("group", 1)
    dimensions = len(x) - 2
    if dimensions < 1 or len(w) != len(x) or w[0] != x[1] or groups < 1 or w[0] % groups:
        raise LeftOut(MISFIT)
    if not prod(x) * prod(w):
        raise LeftOut(EMPTY, 0)
    if dimensions > MOST_DIMENSIONS:
        raise LeftOut(f"a convolution over {dimensions} dimensions", prod(x) * prod(w[1:]))
    strides = call.integers("strides") or (1,) * dimensions
    if len(strides) != dimensions or min(strides) < 1:
        raise LeftOut(MISFIT)
    channels, window = w[1], w[2:]
    if not any(size % step for size, step in zip(window, strides, strict=True)):
        channels *= prod(strides)
        window = tuple(size // step for size, step in zip(window, strides, strict=True))
    sizes = (channels, x[1] // groups, *_plane(x[2:]), *_plane(window), *_plane(x[2:]))
    return (Part(Layer("", LayerKind.CONV, *sizes, groups=groups, batch=x[0])),)


def causal_convolution(call: Call) -> tuple[Part, ...]:
    """Rule of ``CausalConvWithState``: a depthwise convolution along a sequence that keeps its length."""
    x, w = call.shape(0), call.shape(1)
    if len(x) != 3 or len(w) != 3 or w[0] != x[1]:
        raise LeftOut(MISFIT)
    if not prod(x) * prod(w):
        raise LeftOut(EMPTY, 0)
    sizes = (x[1], x[1], x[2], 1, w[2], 1, x[2], 1)
    return (Part(Layer("", LayerKind.DSCONV, *sizes, batch=x[0])),)


def _shapes(call: Call, data: int, weight: int) -> tuple[Shape, Shape, Shape, int]:
    """Return the shapes (N, C, ...), (K, C / groups, ...) and (N, K, ...) of a convolution, and its groups."""
    x, w = call.shape(data), call.shape(weight)
    groups = call.integer("group", 1)
    if len(x) < 3 or len(w) != len(x) or groups < 1 or x[1] != w[1] * groups or w[0] % groups:
        raise LeftOut(MISFIT)
    if not prod(x) * prod(w):
        raise LeftOut(EMPTY, 0)
    y = call.result(0)
    if len(y) != len(x) or y[1] != w[0] or min(y) < 1:
        raise LeftOut(MISFIT)
    return x, w, y, groups


def _plane(extents: Shape) -> tuple[int, int]:
    """Return rows and columns; one column if there is only one extent."""
    return extents[0], extents[1] if len(extents) > 1 else 1
