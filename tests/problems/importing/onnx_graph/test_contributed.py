"""Operators of other domains, and of a former ONNX: what is behind them is read too."""

import numpy as np
import pytest
from onnx import helper

from problems.importing.onnx_graph.contributed import CHANNELS_LAST, SAME_SHAPE
from problems.importing.onnx_graph.graphs import operator_name
from problems.importing.onnx_graph.operators import RULES

MICROSOFT = "com.microsoft"


def node_of(operator, inputs, outputs, **attributes):
    domain, _, op_type = operator.rpartition(".")
    return helper.make_node(op_type, inputs, outputs, domain=domain, **attributes)


def rows_behind(models, node, shape, depth, weights=(), *, opset=17):
    """The rows of ``y``, the output of ``node`` on ``x``, whose last extent is ``depth``."""
    last = helper.make_node("MatMul", ["y", "v"], ["z"])
    domains = [node.domain] if node.domain else []
    weights = {"v": (depth, 1)} | dict(weights)
    (layer,) = models.layers([node, last], {"x": shape}, weights, opset=opset, domains=domains)
    return layer.Y


@pytest.mark.parametrize("operator", sorted(SAME_SHAPE))
def test_operators_that_keep_the_shape_are_passed_in_any_version(models, operator):
    node = node_of(operator, ["x", "s", "s", "s"], ["y"])
    assert rows_behind(models, node, (2, 3, 5, 7), 7, {"s": np.float32(1)}, opset=7) == 30


@pytest.mark.parametrize("opset", [6, 7, 9, 10, 11, 13, 17, 21])
@pytest.mark.parametrize("bias", [True, False])
def test_fused_and_quantised_products_are_passed_in_any_version(models, opset, bias):
    fused = node_of("com.microsoft.FusedGemm", ["x", "w", "b"] if bias else ["x", "w"], ["h"], activation="Relu")
    quantised = node_of("com.microsoft.QGemm", ["h", "s", "z", "v", "s", "z"], ["q"], transB=1)
    added = node_of("com.microsoft.QLinearAdd", ["q", "s", "z", "q", "s", "z", "s", "z"], ["a"])
    last = helper.make_node("MatMul", ["a", "u"], ["y"])
    weights = {"w": (4, 3), "b": (3,), "v": (6, 3), "u": (6, 2), "s": np.float32(1), "z": np.uint8(0)}
    layers = models.layers([fused, quantised, added, last], {"x": (2, 4)}, weights, opset=opset, domains=[MICROSOFT])
    assert [layer.macs for layer in layers] == [24, 36, 24]


POOLS = {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}


@pytest.mark.parametrize(
    ("operator", "attributes", "rows", "depth"),
    [
        ("Crop", {"border": [1, 2, 0, 1]}, 2 * 3 * 4, 7),
        ("Crop", {"border": [1, 2, 0, 0], "scale": [3, 4]}, 2 * 3 * 3, 4),
        ("Crop", {"scale": [3, 4]}, 2 * 3 * 3, 4),
        ("GivenTensorFill", {"shape": [4, 5], "values": [0.0] * 20}, 4, 5),
        ("ConstantFill", {}, 2 * 3 * 7, 8),
        ("ConstantFill", {"extra_shape": [9]}, 2 * 3 * 7 * 8, 9),
        ("com.microsoft.QLinearAveragePool", POOLS, 2 * 3 * 4, 4),
        ("com.microsoft.QLinearAveragePool", POOLS | {"channels_last": 1}, 2 * 2 * 4, 8),
        ("com.microsoft.QLinearGlobalAveragePool", {}, 2 * 3, 1),
        ("com.microsoft.QLinearGlobalAveragePool", {"channels_last": 1}, 2, 8),
        ("com.microsoft.NhwcMaxPool", POOLS, 2 * 2 * 4, 8),
        ("com.ms.internal.nhwc.MaxPool", POOLS, 2 * 2 * 4, 8),
        ("com.ms.internal.nhwc.SpaceToDepth", {"blocksize": 1}, 2 * 3 * 7, 8),
        ("qonnx.custom_op.channels_last.MaxPool", POOLS, 2 * 2 * 4, 8),
        ("qonnx.custom_op.general.MaxPoolNHWC", POOLS, 2 * 2 * 4, 8),
        ("qonnx.custom_op.general.QuantAvgPool2d", {"kernel": 3, "stride": 2}, 2 * 3 * 3, 3),
        ("finn.QuantAvgPool2d", {"kernel": 3, "stride": 2, "data_layout": "NHWC"}, 2 * 1 * 3, 8),
        (
            "qonnx.custom_op.general.Im2Col",
            {"kernel_size": [3, 1], "stride": [1, 2], "pad_amount": [1, 0, 1, 0]},
            2 * 3 * 4,
            24,
        ),
    ],
)
def test_operators_that_change_the_shape_are_passed(models, operator, attributes, rows, depth):
    node = node_of(operator, ["x"], ["y"], **attributes)
    assert rows_behind(models, node, (2, 3, 7, 8), depth, opset=7) == rows


def test_a_slice_of_a_former_onnx_is_passed(models):
    node = helper.make_node("DynamicSlice", ["x", "starts", "ends", "axes"], ["y"])
    weights = {"starts": [1, 2], "ends": [3, 100], "axes": [0, 2]}
    assert rows_behind(models, node, (5, 3, 9), 7, weights, opset=7) == 2 * 3


def convolutions(operator):
    quantised = operator.endswith("QLinearConv")
    return ["x", "s", "z", "w", "s", "z", "s", "z"] if quantised else ["x", "w"]


@pytest.mark.parametrize(
    ("operator", "attributes"),
    [
        ("com.microsoft.QLinearConv", {"channels_last": 1}),
        ("com.microsoft.NhwcConv", {}),
        ("com.microsoft.NhwcFusedConv", {"activation": "Relu"}),
        ("com.ms.internal.nhwc.Conv", {}),
        ("com.ms.internal.nhwc.QLinearConv", {}),
        ("qonnx.custom_op.channels_last.Conv", {}),
    ],
)
@pytest.mark.parametrize(("height", "width"), [(10, 7), (8, 7), (7, 8), (8, 8)])
def test_convolutions_of_channels_that_come_last_are_read(models, operator, attributes, height, width):
    node = node_of(operator, convolutions(operator), ["y"], strides=[2, 1], **attributes)
    weights = {"w": (4, 8, 3, 3), "v": (4, 6), "s": np.float32(1), "z": np.uint8(0)}
    conv, product = models.layers(
        [node, helper.make_node("MatMul", ["y", "v"], ["p"])],
        {"x": (2, height, width, 8)},
        weights,
        domains=[node.domain],
    )
    rows, columns = (height - 3) // 2 + 1, width - 2
    assert (conv.K, conv.C, conv.Y, conv.X, conv.R, conv.S, conv.batch) == (4, 8, height, width, 3, 3, 2)
    assert (conv.output_rows, conv.output_columns) == (rows, columns)
    assert (product.Y, product.C) == (2 * rows * columns, 4)


def test_channels_last_by_attribute_alone_is_not_assumed(models):
    node = node_of("com.microsoft.QLinearConv", convolutions("QLinearConv"), ["y"], channels_last=0)
    weights = {"w": (4, 8, 3, 3), "s": np.float32(1), "z": np.uint8(0)}
    layer = models.layer(node, {"x": (1, 8, 7, 9)}, weights, domains=[MICROSOFT])
    assert (layer.Y, layer.X) == (7, 9)


def test_transposed_convolutions_of_channels_that_come_last_are_read(models):
    node = node_of("com.ms.internal.nhwc.ConvTranspose", ["x", "w"], ["y"], strides=[2, 2], kernel_shape=[2, 2])
    layer = models.layer(node, {"x": (1, 5, 6, 8)}, {"w": (8, 4, 2, 2)}, domains=["com.ms.internal.nhwc"])
    assert layer.macs == 5 * 6 * 8 * 4 * 4


def test_products_of_bits_are_products(models):
    node = node_of("qonnx.custom_op.general.XnorPopcountMatMul", ["x", "w"], ["y"])
    assert models.layer(node, {"x": (2, 8)}, {"w": (8, 3)}, domains=[node.domain]).macs == 48


@pytest.mark.parametrize(
    "operator",
    [
        "com.microsoft.nchwc.Conv",
        "com.microsoft.nchwc.ReorderInput",
        "com.ms.internal.nhwc.MaxUnpool",
        "com.microsoft.NhwcConv",  # whose weights have their channels last too
    ],
)
def test_operators_of_the_last_optimisation_level_are_left_out_with_a_hint(models, operator):
    node = node_of(operator, ["x", "w"], ["y"])
    skipped = models.left_out(node, {"x": (1, 7, 7, 8)}, {"w": (8, 3, 3, 8)}, domains=[node.domain])
    assert skipped.operator == operator
    assert "ORT_ENABLE_EXTENDED" in skipped.reason


@pytest.mark.parametrize(
    ("node", "shape"),
    [
        (node_of("Crop", ["x"], ["y"], border=[1, 2]), (2, 3, 7, 8)),
        (node_of("Crop", ["x"], ["y"], border=[9, 9, 9, 9]), (2, 3, 7, 8)),
        (node_of("Crop", ["x"], ["y"], border=[-1, 0, 0, 0]), (2, 3, 7, 8)),
        (node_of("Crop", ["x"], ["y"], border=1), (2, 3, 7, 8)),
        (node_of("Crop", ["x"], ["y"]), (7, 8)),
        (node_of("ConstantFill", ["x"], ["y"], input_as_shape=1), (2,)),
        (node_of("finn.Im2Col", ["x"], ["y"]), (2, 3, 7, 8)),
        (node_of("finn.Im2Col", ["x"], ["y"], kernel_size=[1, 1], stride=[0, 1]), (2, 3, 7, 8)),
        (node_of("finn.QuantAvgPool2d", ["x"], ["y"], kernel=0, stride=0), (2, 3, 7, 8)),
        (node_of("com.microsoft.EmbedLayerNormalization", ["x", "", "x"], ["y"]), (4,)),
        (node_of("com.microsoft.QLinearWhere", ["x", "x"], ["y"]), (4,)),
        (node_of("com.microsoft.NhwcMaxPool", ["x"], ["y"]), (4,)),
    ],
)
def test_what_does_not_fit_leaves_the_shape_unknown(models, node, shape):
    last = helper.make_node("MatMul", ["y", "v"], ["z"])
    one = helper.make_node("MatMul", ["one", "one"], ["two"])
    domains = [node.domain] if node.domain else []
    workload = models.workload([node, last, one], {"x": shape, "one": (1, 1)}, {"v": (8, 1)}, domains=domains)
    assert [each.operator for each in workload.skipped] == ["MatMul"]
    assert f"behind {operator_name(node.domain, node.op_type)}" in workload.skipped[0].reason


def test_no_operator_that_keeps_its_shape_makes_products():
    assert not SAME_SHAPE & set(RULES)
    assert not SAME_SHAPE & CHANNELS_LAST
