"""What is no layer: what is listed, with which multiply-accumulates, and what is not."""

import pytest
from onnx import TensorProto, defs, helper, load_model, save_model

from problems.foundation.errors import InvalidInput
from problems.importing import read_onnx
from problems.importing.onnx_graph import graph_walk
from problems.importing.onnx_graph.operators import REVIEWED_OPSET, RULES


@pytest.mark.parametrize(("operator", "gates"), [("RNN", 1), ("GRU", 3), ("LSTM", 4)])
@pytest.mark.parametrize("directions", [1, 2])
def test_recurrent_layers_are_counted(models, operator, gates, directions):
    direction = "bidirectional" if directions == 2 else "forward"
    node = helper.make_node(operator, ["x", "w", "r"], ["y"], hidden_size=5, direction=direction)
    skipped = models.left_out(
        node, {"x": (7, 2, 3)}, {"w": (directions, gates * 5, 3), "r": (directions, gates * 5, 5)}
    )
    assert skipped.macs == 7 * 2 * directions * gates * 5 * (3 + 5)
    assert skipped.operator == operator


def test_a_quantised_lstm_is_counted(models):
    node = helper.make_node("DynamicQuantizeLSTM", ["x", "w", "r"], ["y"], domain="com.microsoft", hidden_size=5)
    weights = {"w": (1, 3, 20), "r": (1, 5, 20)}
    assert models.left_out(node, {"x": (7, 2, 3)}, weights, domains=["com.microsoft"]).macs == 7 * 2 * 20 * 8


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)]),
        ("iij,jk->ik", [(2, 2, 3), (3, 4)]),
        ("ij,jk->ik", [(2, 3), (3, 4, 5)]),
        ("...ij,jk->...ik", [(3,), (3, 4)]),
    ],
)
def test_sums_of_products_by_labels_that_are_not_plain_are_listed(models, equation, shapes):
    inputs = {f"x{i}": shape for i, shape in enumerate(shapes)}
    node = helper.make_node("Einsum", list(inputs), ["y"], equation=equation)
    assert models.left_out(node, inputs).macs is None


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [("ij->ji", [(2, 3)]), ("ij->i", [(2, 3)]), ("i,j->ij", [(2,), (3,)]), ("bi,bi->bi", [(2, 3), (2, 3)])],
)
def test_labels_without_sums_of_products_are_not_listed(models, equation, shapes):
    inputs = {f"x{i}": shape for i, shape in enumerate(shapes)}
    nodes = [
        helper.make_node("Einsum", list(inputs), ["y"], equation=equation),
        helper.make_node("MatMul", ["z", "z"], ["zz"]),
    ]
    assert len(models.layers(nodes, inputs | {"z": (2, 2)})) == 1


@pytest.mark.parametrize("operator", ["DFT", "STFT", "LinearAttention"])
def test_operators_that_are_not_modelled_are_listed(models, operator):
    skipped = models.left_out(helper.make_node(operator, ["x", "x", "x"], ["y"]), {"x": (2, 8, 4)}, opset=27)
    assert (skipped.operator, skipped.macs) == (operator, None)


@pytest.mark.parametrize(
    ("domain", "operator"),
    [("com.acme", "Sparkle"), ("", "Sparkle"), ("com.microsoft", "Sparkle"), ("ai.onnx.ml", "LinearRegressor")],
)
def test_operators_that_nobody_knows_are_listed(models, domain, operator):
    node = helper.make_node(operator, ["x"], ["y"], domain=domain)
    skipped = models.left_out(node, {"x": (2, 8)}, domains=[domain] if domain else [])
    assert skipped.operator == (f"{domain}.{operator}" if domain else operator)
    assert (skipped.macs, skipped.reason) == (None, "an operator that is not known")


def test_products_behind_an_unknown_operator_are_listed_with_its_name(models):
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("Sparkle", ["a"], ["b"], domain="com.acme"),
        helper.make_node("Relu", ["b"], ["c"]),
        helper.make_node("MatMul", ["c", "w"], ["d"]),
        helper.make_node("MatMul", ["d", "w"], ["e"]),
    ]
    workload = models.workload(nodes, {"x": (2, 8)}, {"w": (8, 8)}, domains=["com.acme"])
    listed = [(each.operator, each.count, each.macs, each.reason) for each in workload.skipped]
    assert listed == [
        ("com.acme.Sparkle", 1, None, "an operator that is not known"),
        ("MatMul", 2, None, "the shape of an input is unknown, behind com.acme.Sparkle"),
    ]
    assert workload.macs == 128


def test_the_shapes_that_the_file_states_help_behind_an_unknown_operator(models):
    nodes = [
        helper.make_node("Sparkle", ["x"], ["b"], domain="com.acme"),
        helper.make_node("MatMul", ["b", "w"], ["d"]),
    ]
    path = models.save(nodes, {"x": ("batch", 8)}, {"w": (6, 5)}, domains=["com.acme"])
    model = load_model(path)
    model.graph.value_info.append(helper.make_tensor_value_info("b", TensorProto.FLOAT, ["batch", 6]))
    save_model(model, path)
    workload = read_onnx(path, {"batch": 4})
    assert workload.macs == 4 * 6 * 5


def test_equal_operators_left_out_for_one_reason_are_one_entry(models):
    nodes = [
        *(helper.make_node("LSTM", ["x", "w", "r"], [f"y{i}"], hidden_size=5) for i in range(3)),
        helper.make_node("MatMul", ["z", "z"], ["zz"]),
    ]
    workload = models.workload(nodes, {"x": (7, 2, 3), "z": (10, 10)}, {"w": (1, 20, 3), "r": (1, 20, 5)})
    (skipped,) = workload.skipped
    assert (skipped.count, skipped.macs) == (3, 3 * 7 * 2 * 20 * 8)
    assert workload.skipped_share == 6720 / (6720 + 1000)


def loop(body_nodes, name="Loop"):
    outputs = [helper.make_tensor_value_info("go", TensorProto.BOOL, []), helper.make_tensor_value_info("out", 1, None)]
    inputs = [
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("go_in", TensorProto.BOOL, []),
        helper.make_tensor_value_info("state", TensorProto.FLOAT, None),
    ]
    nodes = [helper.make_node("Identity", ["go_in"], ["go"]), *body_nodes]
    return helper.make_node(name, ["times", "", "x"], ["y"], body=helper.make_graph(nodes, "body", inputs, outputs))


def test_a_loop_over_products_is_listed(models):
    node = loop([helper.make_node("MatMul", ["state", "w"], ["out"])])
    skipped = models.left_out(node, {"x": (8, 8)}, {"w": (8, 8), "times": 3})
    assert (skipped.operator, skipped.macs) == ("Loop", None)
    assert "holds products" in skipped.reason


def test_a_loop_without_products_is_not_listed(models):
    nodes = [loop([helper.make_node("Relu", ["state"], ["out"])]), helper.make_node("MatMul", ["z", "z"], ["zz"])]
    assert len(models.layers(nodes, {"x": (8, 8), "z": (2, 2)}, {"times": 3})) == 1


def branches(**nodes):
    graphs = {
        branch: helper.make_graph([node], branch, [], [helper.make_empty_tensor_value_info(node.output[0])])
        for branch, node in nodes.items()
    }
    return helper.make_node("If", ["condition"], ["y"], **graphs)


PRODUCT = helper.make_node("MatMul", ["x", "w"], ["p"], name="inner")
NOTHING = helper.make_node("Relu", ["x"], ["r"])


def test_a_branch_that_depends_on_data_is_listed_if_it_holds_products(models):
    node = branches(then_branch=PRODUCT, else_branch=NOTHING)
    test = helper.make_node("ReduceMax", ["flags"], ["condition"], keepdims=0)
    extra = helper.make_node("MatMul", ["z", "z"], ["zz"])
    workload = models.workload([test, node, extra], {"x": (4, 8), "flags": (3,), "z": (2, 2)}, {"w": (8, 8)})
    assert [(each.operator, each.macs) for each in workload.skipped] == [("If", None)]


@pytest.mark.parametrize(("rows", "products"), [(4, 2), (5, 1)])
def test_a_branch_that_depends_on_shapes_alone_is_taken(models, rows, products):
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Gather", ["shape", "zero"], ["rows"]),
        helper.make_node("Equal", ["rows", "four"], ["condition"]),
        branches(then_branch=PRODUCT, else_branch=NOTHING),
        helper.make_node("MatMul", ["y", "w"], ["z"], name="outer"),
    ]
    layers = models.layers(nodes, {"x": ("n", 8)}, {"w": (8, 8), "zero": 0, "four": 4}, dims={"n": rows})
    assert [layer.name for layer in layers] == ["inner", "outer"][-products:]
    assert layers[-1].after == ("inner",) * (products - 1)


def test_a_graph_without_any_layer_is_an_error_that_tells_what_was_left_out(models):
    node = helper.make_node("LSTM", ["x", "w", "r"], ["y"], hidden_size=5)
    with pytest.raises(InvalidInput, match=r"model\.onnx: expected at least one .* got none\. Left out: 1 LSTM \(its"):
        models.workload([node], {"x": (7, 2, 3)}, {"w": (1, 20, 3), "r": (1, 20, 5)})
    with pytest.raises(InvalidInput, match=r"got none$"):
        models.workload([helper.make_node("Relu", ["x"], ["y"])], {"x": (7, 2, 3)})


def test_every_rule_is_of_an_operator_that_was_gone_through():
    names = {schema.name for schema in defs.get_all_schemas() if schema.domain == ""}
    rules = {name for name in RULES if "." not in name}
    assert rules - names <= {"Attention", "CausalConvWithState", "LinearAttention"}  # of opsets 23 and 27
    assert all(defs.has(name, REVIEWED_OPSET, "") for name in rules & names)


def test_operators_of_later_versions_of_onnx_are_not_known(models, monkeypatch):
    monkeypatch.setattr(graph_walk, "REVIEWED_OPSET", 19)
    node = helper.make_node("Gelu", ["x"], ["y"])
    assert models.left_out(node, {"x": (2, 8)}, opset=20).reason == "an operator that is not known"
