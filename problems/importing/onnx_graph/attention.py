"""Fused attention operators as GEMMs.

``scores`` is queries times keys, ``context`` scores times values, with one group for each sample and head; a mask saves
nothing. If the operator projects its input itself, ``projection`` comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from problems.importing.onnx_graph.calls import EMPTY, MISFIT, Call, LeftOut, Part, Rule
from problems.importing.onnx_graph.products import product_layer
from problems.importing.onnx_graph.tensors import Shape
from problems.layers import Layer


@dataclass(frozen=True)
class Heads:
    """Extents of an attention: samples, heads, queries and keys per head, and the depths of keys and values."""

    samples: int
    heads: int
    queries: int
    keys: int
    depth: int
    value_depth: int

    @property
    def packed(self) -> Shape:
        """Shape of the output with the heads side by side."""
        return self.samples, self.queries, self.heads * self.value_depth

    def layers(self) -> tuple[Layer, Layer]:
        """Return the layers scores and context.

        Raises:
            LeftOut: If one of the extents is 0.
        """
        if 0 in (self.samples, self.heads, self.queries, self.keys, self.depth, self.value_depth):
            raise LeftOut(EMPTY, 0)
        groups = self.samples * self.heads
        return (
            Layer.gemm("scores", m=self.queries, n=self.keys, k=self.depth, groups=groups),
            Layer.gemm("context", m=self.queries, n=self.value_depth, k=self.keys, groups=groups),
        )


HeadsOf = Callable[[Call], Heads]


def separate_attention(heads_of: HeadsOf, *, query: int = 0, key: int = 1, value: int = 2, past: int) -> Rule:
    """Return the rule of operators with separate queries, keys and values, whose extents ``heads_of`` returns.

    Args:
        heads_of: Returns the extents of a call.
        query: Index of the input with the queries.
        key: Index of the input with the keys.
        value: Index of the input with the values.
        past: Index of the input with the past keys; that with the past values follows it.
    """

    def rule(call: Call) -> tuple[Part, ...]:
        scores, context = heads_of(call).layers()
        return (
            Part(scores, operands=(query, key, past) if call.has(key) else (query, past)),
            Part(context, operands=(value, past + 1) if call.has(value) else (query, past + 1), parts=(0,)),
        )

    return rule


def projecting_attention(past: int) -> Rule:
    """Return the rule of ``com.microsoft.Attention`` and its quantised form, whose input ``past`` is the past state."""

    def rule(call: Call) -> tuple[Part, ...]:
        heads = projected_heads(call, past)
        projection = product_layer(call.shape(0), call.shape(1), (False, True), "projection")
        scores, context = heads.layers()
        return (
            Part(projection, operands=(0, 1)),
            Part(scores, operands=(past,), parts=(0,)),
            Part(context, operands=(past,), parts=(0, 1)),
        )

    return rule


def standard_heads(call: Call) -> Heads:
    """Extents of ONNX's ``Attention`` (opset 23 on): (B, H, S, d), or (B, S, H * d) with the heads as attributes."""
    q, k, v = (call.shape(index) for index in range(3))
    heads = q[1] if len(q) == 4 else _attribute(call, "q_num_heads")
    shared = k[1] if len(k) == 4 else _attribute(call, "kv_num_heads")
    past = call.shape(4)[2] if call.has(4) and len(call.shape(4)) == 4 else 0
    queries, depth = _split(q, heads)
    keys, key_depth = _split(k, shared)
    _, value_depth = _split(v, shared)
    return _checked(Heads(q[0], heads, queries, keys + past, depth, value_depth), key_depth, shared)


def projected_heads(call: Call, past: int) -> Heads:
    """Extents of ``com.microsoft.Attention``: input (B, S, D), weights (D, Dq + Dk + Dv), past (2, B, H, P, d)."""
    x, w, heads = call.shape(0), call.shape(1), _attribute(call, "num_heads")
    if len(x) != 3 or len(w) != 2:
        raise LeftOut(MISFIT)
    widths = call.integers("qkv_hidden_sizes") or (w[1] // 3,) * 3
    if len(widths) != 3 or sum(widths) != w[1] or min(widths) < 0 or any(width % heads for width in widths):
        raise LeftOut(MISFIT)
    before = call.shape(past) if call.has(past) else ()
    keys = x[1] + (before[3] if len(before) == 5 else 0)
    return Heads(x[0], heads, x[1], keys, widths[0] // heads, widths[2] // heads)


def multi_heads(call: Call) -> Heads:
    """Extents of ``com.microsoft.MultiHeadAttention``: (B, S, H * d), or packed (B, S, H, 3, d), (B, L, H, 2, d)."""
    q, heads = call.shape(0), _attribute(call, "num_heads")
    before = call.shape(6) if call.has(6) else ()
    past = before[2] if len(before) == 4 else 0
    if len(q) == 5:
        return Heads(q[0], heads, q[1], q[1] + past, q[4], q[4])
    queries, depth = _split(q, heads)
    k = call.shape(1)
    if len(k) == 5:
        return _checked(Heads(q[0], heads, queries, k[1] + past, depth, k[4]), k[4], heads)
    keys, key_depth = _split(k, heads)
    _, value_depth = _split(call.shape(2), heads)
    return _checked(Heads(q[0], heads, queries, keys + past, depth, value_depth), key_depth, heads)


def grouped_heads(call: Call) -> Heads:
    """Extents of ``com.microsoft.GroupQueryAttention``: (B, S, H * d), fewer key and value heads, or all packed."""
    q, heads, shared = call.shape(0), _attribute(call, "num_heads"), _attribute(call, "kv_num_heads")
    before = call.shape(3) if call.has(3) else ()
    past = before[2] if len(before) == 4 else 0
    if call.has(1):
        queries, depth = _split(q, heads)
        keys, key_depth = _split(call.shape(1), shared)
        return _checked(Heads(q[0], heads, queries, keys + past, depth, key_depth), key_depth, shared)
    queries, depth = _split(q, heads + 2 * shared)
    return _checked(Heads(q[0], heads, queries, queries + past, depth, depth), depth, shared)


def _attribute(call: Call, name: str) -> int:
    value = call.integer(name)
    if value < 1:
        raise LeftOut(f"it has no {name}")
    return value


def _split(shape: Shape, heads: int) -> tuple[int, int]:
    """Return length and depth of (B, H, S, d) or (B, S, H * d)."""
    if heads < 1:
        raise LeftOut(EMPTY, 0)
    if len(shape) == 4 and shape[1] == heads:
        return shape[2], shape[3]
    if len(shape) == 3 and shape[2] % heads == 0:
        return shape[1], shape[2] // heads
    raise LeftOut(MISFIT)


def _checked(heads: Heads, key_depth: int, shared: int) -> Heads:
    if heads.depth != key_depth or heads.heads % shared:
        raise LeftOut(MISFIT)
    return heads
