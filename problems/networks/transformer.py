"""Transformer blocks as GEMMs (Vaswani 2017, section 3).

A batched GEMM, one product a sample and head, is flattened along m: m = batch * heads * queries. MACs are exact; a
cost model sees one right-hand side where there are batch * heads of them. Masks save nothing: attention is counted
in full. Query, key and value projections are three jobs, also where an implementation fuses them.
"""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import dense


def attention_products(
    name: str, *, heads: int, head_width: int, batch: int, queries: int, keys: int
) -> tuple[Layer, ...]:
    """Scores Q K^T and context P V of all heads, which hold no weights."""
    rows = batch * heads * queries
    return (
        Layer.gemm(f"{name}.scores", m=rows, n=keys, k=head_width),
        Layer.gemm(f"{name}.context", m=rows, n=head_width, k=keys),
    )


def attention(
    name: str, *, width: int, heads: int, batch: int, queries: int, keys: int | None = None
) -> tuple[Layer, ...]:
    """Multi-head attention with its projections, from ``queries`` tokens to ``keys`` tokens a sample (None: same)."""
    keys = queries if keys is None else keys
    shape = {"heads": heads, "head_width": width // heads, "batch": batch, "queries": queries, "keys": keys}
    return (
        dense(f"{name}.query", out=width, inp=width, rows=batch * queries),
        dense(f"{name}.key", out=width, inp=width, rows=batch * keys),
        dense(f"{name}.value", out=width, inp=width, rows=batch * keys),
        *attention_products(name, **shape),
        dense(f"{name}.output", out=width, inp=width, rows=batch * queries),
    )


def feed_forward(name: str, *, width: int, hidden: int, tokens: int) -> tuple[Layer, ...]:
    """The position-wise feed-forward network."""
    return (
        dense(f"{name}.up", out=hidden, inp=width, rows=tokens),
        dense(f"{name}.down", out=width, inp=hidden, rows=tokens),
    )


def self_attention_stack(
    name: str, *, blocks: int, width: int, heads: int, hidden: int, batch: int, sequence: int
) -> list[Layer]:
    """``blocks`` times self-attention and feed-forward; encoder or decoder-only alike."""
    layers: list[Layer] = []
    for i in range(blocks):
        layers += attention(f"{name}.{i}.attention", width=width, heads=heads, batch=batch, queries=sequence)
        layers += feed_forward(f"{name}.{i}.ffn", width=width, hidden=hidden, tokens=batch * sequence)
    return layers
