"""Nodes on which the library's own inference crashes, hangs, or takes all memory."""

import time

import numpy as np
import pytest
from onnx import TensorProto, helper

INT64 = TensorProto.INT64
HUGE = 2**62


def node(operator, inputs, outputs=("y",), **attributes):
    return helper.make_node(operator, list(inputs), list(outputs), **attributes)


CASES = {
    "two ellipses": (node("Einsum", "ab", equation="......ij,...jk->...ik"), {}),
    "two ellipses apart": (node("Einsum", "ab", equation="...i...,jk"), {}),
    "no letters": (node("Einsum", "ab", equation="...."), {}),
    "a long equation": (node("Einsum", "ab", equation="i" * 1_000_000 + "!"), {}),
    "no equation": (node("Einsum", "ab"), {}),
    "an equation of numbers": (node("Einsum", "ab", equation=1), {}),
    "another rank": (node("Einsum", "ab", equation="...ijkl,jk->...ik"), {}),
    "as many dimensions as numbers": (node("Expand", "ah"), {}),
    "batch dimensions below 0": (node("GatherND", "ai", batch_dims=-(2**31)), {"i": np.zeros((2, 2), np.int64)}),
    "too many batch dimensions": (node("GatherND", "ai", batch_dims=HUGE), {"i": np.zeros((2, 2), np.int64)}),
    "an axis out of range": (node("LayerNormalization", "aa", axis=2**31), {}),
    "an axis far below 0": (node("LayerNormalization", "aa", axis=-HUGE), {}),
    "more parts than outputs": (node("Split", "a", num_outputs=HUGE), {}),
    "more outputs than parts": (node("Split", "a", ["y", "y2", "y3"], num_outputs=2), {}),
    "a scan without body": (node("Scan", "ab", num_scan_inputs=-2), {}),
    "a loop without body": (node("Loop", "ab"), {}),
    "a choice without branches": (node("If", "a"), {}),
}


@pytest.mark.parametrize("opset", [13, 18, 21])
@pytest.mark.parametrize("case", CASES)
def test_they_are_left_out_or_unknown_and_the_rest_is_read(models, case, opset):
    nodes, weights = CASES[case]
    inputs = {"a": (3, 4), "b": (4, 5), "h": (HUGE,), "one": (1, 1)}
    product = helper.make_node("MatMul", ["one", "one"], ["product"])
    start = time.perf_counter()
    workload = models.workload([nodes, product], inputs, weights, opset=opset)
    assert time.perf_counter() - start < 5
    assert workload.macs == 1


@pytest.mark.parametrize("case", CASES)
def test_inside_a_branch_they_are_no_danger_either(models, case):
    inner, weights = CASES[case]
    outputs = [helper.make_empty_tensor_value_info("y")]
    graph = helper.make_graph([inner], "g", [], outputs)
    test = node("ReduceMax", "f", ["condition"], keepdims=0)
    choice = node("If", ["condition"], ["chosen"], then_branch=graph, else_branch=graph)
    product = helper.make_node("MatMul", ["one", "one"], ["product"])
    inputs = {"a": (3, 4), "b": (4, 5), "h": (HUGE,), "one": (1, 1), "f": (3,)}
    assert models.workload([test, choice, product], inputs, weights, opset=18).macs == 1


def test_tensors_of_too_many_dimensions_are_not_followed(models):
    nodes = [helper.make_node("Relu", [f"x{i}"], [f"x{i + 1}"]) for i in range(500)]
    nodes.append(helper.make_node("MatMul", ["one", "one"], ["product"]))
    start = time.perf_counter()
    assert models.workload(nodes, {"x0": (1,) * 20_000, "one": (1, 1)}).macs == 1
    assert time.perf_counter() - start < 5
