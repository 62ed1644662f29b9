"""Constants are computed where shapes depend on them, and nowhere else."""

import time

import numpy as np
import pytest
from onnx import TensorProto, helper

from problems.importing.onnx_graph import facts
from problems.importing.onnx_graph.values import EVALUATED, RANDOM

HUGE = 10**9


def node(operator, inputs, output="y", **attributes):
    return helper.make_node(operator, list(inputs), [output], **attributes)


STRINGS = helper.make_tensor("text", TensorProto.STRING, [1], [b"a"])

CASES = {
    "a huge window": ([node("AveragePool", "i", kernel_shape=[HUGE], pads=[HUGE // 2] * 2)], {"i": (1, 1, 1)}),
    "a huge window of maxima": ([node("MaxPool", "i", kernel_shape=[HUGE], pads=[HUGE // 2] * 2)], {"i": (1, 1, 1)}),
    "a wide filter": (
        [node("Conv", "iw", dilations=[HUGE // 10], pads=[HUGE // 20] * 2)],
        {"i": (1, 1, 1), "w": (1, 1, 2)},
    ),
    "a transposed convolution": ([node("ConvTranspose", "iw", dilations=[HUGE])], {"i": (1, 1, 1), "w": (1, 1, 2)}),
    "text that doubles": (
        [
            node("Constant", "", "s0", value=STRINGS),
            *(node("StringConcat", [f"s{i}"] * 2, f"s{i + 1}") for i in range(40)),
        ],
        {},
    ),
    "repetitions of nothing": ([node("Tile", "nr")], {"n": np.zeros((1, 1), np.float32), "r": [HUGE, 0]}),
    "an expansion to nothing": ([node("Expand", "ns")], {"n": np.zeros(1, np.float32), "s": [HUGE, 0]}),
    "nothing of huge extents": ([node("ConstantOfShape", "s")], {"s": [HUGE, HUGE, 0]}),
    "a huge tensor": ([node("ConstantOfShape", "s")], {"s": [HUGE, HUGE]}),
    "a long range": ([node("Range", "abc")], {"a": 0, "b": HUGE, "c": 1}),
    "an endless range": ([node("Range", "abc")], {"a": np.float32(0), "b": np.float32(np.inf), "c": np.float32(1)}),
    "a range without steps": ([node("Range", "abc")], {"a": 0, "b": 5, "c": 0}),
    "a range past all integers": ([node("Range", "abc")], {"a": -(2**63), "b": 2**63 - 1, "c": 1}),
    "huge padding": ([node("Pad", "np")], {"n": np.zeros((0, 1), np.float32), "p": [0, HUGE, 0, HUGE]}),
    "a huge depth": ([node("OneHot", "ndv")], {"n": np.zeros(0, np.int64), "d": HUGE, "v": [0, 1]}),
    "a resize by little": (
        [node("Resize", ["i", "", "f"], mode="linear")],
        {"i": (1, 1, 9), "f": np.float32([1, 1, 1e-9])},
    ),
    "random numbers": ([node("RandomNormal", "", shape=[HUGE, HUGE])], {}),
    "a product of constants": ([node("Einsum", "nn", equation="ij,kl->ijkl")], {"n": (30, 30)}),
    "a regular expression": (
        [node("Constant", "", "t", value=STRINGS), node("RegexFullMatch", "t", pattern="(a+)+$")],
        {},
    ),
    "a doubling list": ([node("Concat", [f"c{i}"] * 2, f"c{i + 1}", axis=0) for i in range(60)], {"c0": [1]}),
    "a large power": ([node("Pow", "ab"), node("BitShift", "ab", "z", direction="LEFT")], {"a": [2**62], "b": [2**62]}),
    "a size past all integers": ([node("Size", "h"), node("Shape", "h", "t")], {}),
    "limits that are no integers": ([node("Shape", "h", start="a")], {}),
    "many dimensions": ([node("Unsqueeze", "na")], {"n": [1], "a": list(range(1000))}),
}


@pytest.mark.parametrize("case", CASES)
def test_no_constant_takes_time_or_memory(models, case):
    nodes, weights = CASES[case]
    product = helper.make_node("MatMul", ["one", "one"], ["product"])
    inputs = {"h": (2**40, 2**40, 2**40), "one": (1, 1)}
    start = time.perf_counter()
    assert models.workload([*nodes, product], inputs, weights, opset=20).macs == 1
    assert time.perf_counter() - start < 5


def test_the_values_that_are_kept_are_limited_in_all(models, monkeypatch):
    monkeypatch.setattr(facts, "MOST_BYTES", 64)
    nodes = [
        *(node("Add", [f"s{i}", "zero"], f"s{i + 1}") for i in range(20)),
        helper.make_node("Reshape", ["x", "s20"], ["r"]),
        helper.make_node("MatMul", ["r", "w"], ["y"]),
        helper.make_node("MatMul", ["one", "one"], ["product"]),
    ]
    workload = models.workload(nodes, {"x": (16,), "one": (1, 1)}, {"s0": [2, 8], "zero": [0], "w": (8, 5)})
    assert workload.macs == 1
    assert workload.skipped[0].reason == "the shape of an input is unknown, behind Reshape"


def test_what_is_random_is_not_computed():
    assert not EVALUATED & RANDOM
