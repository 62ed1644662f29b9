"""Names, dependencies, and the time that large graphs take."""

import itertools
import time

import pytest
from onnx import helper

from problems.foundation.errors import InvalidInput
from problems.importing import read_onnx


def matmul(name, source, target, weight="w"):
    return helper.make_node("MatMul", [source, weight], [target], name=name)


def after(models, nodes):
    layers = models.layers(nodes, {"x": (2, 8)}, {"w": (8, 8)})
    return {layer.name: layer.after for layer in layers}


def test_layers_need_the_nearest_ones_through_operators_that_are_none(models):
    nodes = [
        matmul("first", "x", "a"),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Softmax", ["b"], ["c"]),
        matmul("second", "c", "d"),
        matmul("beside", "b", "e"),
        helper.make_node("Concat", ["d", "e"], ["f"], axis=0),
        matmul("last", "f", "g"),
    ]
    expected = {"first": (), "second": ("first",), "beside": ("first",), "last": ("second", "beside")}
    assert after(models, nodes) == expected


def test_layers_that_others_need_anyway_are_not_named(models):
    nodes = [
        matmul("stem", "x", "a"),
        matmul("block1", "a", "b"),
        helper.make_node("Add", ["a", "b"], ["c"]),
        matmul("block2", "c", "d"),
        helper.make_node("Add", ["c", "d"], ["e"]),
        matmul("head", "e", "f"),
    ]
    assert after(models, nodes) == {"stem": (), "block1": ("stem",), "block2": ("block1",), "head": ("block2",)}


def test_layers_need_those_before_an_operator_that_is_left_out(models):
    nodes = [
        matmul("before", "x", "a"),
        helper.make_node("Unsqueeze", ["a", "axis"], ["b"]),
        helper.make_node("RNN", ["b", "w1", "r1"], ["c"], hidden_size=8),
        helper.make_node("Squeeze", ["c"], ["d"]),
        matmul("behind", "d", "e"),
    ]
    weights = {"w": (8, 8), "w1": (1, 8, 8), "r1": (1, 8, 8), "axis": [0]}
    workload = models.workload(nodes, {"x": (2, 8)}, weights)
    assert [layer.after for layer in workload.networks["model"]] == [(), ("before",)]


def test_layers_are_called_as_their_nodes_or_outputs_and_no_two_alike(models):
    nodes = [matmul("same", "x", "a"), matmul("same", "a", "b"), matmul("", "b", "c"), matmul("same#2", "c", "d")]
    layers = models.layers(nodes, {"x": (2, 8)}, {"w": (8, 8)})
    assert [layer.name for layer in layers] == ["same", "same#2", "c", "same#2#2"]


def test_nodes_in_any_order_are_the_layers_of_the_sorted_ones(models):
    nodes = [
        matmul("a", "x", "1"),
        matmul("b", "1", "2"),
        helper.make_node("Relu", ["2"], ["3"]),
        matmul("c", "3", "4"),
        matmul("d", "1", "5"),
        helper.make_node("Add", ["4", "5"], ["6"]),
        matmul("e", "6", "7"),
    ]
    expected = {name: set(needs) for name, needs in after(models, nodes).items()}
    for order in itertools.islice(itertools.permutations(nodes), 0, None, 97):
        assert {name: set(needs) for name, needs in after(models, order).items()} == expected


def test_nodes_that_are_sorted_keep_their_order(models):
    nodes = [matmul("z", "x", "1"), matmul("y", "1", "2"), matmul("b", "x", "3"), matmul("a", "2", "4")]
    assert list(after(models, nodes)) == ["z", "y", "b", "a"]


def test_the_earliest_node_that_can_run_comes_first(models):
    nodes = [matmul("last", "1", "2"), matmul("first", "x", "1"), matmul("other", "x", "3")]
    assert list(after(models, nodes)) == ["first", "last", "other"]


def test_a_tensor_that_is_made_behind_its_use_in_a_branch_is_made_first(models):
    def branch(*nodes):
        return helper.make_graph(nodes, "branch", [], [helper.make_empty_tensor_value_info(nodes[0].output[0])])

    unsorted = [helper.make_node("Relu", ["inner"], ["then"]), helper.make_node("Neg", ["late"], ["inner"])]
    other = helper.make_node("Neg", ["late"], ["else"])
    test = helper.make_node("ReduceMax", ["flags"], ["condition"], keepdims=0)
    choice = helper.make_node("If", ["condition"], ["y"], then_branch=branch(*unsorted), else_branch=branch(other))
    nodes = [matmul("behind", "y", "z"), choice, test, matmul("before", "x", "late")]
    layers = models.layers(nodes, {"x": (2, 8), "flags": (3,)}, {"w": (8, 8)})
    assert [(layer.name, layer.after) for layer in layers] == [("before", ()), ("behind", ("before",))]


def test_functions_are_sorted_too(models):
    body = [helper.make_node("Relu", ["t"], ["b"]), helper.make_node("MatMul", ["a", "v"], ["t"], name="inner")]
    function = helper.make_function("mine", "Dense", ["a", "v"], ["b"], body, [helper.make_opsetid("", 17)])
    call = helper.make_node("Dense", ["x", "w"], ["y"], domain="mine")
    layers = models.layers(
        [matmul("outer", "y", "z"), call], {"x": (2, 8)}, {"w": (8, 8)}, domains=["mine"], functions=[function]
    )
    assert len(layers) == 2
    assert layers[1].after == (layers[0].name,)


def test_nodes_that_wait_for_each_other_are_an_error_that_names_them(models):
    nodes = [matmul("a", "3", "1"), helper.make_node("Relu", ["1"], ["2"]), matmul("b", "2", "3")]
    with pytest.raises(
        InvalidInput, match=r"model\.onnx: nodes: expected nodes that do not wait for each other, got "
    ) as e:
        models.workload(nodes, {"x": (2, 8)}, {"w": (8, 8)})
    assert "MatMul 'a' -> Relu of output '2' -> MatMul 'b'" in f"{e.value.actual} -> {e.value.actual}"
    with pytest.raises(InvalidInput, match=r"got MatMul 'self' -> MatMul 'self'\."):
        models.workload([matmul("self", "1", "1")], {"x": (2, 8)}, {"w": (8, 8)})


def test_a_long_cycle_is_shortened(models):
    nodes = [matmul(f"m{i}", f"{i}", f"{(i + 1) % 1000}") for i in range(1000)]
    with pytest.raises(InvalidInput, match=r"MatMul 'm\d+' -> \.\.\."):
        models.workload(nodes, {"x": (2, 8)}, {"w": (8, 8)})


def test_a_tensor_that_nothing_makes_is_an_error_with_its_node(models):
    with pytest.raises(
        InvalidInput, match=r"model\.onnx: MatMul 'first': expected inputs that the graph makes, got 'b'"
    ):
        models.workload([matmul("first", "b", "a"), matmul("second", "x", "c")], {"x": (2, 8)}, {"w": (8, 8)})


def test_a_tensor_that_a_branch_makes_is_not_there_outside(models):
    inner = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["r"])], "g", [], [helper.make_empty_tensor_value_info("r")]
    )
    nodes = [helper.make_node("If", ["yes"], ["y"], then_branch=inner, else_branch=inner), matmul("m", "r", "z")]
    with pytest.raises(InvalidInput, match=r"MatMul 'm': expected inputs that the graph makes, got 'r'"):
        models.workload(nodes, {"x": (2, 8)}, {"w": (8, 8), "yes": True})


@pytest.mark.parametrize(("name", "called"), [("big", "MatMul 'big'"), ("", "MatMul of output 'a'")])
def test_a_size_beyond_the_limit_of_a_layer_names_the_file_and_the_node(models, name, called):
    with pytest.raises(InvalidInput, match=rf"model\.onnx: {called}: Y: expected an integer from 1 to .*, got 4398"):
        models.workload([matmul(name, "x", "a")], {"x": (2**21, 2**21, 8)}, {"w": (8, 8)})


def residual_blocks(count):
    """Three nodes a block; without pruning, layer i would need all i before it."""
    nodes, source = [], "x"
    for i in range(count):
        nodes += [
            matmul(f"m{i}", source, f"a{i}"),
            helper.make_node("Relu", [f"a{i}"], [f"b{i}"]),
            helper.make_node("Add", [source, f"b{i}"], [f"c{i}"]),
        ]
        source = f"c{i}"
    return nodes


def shape_chains(count):
    """Eight nodes a block, six of which compute the shape of a reshape."""
    nodes, source = [], "x"
    for i in range(count):
        nodes += [
            helper.make_node("Shape", [source], [f"s{i}"]),
            helper.make_node("Gather", [f"s{i}", "zero"], [f"g{i}"]),
            helper.make_node("Unsqueeze", [f"g{i}", "axis"], [f"u{i}"]),
            helper.make_node("Mul", [f"u{i}", "one"], [f"v{i}"]),
            helper.make_node("Cast", [f"v{i}"], [f"w{i}"], to=7),
            helper.make_node("Concat", [f"w{i}", "width"], [f"t{i}"], axis=0),
            matmul(f"m{i}", source, f"a{i}"),
            helper.make_node("Reshape", [f"a{i}", f"t{i}"], [f"c{i}"]),
        ]
        source = f"c{i}"
    return nodes


def chain_of_products(count):
    return [matmul(f"m{i}", f"c{i}" if i else "x", f"c{i + 1}") for i in range(count)]


@pytest.mark.parametrize(
    ("nodes", "layers", "limit"),
    [(residual_blocks(334), 334, 2.0), (shape_chains(125), 125, 2.0), (chain_of_products(5000), 5000, 5.0)],
    ids=["residual blocks", "arithmetic on shapes", "a long chain"],
)
def test_large_graphs_take_little_time(models, nodes, layers, limit):
    weights = {"w": (8, 8), "zero": 0, "axis": [0], "one": [1], "width": [8]}
    path = models.save(nodes, {"x": ("n", 8)}, weights)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        workload = read_onnx(path, {"n": 2})
        seconds.append(time.perf_counter() - start)
    assert len(nodes) >= 1000
    assert workload.skipped == ()
    found = workload.networks["model"]
    assert len(found) == layers
    assert [layer.after for layer in found[1:]] == [(layer.name,) for layer in found[:-1]]
    assert min(seconds) < limit  # a tenth of that on a slow shared core
