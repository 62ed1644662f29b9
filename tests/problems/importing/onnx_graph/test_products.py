"""Matrix products, their multiply-accumulates worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from problems.importing.onnx_graph.calls import LeftOut
from problems.importing.onnx_graph.products import product_layer, product_shape
from problems.layers import LayerKind

MATMUL = helper.make_node("MatMul", ["a", "b"], ["y"], name="product")


def gemm(layer):
    assert layer.kind is LayerKind.GEMM
    return {"m": layer.Y, "n": layer.K, "k": layer.C, "groups": layer.groups}


def test_rows_times_weights_are_a_gemm(models):
    assert gemm(models.layer(MATMUL, {"a": (7, 3)}, {"b": (3, 5)})) == {"m": 7, "n": 5, "k": 3, "groups": 1}


def test_one_row_times_weights_is_fully_connected(models):
    layer = models.layer(MATMUL, {"a": (1, 3)}, {"b": (3, 5)})
    assert (layer.kind, layer.K, layer.C, layer.macs) == (LayerKind.FFN, 5, 3, 15)


def test_one_row_times_activations_is_a_gemm(models):
    assert gemm(models.layer(MATMUL, {"a": (1, 3), "b": (3, 5)})) == {"m": 1, "n": 5, "k": 3, "groups": 1}


def test_leading_dimensions_of_activations_are_rows(models):
    assert gemm(models.layer(MATMUL, {"a": (2, 6, 7, 3)}, {"b": (3, 5)}))["m"] == 2 * 6 * 7


def test_batch_dimensions_of_both_are_groups(models):
    layer = models.layer(MATMUL, {"a": (2, 4, 7, 3), "b": (2, 4, 3, 5)})
    assert gemm(layer) == {"m": 7, "n": 5, "k": 3, "groups": 8}
    assert layer.macs == 8 * 7 * 5 * 3


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((2, 4, 7, 3), (1, 4, 3, 5), {"m": 14, "n": 5, "k": 3, "groups": 4}),
        ((4, 7, 3), (2, 4, 3, 5), {"m": 7, "n": 10, "k": 3, "groups": 4}),
        ((2, 1, 7, 3), (4, 3, 5), {"m": 14, "n": 20, "k": 3, "groups": 1}),
        ((7, 3), (2, 3, 5), {"m": 7, "n": 10, "k": 3, "groups": 1}),
        ((3,), (3, 5), {"m": 1, "n": 5, "k": 3, "groups": 1}),
        ((7, 3), (3,), {"m": 7, "n": 1, "k": 3, "groups": 1}),
        ((3,), (3,), {"m": 1, "n": 1, "k": 3, "groups": 1}),
        ((2, 7, 3), (3,), {"m": 14, "n": 1, "k": 3, "groups": 1}),
    ],
)
def test_broadcast_dimensions_are_rows_or_columns_and_vectors_one_of_them(models, a, b, expected):
    assert gemm(models.layer(MATMUL, {"a": a, "b": b})) == expected


def test_weights_on_the_left_have_the_columns_of_the_activations_as_rows(models):
    assert gemm(models.layer(MATMUL, {"b": (2, 3, 5)}, {"a": (7, 3)})) == {"m": 10, "n": 7, "k": 3, "groups": 1}
    assert models.layer(MATMUL, {"b": (3, 1)}, {"a": (7, 3)}).kind is LayerKind.FFN


def test_weights_may_pass_through_other_operators(models):
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "scale"], ["plain"]),
        helper.make_node("Transpose", ["plain"], ["b"]),
        MATMUL,
    ]
    weights = {"w": np.zeros((5, 3), np.int8), "scale": np.float32(0.5)}
    (layer,) = models.layers(nodes, {"a": (1, 3)}, weights)
    assert (layer.kind, layer.K, layer.C) == (LayerKind.FFN, 5, 3)


@pytest.mark.parametrize(
    ("a", "b", "attributes"),
    [
        ((7, 3), (3, 5), {}),
        ((3, 7), (3, 5), {"transA": 1}),
        ((7, 3), (5, 3), {"transB": 1}),
        ((3, 7), (5, 3), {"transA": 1, "transB": 1, "alpha": 0.5}),
    ],
)
@pytest.mark.parametrize(("operator", "domain"), [("Gemm", ""), ("FusedGemm", "com.microsoft")])
def test_gemm_may_transpose_its_operands(models, operator, domain, a, b, attributes):
    node = helper.make_node(operator, ["a", "b", "c"], ["y"], domain=domain, **attributes)
    layer = models.layer(node, {"a": a}, {"b": b, "c": (5,)}, domains=["com.microsoft"])
    assert gemm(layer) == {"m": 7, "n": 5, "k": 3, "groups": 1}


def test_gemm_of_one_row_is_fully_connected(models):
    node = helper.make_node("Gemm", ["a", "b"], ["y"], transB=1)
    assert models.layer(node, {"a": (1, 3)}, {"b": (5, 3)}).kind is LayerKind.FFN


@pytest.mark.parametrize(
    "node",
    [
        helper.make_node("MatMulInteger", ["a", "b", "zero", "zero"], ["y"]),
        helper.make_node("QLinearMatMul", ["a", "scale", "zero", "b", "scale", "zero", "scale", "zero"], ["y"]),
        helper.make_node("DynamicQuantizeMatMul", ["a", "b", "scale"], ["y"], domain="com.microsoft"),
        helper.make_node("MatMulIntegerToFloat", ["a", "b", "scale", "scale"], ["y"], domain="com.microsoft"),
        helper.make_node("MatMulNBits", ["a", "packed", "scale"], ["y"], domain="com.microsoft", K=3, N=5, bits=4),
        helper.make_node("QGemm", ["a", "scale", "zero", "b", "scale", "zero"], ["y"], domain="com.microsoft"),
    ],
    ids=lambda node: node.op_type,
)
def test_quantised_products_are_products(models, node):
    weights = {"packed": (5, 1, 2), "scale": np.float32(0.5), "zero": np.uint8(0)}
    weights |= {"b": np.zeros((3, 5), np.uint8), "head": (5, 2)}
    reader = helper.make_node("MatMul", ["y", "head"], ["z"])
    settings = {"domains": ["com.microsoft"], "element": TensorProto.UINT8}
    first, second = models.layers([node, reader], {"a": (7, 3)}, weights, **settings)
    assert gemm(first) == {"m": 7, "n": 5, "k": 3, "groups": 1}
    assert gemm(second) == {"m": 7, "n": 2, "k": 5, "groups": 1}


@pytest.mark.parametrize(
    ("a", "b", "attributes", "expected"),
    [
        ((2, 3, 7), (2, 5, 3), {"transA": 1, "transB": 1}, {"m": 7, "n": 5, "k": 3, "groups": 2}),
        ((7, 2, 3), (3, 2, 5), {"transBatchA": 1, "transBatchB": 1}, {"m": 7, "n": 5, "k": 3, "groups": 2}),
        ((3, 2, 7), (2, 3, 5), {"transBatchA": 1, "transA": 1}, {"m": 7, "n": 5, "k": 3, "groups": 2}),
        ((3,), (3, 5), {"transA": 1}, {"m": 1, "n": 5, "k": 3, "groups": 1}),
    ],
)
def test_fused_products_may_transpose_matrices_and_batches(models, a, b, attributes, expected):
    node = helper.make_node("FusedMatMul", ["a", "b"], ["y"], domain="com.microsoft", **attributes)
    assert gemm(models.layer(node, {"a": a, "b": b}, domains=["com.microsoft"])) == expected


def test_a_product_of_constants_is_left_out_since_a_run_does_not_make_it(models):
    skipped = models.left_out(MATMUL, {}, {"a": (7, 3), "b": (3, 5)})
    assert skipped.macs == 0
    assert "computed once" in skipped.reason


def test_an_empty_product_is_left_out(models):
    skipped = models.left_out(MATMUL, {"a": ("n", 3)}, {"b": (3, 5)}, dims={"n": 0})
    assert (skipped.macs, skipped.reason) == (0, "one of its extents is 0")


@pytest.mark.parametrize(("a", "b"), [((7, 3), (4, 5)), ((2, 7, 3), (3, 3, 5)), ((), (3, 5))])
def test_shapes_that_do_not_fit_are_left_out(models, a, b):
    skipped = models.left_out(MATMUL, {"a": a}, {"b": b})
    assert (skipped.macs, skipped.reason) == (None, "the shapes of its inputs do not fit")


def test_gemm_takes_no_stacks(models):
    skipped = models.left_out(helper.make_node("Gemm", ["a", "b"], ["y"]), {"a": (2, 7, 3)}, {"b": (3, 5)})
    assert skipped.reason == "the shapes of its inputs do not fit"


def test_a_missing_operand_is_left_out(models):
    assert models.left_out(helper.make_node("MatMul", ["a"], ["y"]), {"a": (2, 3)}).reason == "an input is missing"
    assert models.left_out(helper.make_node("MatMul", ["a", ""], ["y"]), {"a": (2, 3)}).reason == "an input is missing"


def test_products_of_integers_are_products(models):
    layer = models.layer(MATMUL, {"a": (7, 3), "b": (3, 5)}, element=TensorProto.INT64)
    assert layer.macs == 105


def broadcastable():
    """Two shapes that NumPy multiplies: batch dimensions of which either may be 1 or left out."""
    batch = st.lists(st.tuples(st.integers(1, 3), st.sampled_from("=<>")), max_size=3)
    return st.tuples(batch, st.integers(0, 3), *[st.integers(1, 4)] * 3).map(_operands)


def _operands(drawn):
    batch, dropped, m, n, k = drawn
    left = tuple(1 if side == "<" else size for size, side in batch)
    right = tuple(1 if side == ">" else size for size, side in batch)
    if all(size == 1 for size in right[:dropped]):
        right = right[dropped:]
    return (*left, m, k), (*right, k, n)


@given(broadcastable())
def test_the_products_of_a_layer_are_those_that_numpy_makes(operands):
    a, b = operands
    product = np.ones(a) @ np.ones(b)
    assert product_shape(a, b) == product.shape
    for constants in ((False, False), (True, False), (False, True)):
        layer = product_layer(a, b, constants)
        assert layer.macs == product.size * a[-1]
        assert layer.K * layer.Y * layer.groups == product.size


def test_shapes_that_numpy_cannot_multiply_have_no_product():
    with pytest.raises(LeftOut):
        product_shape((2, 3, 4), (3, 4, 5))
