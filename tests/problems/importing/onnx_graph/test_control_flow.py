"""Shapes of what subgraphs put out."""

import pytest
from onnx import TensorProto, helper

BOOL, INT64 = TensorProto.BOOL, TensorProto.INT64


def made(*names):
    return [helper.make_empty_tensor_value_info(name) for name in names]


def graph(nodes, outputs, inputs=()):
    return helper.make_graph(nodes, "g", made(*inputs), made(*outputs))


def node(operator, inputs, outputs, **attributes):
    return helper.make_node(operator, list(inputs), list(outputs), **attributes)


def rows(models, nodes, **settings):
    """The rows of ``y``, of depth 8; None if its shape is unknown."""
    nodes = [*nodes, node("MatMul", ["y", "v"], "z"), node("MatMul", ["one", "one"], ["two"])]
    inputs = {"x": (6, 8), "flags": (3,), "one": (1, 1)}
    workload = models.workload(nodes, inputs, {"v": (8, 5), "axis": [0], "w": (8, 8)} | settings)
    return next((layer.Y for layer in workload.networks["model"] if layer.name == "z"), None)


CHOICE = node("ReduceMax", ["flags"], ["c"], keepdims=0)


def choice(one, other):
    return [CHOICE, node("If", ["c"], ["y"], then_branch=one, else_branch=other)]


def test_a_choice_has_the_shape_of_both_branches(models):
    one = graph([node("Relu", ["x"], ["a"]), node("Neg", ["a"], ["b"])], ["b"])
    assert rows(models, choice(one, graph([node("Abs", ["x"], ["b"])], ["b"]))) == 6


def test_a_choice_of_shapes_has_none(models):
    one = graph([node("Concat", ["x", "x"], ["b"], axis=0)], ["b"])
    assert rows(models, choice(one, graph([node("Abs", ["x"], ["b"])], ["b"]))) is None


def test_branches_may_hold_branches(models):
    inner = graph([node("Abs", ["x"], ["d"])], ["d"])
    for level in range(10):
        name = f"d{level}"
        inner = graph([node("If", ["c"], [name], then_branch=inner, else_branch=inner)], [name])
    assert rows(models, choice(inner, inner)) == 6


def test_names_of_a_branch_do_not_replace_those_outside(models):
    branch = graph([node("Concat", ["x", "x"], ["t"], axis=0)], ["t"])
    nodes = [node("Relu", ["x"], ["t"]), CHOICE, node("If", ["c"], ["u"], then_branch=branch, else_branch=branch)]
    assert rows(models, [*nodes, node("Neg", ["t"], ["y"])]) == 6


def test_states_of_a_scan_keep_their_shape_and_results_are_stacked(models):
    body = graph([node("Add", ["s", "e"], ["s2"]), node("Neg", ["e"], ["e2"])], ["s2", "e2"], ["s", "e"])
    start = node("ReduceSum", ["x", "axis"], ["start"], keepdims=0)
    scan = node("Scan", ["start", "x"], ["last", "y"], body=body, num_scan_inputs=1)
    assert rows(models, [start, scan]) == 6
    scan = node("Scan", ["x", "x"], ["y", "all"], body=body, num_scan_inputs=1)
    assert rows(models, [scan]) == 6


def test_a_scan_along_other_axes_has_unknown_shapes(models):
    body = graph([node("Neg", ["e"], ["e2"])], ["e2"], ["e"])
    scan = node("Scan", ["x"], ["y"], body=body, num_scan_inputs=1, scan_output_axes=[1])
    assert rows(models, [scan]) is None


def loop(*outputs):
    body = graph(
        [node("Identity", ["go"], ["go2"]), node("Relu", ["s"], ["s2"]), node("Neg", ["x"], ["each"])],
        ["go2", "s2", "each"],
        ["i", "go", "s"],
    )
    return node("Loop", ["n", "", "x"], outputs, body=body)


def test_states_and_counts_of_a_loop_are_unknown(models):
    assert rows(models, [loop("y", "all")], n=3) is None
    assert rows(models, [loop("last", "y")], n=3) is None


def test_what_is_stacked_in_a_loop_has_known_extents_but_the_first(models):
    nodes = [loop("last", "all"), node("ReduceMax", ["all"], ["y"], axes=[0], keepdims=0)]
    assert rows(models, nodes, n=3) == 6


@pytest.mark.parametrize("operator", ["If", "Loop", "Scan", "SequenceMap", "Sparkle"])
def test_subgraphs_of_any_form_are_no_danger(models, operator):
    one = graph([node("Relu", ["x"], ["b"])], ["b"])
    empty = helper.make_graph([], "g", [], [])
    for attributes in ({"body": one}, {"body": empty}, {"a": one, "b": empty}, {"num_scan_inputs": 5, "body": one}, {}):
        for inputs in ([], ["x"], ["x", "x", "x", "x"]):
            assert rows(models, [node("Relu", ["x"], ["y"]), node(operator, inputs, ["q"], **attributes)]) == 6
