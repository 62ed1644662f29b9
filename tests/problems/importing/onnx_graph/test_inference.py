"""Shapes through operators, and through the arithmetic by which exporters compute them."""

import numpy as np
import pytest
from onnx import helper

N = 6
"""Rows of the input, of 8 columns."""


def rows_behind(models, nodes, weights=(), inputs=None, opset=17, **settings):
    """The shape of ``y``, as the rows and depth of a product with all its rows."""
    last = helper.make_node("MatMul", ["y", "head"], ["z"])
    *_, layer = models.layers(
        [*nodes, last],
        inputs or {"x": ("n", 8)},
        {"head": (8, 1)} | dict(weights),
        dims={"n": N},
        opset=opset,
        **settings,
    )
    return layer.Y


def chain(*steps):
    """Nodes from (operator, inputs, output, attributes)."""
    return [
        helper.make_node(operator, inputs, [output], **attributes) for operator, inputs, output, attributes in steps
    ]


def test_shapes_are_computed_through_arithmetic(models):
    nodes = chain(
        ("Shape", ["x"], "s", {}),
        ("Gather", ["s", "zero"], "n", {}),
        ("Div", ["n", "two"], "half", {}),
        ("Unsqueeze", ["half", "axis"], "h", {}),
        ("Concat", ["h", "two1", "minus1"], "target", {"axis": 0}),
        ("Reshape", ["x", "target"], "r", {}),
        ("ReduceMax", ["r"], "y", {"axes": [1], "keepdims": 0}),
    )
    weights = {"zero": 0, "two": 2, "axis": [0], "two1": [2], "minus1": [-1]}
    assert rows_behind(models, nodes, weights) == N // 2


def test_shapes_are_computed_through_expansion_with_a_choice(models):
    # As torch.expand is exported: -1 keeps the extent.
    nodes = chain(
        ("ConstantOfShape", ["three"], "ones", {"value": helper.make_tensor("v", 7, [1], [1])}),
        ("Mul", ["ones", "minus"], "keep", {}),
        ("Equal", ["wanted", "keep"], "test", {}),
        ("Where", ["test", "ones", "wanted"], "target", {}),
        ("Unsqueeze", ["x", "axis"], "u", {}),
        ("Expand", ["u", "target"], "y", {}),
    )
    weights = {"three": [3], "minus": -1, "wanted": [5, -1, -1], "axis": [0]}
    assert rows_behind(models, nodes, weights) == 5 * N


def test_shapes_are_computed_through_ranges_and_nonzero(models):
    nodes = chain(
        ("Shape", ["x"], "s", {"end": 1}),
        ("Squeeze", ["s"], "n", {}),
        ("Range", ["zero", "n", "two"], "even", {}),
        ("Gather", ["x", "even"], "y", {}),
    )
    assert rows_behind(models, nodes, {"zero": 0, "two": 2}) == N // 2
    nodes = chain(
        ("NonZero", ["flags"], "places", {}),
        ("Squeeze", ["places"], "index", {}),
        ("Gather", ["x", "index"], "y", {}),
    )
    assert rows_behind(models, nodes, {"flags": [0, 1, 1, 0, 1]}) == 3


def test_sizes_of_a_resize_are_computed(models):
    nodes = chain(
        ("Resize", ["x", "", "scales"], "r", {}),
        ("Size", ["r"], "size", {}),
        ("Div", ["size", "eight"], "rows", {}),
        ("Unsqueeze", ["rows", "axis"], "u", {}),
        ("Concat", ["u", "eight1"], "t", {"axis": 0}),
        ("Reshape", ["r", "t"], "y", {}),
    )
    weights = {"scales": np.array([2.5, 1.0], np.float32), "eight": 8, "eight1": [8], "axis": [0]}
    assert rows_behind(models, nodes, weights) == 15


@pytest.mark.parametrize("opset", range(11, 29))
def test_models_of_all_versions_are_read(models, opset):
    squeeze = {"axes": [0]} if opset < 13 else {}
    nodes = [
        *chain(
            ("Shape", ["x"], "s", {}), ("Gather", ["s", "zero1"], "n", {}), ("Concat", ["n", "width"], "t", {"axis": 0})
        ),
        helper.make_node("Unsqueeze", ["x"] if squeeze else ["x", "axis"], ["u"], **squeeze),
        helper.make_node("Squeeze", ["u"] if squeeze else ["u", "axis"], ["q"], **squeeze),
        *chain(("Reshape", ["q", "t"], "a", {}), ("Relu", ["a"], "y", {})),
    ]
    weights = {"zero1": [0], "width": [8]} | ({} if squeeze else {"axis": [0]})
    assert rows_behind(models, nodes, weights, opset=opset) == N


def test_constants_are_read_in_all_their_forms(models):
    nodes = [
        helper.make_node("Constant", [], ["minus"], value_ints=[-1]),
        helper.make_node("Constant", [], ["eight"], value=helper.make_tensor("e", 7, [1], [8])),
        helper.make_node("Constant", [], ["axis"], value_int=0),
        helper.make_node("Constant", [], ["text"], value_strings=["a", "b"]),
        helper.make_node("Constant", [], ["large"], value=models.tensor("large", (64, 8))),
        *chain(
            ("Concat", ["minus", "eight"], "t", {"axis": 0}),
            ("Reshape", ["x", "t"], "r", {}),
            ("Concat", ["r", "large"], "y", {"axis": 0}),
        ),
    ]
    assert rows_behind(models, nodes) == N + 64


@pytest.mark.parametrize(
    ("operator", "inputs", "domain"),
    [
        ("GroupNormalization", ["x", "g", "g"], ""),
        ("MeanVarianceNormalization", ["x"], ""),
        ("LayerNormalization", ["x", "g"], ""),
        ("SimplifiedLayerNormalization", ["x", "g"], ""),
        ("SkipSimplifiedLayerNormalization", ["x", "x", "g"], "com.microsoft"),
        ("BiasGelu", ["x", "g"], "com.microsoft"),
        ("QuickGelu", ["x"], "com.microsoft"),
    ],
)
def test_operators_that_keep_the_shape_are_passed(models, operator, inputs, domain):
    attributes = {"num_groups": 2} if operator == "GroupNormalization" else {}
    nodes = [helper.make_node(operator, inputs, ["y"], domain=domain, **attributes)]
    assert rows_behind(models, nodes, {"g": (8,)}, domains=["com.microsoft"]) == N


def test_quantised_sums_and_joins_are_passed(models):
    nodes = [
        helper.make_node("QLinearAdd", ["x", "s", "z", "row", "s", "z", "s", "z"], ["a"], domain="com.microsoft"),
        helper.make_node(
            "QLinearConcat", ["s", "z", "a", "s", "z", "x", "s", "z"], ["y"], domain="com.microsoft", axis=0
        ),
    ]
    weights = {"s": np.float32(1), "z": np.uint8(0), "row": (1, 8)}
    assert rows_behind(models, nodes, weights, domains=["com.microsoft"]) == 2 * N


def test_embeddings_of_onnx_runtime_are_passed(models):
    node = helper.make_node(
        "EmbedLayerNormalization", ["x", "", "words", "positions", "", "g", "g"], ["y", "m"], domain="com.microsoft"
    )
    weights = {"words": (50, 8), "positions": (20, 8), "g": (8,)}
    assert rows_behind(models, [node], weights, inputs={"x": (2, "n")}, domains=["com.microsoft"]) == 2 * N


def test_a_branch_may_pass_on_what_shapes_are_made_of(models):
    def branch(name, value):
        made = helper.make_node("Constant", [], [name], value=helper.make_tensor(name, 7, [2], value))
        return helper.make_graph([made], name, [], [helper.make_tensor_value_info(name, 7, [2])])

    nodes = [
        helper.make_node("If", ["yes"], ["t"], then_branch=branch("a", [3, 16]), else_branch=branch("b", [1, 48])),
        *chain(("Reshape", ["x", "t"], "wide", {}), ("Slice", ["wide", "zero", "eight", "one"], "y", {})),
    ]
    weights = {"yes": True, "zero": [0], "eight": [8], "one": [1]}
    assert rows_behind(models, nodes, weights) == 3


def test_an_operator_that_gets_elements_that_it_does_not_take_still_has_a_shape(models):
    nodes = chain(("QLinearMatMul", ["x", "s", "x", "w", "s", "x", "s", "x"], "y", {}))
    assert rows_behind(models, nodes, {"w": (8, 8), "s": np.float32(1)}, inputs={"x": ("n", 8)}) == N


def test_random_tensors_are_no_weights(models):
    nodes = [
        helper.make_node("RandomNormal", [], ["r"], shape=[8, 5]),
        helper.make_node("MatMul", ["x", "r"], ["y"]),
    ]
    (layer,) = models.layers(nodes, {"x": (1, 8)})
    assert layer.kind.name == "GEMM"


def test_tensors_that_follow_from_shapes_alone_are_the_same_in_every_run(models):
    nodes = [
        *chain(
            ("Shape", ["x"], "s", {"end": 1}),
            ("Squeeze", ["s"], "n", {}),
            ("Range", ["zero", "n", "one"], "positions", {}),
            ("Cast", ["positions"], "p", {"to": 1}),
            ("Unsqueeze", ["p", "axis"], "column", {}),
        ),
        helper.make_node("MatMul", ["column", "frequencies"], ["angles"]),
        helper.make_node("MatMul", ["x", "w"], ["y"]),
    ]
    weights = {"zero": 0, "one": 1, "axis": [1], "frequencies": (1, 4), "w": (8, 2)}
    workload = models.workload(nodes, {"x": ("n", 8)}, weights, dims={"n": N})
    assert [(each.macs, each.count) for each in workload.skipped] == [(0, 1)]
    assert workload.macs == N * 16


def test_local_functions_are_put_in(models):
    nodes = [helper.make_node("MatMul", ["a", "b"], ["c"]), helper.make_node("Relu", ["c"], ["d"])]
    imports = [helper.make_opsetid("", 17)]
    function = helper.make_function("mine", "Dense", ["a", "b"], ["d"], nodes, imports)
    calls = [
        helper.make_node("Dense", ["x", "w"], ["h"], domain="mine"),
        helper.make_node("Dense", ["h", "w"], ["y"], domain="mine"),
    ]
    layers = models.layers(calls, {"x": (3, 8)}, {"w": (8, 8)}, domains=["mine"], functions=[function])
    assert [(layer.macs, len(layer.after)) for layer in layers] == [(192, 0), (192, 1)]
