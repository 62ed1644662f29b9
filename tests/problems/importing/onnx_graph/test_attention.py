"""Fused attention, its multiply-accumulates worked out by hand: B samples, H heads, S queries, L keys, d deep."""

import pytest
from onnx import helper

B, H, S, L, D, P = 2, 4, 6, 9, 8, 3
WIDTH = H * D


def attention(models, operator, inputs, weights=(), outputs=("y",), opset=23, **attributes):
    """The layers of an attention and of the product that reads its output."""
    domain = "" if operator == "Attention23" else "com.microsoft"
    names = [name if name in {**dict(inputs), **dict(weights)} else "" for name in ORDER[operator]]
    node = helper.make_node(operator.rstrip("23"), names, list(outputs), name="a", domain=domain, **attributes)
    return models.layers([node], inputs, weights, opset=opset, domains=["com.microsoft"])


ORDER = {
    "Attention23": ["q", "k", "v", "mask", "past_k", "past_v"],
    "Attention": ["x", "w", "bias", "mask", "past"],
    "QAttention": ["x", "w", "bias", "scale", "scale_w", "mask", "zero", "zero_w", "past"],
    "MultiHeadAttention": ["q", "k", "v", "bias", "mask", "bias2", "past_k", "past_v"],
    "GroupQueryAttention": ["q", "k", "v", "past_k", "past_v", "lengths", "total"],
}


def summary(layers):
    return [(layer.name, layer.Y, layer.K, layer.C, layer.groups) for layer in layers]


def scores_and_context(keys, queries=S, depth=D, value_depth=D, groups=B * H):
    return [("a.scores", queries, keys, depth, groups), ("a.context", queries, value_depth, keys, groups)]


def test_attention_of_onnx_is_two_products_for_each_sample_and_head(models):
    layers = attention(models, "Attention23", {"q": (B, H, S, D), "k": (B, H, L, D), "v": (B, H, L, 5)})
    assert summary(layers) == scores_and_context(L, value_depth=5)
    assert sum(layer.macs for layer in layers) == B * H * S * L * (D + 5)
    assert layers[1].after == ("a.scores",)


def test_attention_of_onnx_with_packed_heads_shared_keys_and_a_past(models):
    inputs = {
        "q": (B, S, WIDTH),
        "k": (B, L, 2 * D),
        "v": (B, L, 2 * D),
        "past_k": (B, 2, P, D),
        "past_v": (B, 2, P, D),
    }
    layers = attention(models, "Attention23", inputs, q_num_heads=H, kv_num_heads=2, outputs=("y", "k2", "v2"))
    assert summary(layers) == scores_and_context(L + P)


def test_attention_of_onnx_runtime_projects_first(models):
    layers = attention(
        models, "Attention", {"x": (B, S, 10)}, {"w": (10, 3 * WIDTH), "bias": (3 * WIDTH,)}, num_heads=H
    )
    assert summary(layers) == [("a.projection", B * S, 3 * WIDTH, 10, 1), *scores_and_context(S)]
    assert [layer.after for layer in layers] == [(), ("a.projection",), ("a.scores",)]


def test_attention_of_onnx_runtime_with_widths_and_a_past(models):
    inputs = {"x": (B, S, 10), "past": (2, B, H, P, D)}
    weights = {"w": (10, 2 * WIDTH + H * 3)}
    layers = attention(models, "Attention", inputs, weights, num_heads=H, qkv_hidden_sizes=[WIDTH, WIDTH, H * 3])
    assert summary(layers)[1:] == scores_and_context(S + P, value_depth=3)


def test_quantised_attention_is_attention(models):
    weights = {"w": (10, 3 * WIDTH), "bias": (3 * WIDTH,), "scale": 0.5, "scale_w": 0.5}
    layers = attention(models, "QAttention", {"x": (B, S, 10)}, weights, num_heads=H)
    assert summary(layers)[1:] == scores_and_context(S)


@pytest.mark.parametrize(
    ("inputs", "keys"),
    [
        ({"q": (B, S, WIDTH), "k": (B, L, WIDTH), "v": (B, L, WIDTH)}, L),
        ({"q": (B, S, WIDTH), "k": (B, H, L, D), "v": (B, H, L, D)}, L),
        ({"q": (B, S, WIDTH), "k": (B, L, H, 2, D)}, L),
        ({"q": (B, S, H, 3, D)}, S),
        (
            {
                "q": (B, S, WIDTH),
                "k": (B, L, WIDTH),
                "v": (B, L, WIDTH),
                "past_k": (B, H, P, D),
                "past_v": (B, H, P, D),
            },
            L + P,
        ),
    ],
)
def test_multi_head_attention_takes_all_its_layouts(models, inputs, keys):
    assert summary(attention(models, "MultiHeadAttention", inputs, num_heads=H)) == scores_and_context(keys)


@pytest.mark.parametrize(
    "inputs",
    [
        {"q": (B, S, WIDTH), "k": (B, S, 2 * D), "v": (B, S, 2 * D), "past_k": (B, 2, P, D), "past_v": (B, 2, P, D)},
        {"q": (B, S, WIDTH + 4 * D), "past_k": (B, 2, P, D), "past_v": (B, 2, P, D)},
    ],
)
def test_grouped_queries_have_a_product_for_each_head(models, inputs):
    layers = attention(models, "GroupQueryAttention", inputs, num_heads=H, kv_num_heads=2, outputs=("y", "k2", "v2"))
    assert summary(layers) == scores_and_context(S + P)


@pytest.mark.parametrize(
    ("operator", "inputs", "weights", "attributes"),
    [
        ("Attention", {"x": (B, S, 10)}, {"w": (10, 3 * WIDTH)}, {"num_heads": H}),
        ("MultiHeadAttention", {"q": (B, S, WIDTH), "k": (B, L, WIDTH), "v": (B, L, WIDTH)}, {}, {"num_heads": H}),
        (
            "GroupQueryAttention",
            {"q": (B, S, WIDTH), "k": (B, S, D), "v": (B, S, D)},
            {},
            {"num_heads": H, "kv_num_heads": 1},
        ),
    ],
)
def test_what_comes_behind_knows_the_shape_of_the_output(models, operator, inputs, weights, attributes):
    names = [name if name in inputs | weights else "" for name in ORDER[operator]]
    nodes = [
        helper.make_node(operator, names, ["y"], name="a", domain="com.microsoft", **attributes),
        helper.make_node("SkipLayerNormalization", ["y", "y", "gamma"], ["n"], domain="com.microsoft"),
        helper.make_node("MatMul", ["n", "head"], ["z"], name="head"),
    ]
    weights = weights | {"head": (WIDTH, 5), "gamma": (WIDTH,)}
    last = models.layers(nodes, inputs, weights, domains=["com.microsoft"])[-1]
    assert (last.name, last.Y, last.K, last.C, last.after) == ("head", B * S, 5, WIDTH, ("a.context",))


def test_queries_keys_and_values_come_from_their_own_layers(models):
    nodes = [
        *(helper.make_node("MatMul", ["x", f"w{name}"], [name], name=name) for name in "qkv"),
        helper.make_node("Attention", ["q", "k", "v"], ["y"], name="a", q_num_heads=H, kv_num_heads=H),
    ]
    layers = models.layers(nodes, {"x": (B, S, 10)}, {f"w{name}": (10, WIDTH) for name in "qkv"}, opset=23)
    assert [layer.after for layer in layers[3:]] == [("q", "k"), ("v", "a.scores")]


@pytest.mark.parametrize(
    ("operator", "inputs", "attributes", "reason"),
    [
        ("MultiHeadAttention", {"q": (B, S, WIDTH)}, {"num_heads": H}, "an input is missing"),
        ("MultiHeadAttention", {"q": (B, S, WIDTH)}, {}, "it has no num_heads"),
        ("MultiHeadAttention", {"q": (B, S, 7), "k": (B, S, 7), "v": (B, S, 7)}, {"num_heads": H}, "do not fit"),
        ("GroupQueryAttention", {"q": (B, S, WIDTH)}, {"num_heads": 4, "kv_num_heads": 3}, "do not fit"),
        ("Attention", {"x": (B, S, 10), "w": (10, 31)}, {"num_heads": H}, "do not fit"),
        ("Attention", {"x": (S, 10), "w": (10, 3 * WIDTH)}, {"num_heads": H}, "do not fit"),
    ],
)
def test_attention_that_does_not_fit_is_left_out(models, operator, inputs, attributes, reason):
    names = [name if name in inputs else "" for name in ORDER[operator]]
    node = helper.make_node(operator, names, ["y"], domain="com.microsoft", **attributes)
    skipped = models.left_out(node, inputs, domains=["com.microsoft"])
    assert reason in skipped.reason
    assert (skipped.operator, skipped.macs) == (f"com.microsoft.{operator}", None)


def test_attention_without_queries_is_left_out(models):
    inputs = {"q": (B, H, "s", D), "k": (B, H, L, D), "v": (B, H, L, D)}
    node = helper.make_node("Attention", ["q", "k", "v"], ["y"])
    assert models.left_out(node, inputs, dims={"s": 0}, opset=23).macs == 0
