import pytest
from onnx import helper

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
