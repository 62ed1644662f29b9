import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from onnx import helper

from problems.importing.onnx_graph.calls import Call, LeftOut
from problems.importing.onnx_graph.einsums import einsum_shape
from problems.importing.onnx_graph.tensors import Fact, tensor_type
from problems.layers import LayerKind


def einsum(models, equation, activations, weights=()):
    names = [*activations, *dict(weights)]
    node = helper.make_node("Einsum", sorted(names), ["y"], equation=equation)
    return models.layer(node, activations, weights)


@pytest.mark.parametrize(
    ("equation", "a", "b", "expected"),
    [
        ("ij , jk", (2, 3), (3, 4), (2, 4, 3, 1)),
        ("bhid,bhjd->bhij", (2, 4, 6, 8), (2, 4, 9, 8), (6, 9, 8, 8)),  # scores of attention
        ("BFNH,BTNH->BNFT", (2, 6, 4, 8), (2, 9, 4, 8), (6, 9, 8, 8)),  # the same, heads last
        ("abc,cde->abde", (2, 7, 16), (16, 4, 8), (14, 32, 16, 1)),  # a projection to heads
        ("bi,bi->b", (2, 3), (2, 3), (1, 1, 3, 2)),
        ("ij,kj->i", (2, 3), (5, 3), (2, 1, 3, 1)),  # k is summed before
        ("...ij,...jk->...ik", (2, 5, 3), (2, 3, 4), (5, 4, 3, 2)),
        ("...j,jk->...k", (2, 5, 3), (3, 4), (10, 4, 3, 1)),
        ("...ij,jk", (6, 2, 3), (3, 4), (12, 4, 3, 1)),
    ],
)
def test_a_sum_of_products_of_two_operands_is_a_gemm(models, equation, a, b, expected):
    layer = einsum(models, equation, {"a": a, "b": b})
    assert (layer.Y, layer.K, layer.C, layer.groups) == expected
    assert layer.kind is LayerKind.GEMM


def test_a_projection_by_weights_of_one_row_is_fully_connected(models):
    layer = einsum(models, "abc,cde->abde", {"a": (1, 1, 16)}, {"b": (16, 4, 8)})
    assert (layer.kind, layer.K, layer.C) == (LayerKind.FFN, 32, 16)


def shape(equation, *shapes):
    operands = tuple(Fact(tensor_type(1, each)) for each in shapes)
    return einsum_shape(Call("Einsum", {"equation": equation}, operands))


terms = st.tuples(st.text("abc", max_size=3), st.sampled_from(["", "..."]), st.text("ab", max_size=2))


@given(
    st.lists(terms, min_size=1, max_size=3),
    st.lists(st.integers(1, 2), max_size=2),
    st.none() | st.text("abc"),
    st.data(),
)
def test_the_shape_of_the_output_is_that_of_numpy(parts, extra, output, data):
    sizes = {"a": 2, "b": 3, "c": 4}
    equation = ",".join(f"{left}{dots}{right}" for left, dots, right in parts)
    shapes = []
    for left, dots, right in parts:
        between = extra[data.draw(st.integers(0, len(extra))) :] if dots else []
        shapes.append([*(sizes[x] for x in left), *between, *(sizes[x] for x in right)])
    if output is not None:
        equation += f"->{max(dots for _, dots, _ in parts)}{output}"
    try:
        expected = np.einsum(equation, *(np.zeros(each) for each in shapes)).shape
    except ValueError:
        assume(False)
    assert shape(equation, *shapes) == expected


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (4, 5)]),
        ("ij->ik", [(2, 3)]),
        ("ij", [(2,)]),
        ("i,j", [(2,)]),
        ("i...,i...->...", [(2, 3), (2, 4)]),
        ("i......", [(2, 3)]),
        ("i->->i", [(2,)]),
        ("1j->j", [(2, 3)]),
    ],
)
def test_what_is_no_equation_or_does_not_fit_has_no_shape(equation, shapes):
    with pytest.raises(LeftOut):
        shape(equation, *shapes)


def test_products_behind_one_with_an_ellipsis_are_read(models):
    nodes = [
        helper.make_node("Einsum", ["x", "w"], ["y"], equation="...i,ij->...j"),
        helper.make_node("MatMul", ["y", "v"], ["z"]),
    ]
    layers = models.layers(nodes, {"x": (2, 3, 8)}, {"w": (8, 5), "v": (5, 4)})
    assert [layer.macs for layer in layers] == [240, 120]
