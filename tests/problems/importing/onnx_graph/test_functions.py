"""Functions of a model: inlined where they are called, unless that comes to too much."""

import itertools
import time

import pytest
from onnx import helper

from problems.foundation.errors import InvalidInput
from problems.importing.onnx_graph.functions import DEEPEST, MOST_NODES

IMPORTS = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]


def function(name, nodes, attributes=()):
    return helper.make_function("mine", name, ["x"], ["y"], nodes, IMPORTS, list(attributes))


def call(name, source, target, **attributes):
    return helper.make_node(name, [source], [target], domain="mine", **attributes)


def tower(height, calls):
    """Functions each of which calls the one before ``calls`` times."""
    functions = [function("f0", [helper.make_node("Relu", ["x"], ["y"])])]
    for level in range(1, height):
        names = ["x", *(f"t{i}" for i in range(1, calls)), "y"]
        nodes = [call(f"f{level - 1}", a, b) for a, b in itertools.pairwise(names)]
        functions.append(function(f"f{level}", nodes))
    return functions


def read(models, functions, nodes):
    product = helper.make_node("MatMul", ["y", "w"], ["z"])
    settings = {"domains": ["mine"], "functions": functions}
    return models.workload([*nodes, product], {"x": (2, 8)}, {"w": (8, 3)}, **settings)


@pytest.mark.parametrize(("height", "calls"), [(26, 2), (60, 2), (90, 10), (3, 400)])
def test_functions_that_multiply_are_refused_at_once(models, height, calls):
    start = time.perf_counter()
    with pytest.raises(
        InvalidInput, match=r"functions: expected at most 100,000 nodes once all functions are inlined, got"
    ):
        read(models, tower(height, calls), [call(f"f{height - 1}", "x", "y")])
    assert time.perf_counter() - start < 5


def test_functions_that_come_to_a_few_nodes_are_read(models):
    assert read(models, tower(10, 2), [call("f9", "x", "y")]).macs == 48
    assert 2**10 < MOST_NODES


def test_a_function_that_is_not_called_may_be_of_any_size(models):
    assert read(models, tower(60, 2), [helper.make_node("Relu", ["x"], ["y"])]).macs == 48


def test_long_contents_count_more_than_once(models):
    long = helper.make_node("Sparkle", ["x"], ["y"], domain="com.acme", text="a" * 2_000_000)
    functions = [function("long", [long]), function("all", [call("long", "x", "y") for _ in range(60)])]
    with pytest.raises(InvalidInput, match=r"at most 100,000 nodes once all functions are inlined, got 117,"):
        read(models, functions, [call("all", "x", "y")])


def test_what_a_call_hands_over_counts_wherever_it_is_used(models):
    inner = helper.make_node("Sparkle", ["x"], ["y"], domain="com.acme")
    reference = inner.attribute.add(name="text", ref_attr_name="text")
    reference.type = 3
    functions = [function("f", [inner] * 60, ["text"])]
    with pytest.raises(InvalidInput, match=r"at most 100,000 nodes once all functions are inlined, got 119,"):
        read(models, functions, [call("f", "x", "y", text="a" * 2_000_000)])


def test_functions_that_call_each_other_too_deep_are_refused(models):
    with pytest.raises(InvalidInput, match=rf"functions that call each other at most {DEEPEST} deep, got more"):
        read(models, tower(DEEPEST + 1, 1), [call(f"f{DEEPEST}", "x", "y")])
    with pytest.raises(InvalidInput, match="deep, got more"):
        read(models, tower(5000, 2), [call("f4999", "x", "y")])


def test_functions_that_call_themselves_are_refused_in_branches_too(models):
    branch = helper.make_graph([call("f", "x", "b")], "g", [], [helper.make_empty_tensor_value_info("b")])
    recursive = helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch)
    with pytest.raises(InvalidInput, match="expected functions that do not call themselves, got f -> f"):
        read(models, [function("f", [recursive])], [call("f", "x", "y")])


def test_two_functions_of_one_name_are_refused(models):
    with pytest.raises(InvalidInput, match="functions: expected different names, got two of one name"):
        read(models, [*tower(1, 1), *tower(1, 1)], [call("f0", "x", "y")])


def test_overloads_are_different_functions(models):
    functions = [function("f", [helper.make_node("Relu", ["x"], ["y"])]), function("f", [call("f", "x", "y")])]
    functions[1].overload = "other"
    node = call("f", "x", "y")
    node.overload = "other"
    assert read(models, functions, [node]).macs == 48


def test_functions_that_do_not_fit_their_calls_are_an_error_of_ours(models):
    functions = tower(1, 1)
    functions[0].output[0] = "nowhere"
    with pytest.raises(InvalidInput, match=r"model\.onnx"):
        read(models, functions, [call("f0", "x", "y")])


def test_attributes_that_refer_to_none_are_left_out(models):
    node = helper.make_node("Conv", ["a", "k"], ["c"], group=1)
    node.attribute[0].ref_attr_name = "group"
    skipped = models.left_out(node, {"a": (1, 2, 5, 5)}, {"k": (2, 2, 3, 3)})
    assert skipped.reason == "an attribute refers to one of a function, and the node is in none"
