"""Names, dependencies, and the time that large graphs take."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from bench.errors import InvalidInput
from problems.importing import read_onnx
from problems.importing.onnx_graph.graph_walk import nearest_layers


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


def test_nodes_out_of_order_are_an_error_with_the_node_and_its_input(models):
    with pytest.raises(InvalidInput, match=r"model\.onnx: MatMul 'first': expected inputs that earlier .* got 'b'"):
        models.workload([matmul("first", "b", "a"), matmul("second", "x", "b")], {"x": (2, 8)}, {"w": (8, 8)})


def test_a_size_beyond_the_limit_of_a_layer_names_the_file(models):
    with pytest.raises(InvalidInput, match=r"model\.onnx: layer '.*': Y: expected an integer from 1"):
        models.workload([matmul("big", "x", "a")], {"x": (2**21, 2**21, 8)}, {"w": (8, 8)})


@given(st.lists(st.sets(st.integers(0, 30)), max_size=30))
def test_the_dependencies_that_are_kept_imply_those_that_are_not(needs):
    above, implied = [], []
    for index, raw in enumerate(needs):
        direct = {i for i in raw if i < index}
        nearest = list(nearest_layers(sum(1 << i for i in direct), above))
        everything = direct.union(*(implied[i] for i in direct))
        assert set(nearest).union(*(implied[i] for i in nearest)) == everything
        assert not any(a in implied[b] for a in nearest for b in nearest)
        above.append(sum(1 << i for i in everything))
        implied.append(everything)


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


@pytest.mark.parametrize(("nodes", "layers"), [(residual_blocks(334), 334), (shape_chains(125), 125)])
def test_a_graph_of_a_thousand_nodes_takes_less_than_two_seconds(models, nodes, layers):
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
    assert min(seconds) < 2.0  # 0.1 to 0.4 on a slow shared core
