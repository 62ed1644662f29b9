"""Convolutions, their multiply-accumulates worked out by hand."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from problems.layers import LayerKind


def conv(models, x, w, operator="Conv", **attributes):
    node = helper.make_node(operator, ["x", "w"], ["y"], name="conv", **attributes)
    return models.layer(node, {"x": x}, {"w": w})


def sizes(layer):
    return (layer.K, layer.C, layer.Y, layer.X, layer.R, layer.S, layer.output_rows, layer.output_columns)


def test_a_convolution_has_the_extents_of_its_tensors(models):
    layer = conv(models, (1, 3, 20, 30), (16, 3, 3, 5))
    assert (layer.name, layer.kind, layer.after) == ("conv", LayerKind.CONV, ())
    assert sizes(layer) == (16, 3, 20, 30, 3, 5, 18, 26)
    assert layer.macs == 16 * 3 * 3 * 5 * 18 * 26


@pytest.mark.parametrize(
    ("attributes", "rows", "columns"),
    [
        ({"strides": [2, 3]}, 9, 10),
        ({"pads": [1, 0, 2, 1]}, 21, 29),
        ({"dilations": [2, 4]}, 16, 22),
        ({"auto_pad": "SAME_UPPER"}, 20, 30),
        ({"auto_pad": "SAME_LOWER", "strides": [3, 4]}, 7, 8),
        ({"auto_pad": "VALID", "strides": [2, 2]}, 9, 14),
        ({"pads": [1, 1, 1, 1], "strides": [2, 2], "dilations": [3, 3]}, 8, 13),
    ],
)
def test_strides_padding_and_dilation_show_in_the_output(models, attributes, rows, columns):
    layer = conv(models, (1, 4, 20, 30), (8, 4, 3, 3), **attributes)
    assert (layer.output_rows, layer.output_columns) == (rows, columns)
    assert layer.macs == 8 * 4 * 9 * rows * columns


def test_the_samples_of_a_convolution_are_its_batch(models):
    layer = conv(models, (5, 3, 8, 8), (16, 3, 1, 1))
    assert layer.batch == 5
    assert layer.macs == 5 * 16 * 3 * 64


def test_a_grouped_convolution_has_the_channels_of_one_group(models):
    layer = conv(models, (2, 8, 6, 6), (12, 2, 3, 3), group=4)
    assert (layer.kind, layer.groups, layer.batch) == (LayerKind.CONV, 4, 2)
    assert sizes(layer) == (3, 2, 6, 6, 3, 3, 4, 4)
    assert layer.macs == 2 * 12 * 2 * 9 * 16


def test_as_many_groups_as_channels_in_and_out_are_depthwise(models):
    layer = conv(models, (2, 8, 6, 6), (8, 1, 3, 3), group=8, pads=[1, 1, 1, 1])
    assert (layer.kind, layer.groups, layer.batch) == (LayerKind.DSCONV, 1, 2)
    assert sizes(layer) == (8, 8, 6, 6, 3, 3, 6, 6)
    assert layer.macs == 2 * 8 * 9 * 36


def test_depthwise_with_a_multiplier_is_a_grouped_convolution(models):
    layer = conv(models, (1, 8, 6, 6), (16, 1, 3, 3), group=8)
    assert (layer.kind, layer.groups, layer.K, layer.C) == (LayerKind.CONV, 8, 2, 1)
    assert layer.macs == 16 * 9 * 16


def test_one_channel_in_and_out_is_no_depthwise_convolution(models):
    assert conv(models, (1, 1, 6, 6), (1, 1, 3, 3)).kind is LayerKind.CONV


def test_a_convolution_along_a_sequence_runs_along_the_rows(models):
    layer = conv(models, (2, 4, 100), (8, 4, 5), strides=[2])
    assert sizes(layer) == (8, 4, 100, 1, 5, 1, 48, 1)
    assert layer.macs == 2 * 8 * 4 * 5 * 48


def test_a_convolution_over_a_volume_is_left_out_and_counted(models):
    skipped = models.left_out(
        helper.make_node("Conv", ["x", "w"], ["y"], group=2), {"x": (2, 4, 5, 6, 7)}, {"w": (6, 2, 3, 3, 3)}
    )
    assert (skipped.operator, skipped.count, skipped.macs) == ("Conv", 1, 2 * 6 * 2 * 27 * (3 * 4 * 5))
    assert "3 dimensions" in skipped.reason


@pytest.mark.parametrize(
    ("window", "strides", "layer_channels", "layer_window"),
    [
        ((2, 2), (2, 2), 16, (1, 1)),
        ((4, 4), (2, 2), 16, (2, 2)),
        ((3, 3), (2, 2), 4, (3, 3)),
        ((3, 3), None, 4, (3, 3)),
    ],
)
def test_a_transposed_convolution_has_all_its_products(models, window, strides, layer_channels, layer_window):
    attributes = {} if strides is None else {"strides": strides}
    layer = conv(models, (2, 8, 5, 6), (8, 4, *window), "ConvTranspose", **attributes)
    assert layer.macs == 2 * 8 * 4 * window[0] * window[1] * 5 * 6
    assert sizes(layer) == (layer_channels, 8, 5, 6, *layer_window, 5, 6)
    weights = layer.K * layer.C * layer.R * layer.S
    assert weights == 8 * 4 * window[0] * window[1]


def test_a_grouped_transposed_convolution(models):
    layer = conv(models, (1, 8, 5), (8, 3, 4), "ConvTranspose", strides=[4], group=2)
    assert (layer.groups, layer.K, layer.C, layer.Y, layer.X, layer.R, layer.S) == (2, 12, 4, 5, 1, 1, 1)
    assert layer.macs == 8 * 3 * 4 * 5


def test_a_transposed_convolution_over_a_volume_is_left_out_and_counted(models):
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"])
    assert models.left_out(node, {"x": (1, 4, 2, 2, 2)}, {"w": (4, 3, 3, 3, 3)}).macs == 4 * 3 * 27 * 8


def test_quantised_convolutions_are_convolutions(models):
    weights = {"w": np.zeros((16, 3, 3, 3), np.uint8), "scale": np.float32(0.5), "zero": np.uint8(0)}
    inputs = ["x", "scale", "zero", "w", "scale", "zero", "scale", "zero"]
    for node in (
        helper.make_node("QLinearConv", inputs, ["y"]),
        helper.make_node("ConvInteger", ["x", "w"], ["y"]),
        helper.make_node("QLinearConv", inputs, ["y"], domain="com.microsoft"),
        helper.make_node("FusedConv", ["x", "w"], ["y"], domain="com.microsoft", activation="Relu"),
    ):
        settings = {"domains": ["com.microsoft"], "element": TensorProto.UINT8}
        layer = models.layer(node, {"x": (1, 3, 8, 8)}, weights, **settings)
        assert sizes(layer) == (16, 3, 8, 8, 3, 3, 6, 6)


def test_a_deformable_convolution_is_left_out_and_counted(models):
    node = helper.make_node("DeformConv", ["x", "w", "offset"], ["y"])
    inputs = {"x": (1, 2, 5, 5), "offset": (1, 18, 3, 3)}
    assert models.left_out(node, inputs, {"w": (4, 2, 3, 3)}, opset=19).macs == 4 * 2 * 9 * 9


def test_a_causal_convolution_keeps_the_length(models):
    node = helper.make_node("CausalConvWithState", ["x", "w"], ["y", "state"])
    layer = models.layer(node, {"x": (2, 6, 10)}, {"w": (6, 1, 4)}, opset=27)
    assert (layer.kind, layer.batch, layer.macs) == (LayerKind.DSCONV, 2, 2 * 6 * 4 * 10)


@pytest.mark.parametrize(
    ("operator", "x", "w", "attributes"),
    [
        ("Conv", (1, 3, 8, 8), (4, 2, 3, 3), {}),
        ("Conv", (1, 3, 8, 8), (4, 3, 3), {}),
        ("Conv", (1, 4, 8, 8), (3, 2, 3, 3), {"group": 2}),
        ("Conv", (1, 3), (3, 3), {}),
        ("Conv", (1, 3, 2, 2), (4, 3, 5, 5), {}),
        ("Conv", (1, 3, 4, 4), (4, 3, 5, 5), {}),
        ("DeformConv", (1, 3, 8, 8), (4, 2, 3, 3), {}),
        ("ConvTranspose", (1, 3, 8, 8), (4, 2, 3, 3), {}),
        ("ConvTranspose", (1, 3, 8, 8), (3, 2, 3, 3), {"strides": [2]}),
        ("CausalConvWithState", (2, 6, 10), (5, 1, 4), {}),
    ],
)
def test_shapes_that_do_not_fit_are_left_out(models, operator, x, w, attributes):
    node = helper.make_node(operator, ["x", "w"], ["y"], **attributes)
    skipped = models.left_out(node, {"x": x}, {"w": w}, opset=27)
    assert (skipped.operator, skipped.macs) == (operator, None)
    assert "do not fit" in skipped.reason or "output is unknown" in skipped.reason


def test_strides_of_another_type_are_left_out(models):
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], strides=[2.0, 2.0])
    assert "attribute strides" in models.left_out(node, {"x": (1, 4, 8, 8)}, {"w": (4, 4, 3, 3)}).reason


@pytest.mark.parametrize("operator", ["Conv", "ConvTranspose"])
def test_an_attribute_of_another_type_is_left_out(models, operator):
    node = helper.make_node(operator, ["x", "w"], ["y"], group="two")
    assert "attribute group" in models.left_out(node, {"x": (1, 4, 8, 8)}, {"w": (4, 4, 3, 3)}).reason


@pytest.mark.parametrize(
    ("operator", "w"), [("Conv", (3, 3, 3)), ("ConvTranspose", (3, 3, 3)), ("CausalConvWithState", (3, 1, 3))]
)
def test_an_empty_convolution_is_left_out_with_no_products(models, operator, w):
    node = helper.make_node(operator, ["x", "w"], ["y"])
    skipped = models.left_out(node, {"x": ("n", 3, 8)}, {"w": w}, dims={"n": 0}, opset=27)
    assert (skipped.macs, skipped.reason) == (0, "one of its extents is 0")
