"""Matrix products as FFN and GEMM layers.

A batch dimension that both operands have counts into ``groups``; one that only one operand has counts into its rows (or
columns), since the other operand is the same for all of them.
"""

from __future__ import annotations

from math import prod

import numpy as np

from problems.importing.onnx_graph.calls import EMPTY, MISFIT, Call, LeftOut, Part, Rule, refuse_folded
from problems.importing.onnx_graph.tensors import Shape
from problems.layers import Layer


def matmul(left: int = 0, right: int = 1) -> Rule:
    """Return the rule of operators that multiply the inputs ``left`` and ``right`` as NumPy does."""

    def rule(call: Call) -> tuple[Part, ...]:
        refuse_folded(call, left, right)
        constants = call.constant(left), call.constant(right)
        return (Part(product_layer(call.shape(left), call.shape(right), constants)),)

    return rule


def gemm(left: int = 0, right: int = 1) -> Rule:
    """Return the rule of operators that multiply two matrices, transposed by ``transA`` and ``transB``."""

    def rule(call: Call) -> tuple[Part, ...]:
        refuse_folded(call, left, right)
        a, b = transposed_operands(call, left, right)
        if len(a) != 2 or len(b) != 2:
            raise LeftOut(MISFIT)
        return (Part(product_layer(a, b, (call.constant(left), call.constant(right)))),)

    return rule


def fused_matmul(call: Call) -> tuple[Part, ...]:
    """Rule of ``com.microsoft.FusedMatMul``: a product of stacks whose matrices may be transposed."""
    refuse_folded(call, 0, 1)
    a, b = transposed_operands(call, 0, 1)
    return (Part(product_layer(a, b, (call.constant(0), call.constant(1)))),)


def quantised_weights(call: Call) -> tuple[Part, ...]:
    """Rule of ``com.microsoft.MatMulNBits``: a product with packed weights, ``(K, N)`` by its attributes."""
    return (Part(product_layer(call.shape(0), packed_shape(call), (False, True))),)


def packed_shape(call: Call) -> Shape:
    """Return the shape ``(K, N)`` that packed weights stand for.

    Raises:
        LeftOut: If it is invalid.
    """
    shape = call.integer("K"), call.integer("N")
    if min(shape) < 0:
        raise LeftOut(MISFIT)
    return shape


def transposed_operands(call: Call, left: int, right: int) -> tuple[Shape, Shape]:
    """Return the shapes of both operands after ``transBatchA``, ``transBatchB`` and then ``transA``, ``transB``.

    Raises:
        LeftOut: If they are unknown.
    """
    return _transposed(call, left, "A"), _transposed(call, right, "B")


def product_shape(left: Shape, right: Shape) -> Shape:
    """Return the shape of ``left @ right`` as in NumPy.

    Raises:
        LeftOut: If the two do not fit together.
    """
    a, b = _matrices(left, right)
    try:
        batch = np.broadcast_shapes(a[:-2], b[:-2])
    except ValueError:
        raise LeftOut(MISFIT) from None
    return (*batch, *([a[-2]] if len(left) > 1 else []), *([b[-1]] if len(right) > 1 else []))


def product_layer(left: Shape, right: Shape, constants: tuple[bool, bool], name: str = "") -> Layer:
    """Make ``left @ right`` a layer: an FFN for one row of activations times weights, else a GEMM.

    With weights on the left it is treated as ``(right.T @ left.T).T``, so that the rows (Y) are always activations.

    Args:
        left: Shape of the left operand.
        right: Shape of the right operand.
        constants: Which of the two are weights.
        name: Name of the layer.

    Raises:
        LeftOut: If the two do not fit together or are empty.
    """
    a, b = _matrices(left, right)
    groups, rows, columns = 1, a[-2], b[-1]
    rank = max(len(a), len(b))
    for of_a, of_b in zip(_padded(a, rank)[:-2], _padded(b, rank)[:-2], strict=True):
        if of_a == of_b:
            groups *= of_a
        elif of_b == 1:
            rows *= of_a
        elif of_a == 1:
            columns *= of_b
        else:
            raise LeftOut(MISFIT)
    if not prod((groups, rows, columns, a[-1])):
        raise LeftOut(EMPTY, 0)
    if constants[0]:
        rows, columns = columns, rows
    if any(constants) and rows == groups == 1:
        return Layer.ffn(name, out=columns, inp=a[-1])
    return Layer.gemm(name, m=rows, n=columns, k=a[-1], groups=groups)


def _matrices(left: Shape, right: Shape) -> tuple[Shape, Shape]:
    """Return both shapes with at least two dimensions: a vector is a row on the left, a column on the right."""
    if not left or not right:
        raise LeftOut(MISFIT)
    a = left if len(left) > 1 else (1, *left)
    b = right if len(right) > 1 else (*right, 1)
    if a[-1] != b[-2]:
        raise LeftOut(MISFIT)
    return a, b


def _padded(shape: Shape, rank: int) -> Shape:
    return (1,) * (rank - len(shape)) + shape


def _transposed(call: Call, index: int, letter: str) -> Shape:
    """Return an operand's shape; flags move its first dimension behind the batch, and then swap the last two."""
    shape = call.shape(index)
    if len(shape) > 1 and call.integer(f"transBatch{letter}"):
        shape = (*shape[1:-1], shape[0], shape[-1])
    if len(shape) > 1 and call.integer(f"trans{letter}"):
        shape = (*shape[:-2], shape[-1], shape[-2])
    return shape
