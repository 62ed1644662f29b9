"""Transformer blocks as GEMMs (Vaswani 2017, section 3).

The products of attention are one GEMM per sample and head, each with operands of its own: ``groups = batch * heads``,
m = queries. Query heads that share a head of keys and values are rows of one product. Masks save nothing: attention is
counted in full. Query, key and value projections are three jobs, even where an implementation fuses them.

A residual sum of a sublayer's input and output is ready with the output, which needs the input: a reader of the sum
names the last layer of the sublayer alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from problems.layers import Layer
from problems.networks.blocks import dense, output_of


@dataclass(frozen=True, kw_only=True)
class AttentionShape:
    """Extents of a multi-head attention.

    Attributes:
        width: Channels per token, over all heads.
        heads: Number of heads.
        batch: Number of samples.
        queries: Attending tokens per sample.
        keys: Attended tokens per sample.
        heads_per_key: Number of heads that share each head of keys and values.
    """

    width: int
    heads: int
    batch: int
    queries: int
    keys: int
    heads_per_key: int = 1


def score_product(name: str, shape: AttentionShape, *, after: tuple[str, ...]) -> Layer:
    """Make the product of every query with every key, or distance: m = queries, n = keys, k = channels per head."""
    head_width = shape.width // shape.heads
    groups = shape.batch * shape.heads // shape.heads_per_key
    queries = shape.queries * shape.heads_per_key
    return Layer.gemm(name, m=queries, n=shape.keys, k=head_width, groups=groups, after=after)


def attention_products(name: str, shape: AttentionShape, *, further_scores: tuple[str, ...] = ()) -> tuple[Layer, ...]:
    """Make scores Q K^T and context P V, without weights, after layers ``name.query``, ``name.key``, ``name.value``.

    Args:
        name: Prefix of the layers' names.
        shape: Extents of the attention.
        further_scores: Names of layers whose outputs are added to the scores.
    """
    scores = score_product(f"{name}.scores", shape, after=(f"{name}.query", f"{name}.key"))
    context = Layer.gemm(
        f"{name}.context",
        m=scores.Y,
        n=shape.width // shape.heads,
        k=shape.keys,
        groups=scores.groups,
        after=(scores.name, *further_scores, f"{name}.value"),
    )
    return (scores, context)


def attention(
    name: str, shape: AttentionShape, *, after: tuple[str, ...], keys_after: tuple[str, ...] | None = None
) -> tuple[Layer, ...]:
    """Make a multi-head attention with its projections.

    Args:
        name: Prefix of the layers' names.
        shape: Extents of the attention.
        after: Names of the layers whose outputs form the attending tokens.
        keys_after: Names of the layers whose outputs form the attended tokens; None for self-attention.
    """
    keys_after = after if keys_after is None else keys_after
    width, queries, keys = shape.width, shape.batch * shape.queries, shape.batch * shape.keys
    return (
        dense(f"{name}.query", out=width, inp=width, rows=queries, after=after),
        dense(f"{name}.key", out=width, inp=width, rows=keys, after=keys_after),
        dense(f"{name}.value", out=width, inp=width, rows=keys, after=keys_after),
        *attention_products(name, shape),
        dense(f"{name}.output", out=width, inp=width, rows=queries, after=(f"{name}.context",)),
    )


def feed_forward(name: str, *, width: int, hidden: int, tokens: int, after: tuple[str, ...]) -> tuple[Layer, ...]:
    """Make a position-wise feed-forward network."""
    return (
        dense(f"{name}.up", out=hidden, inp=width, rows=tokens, after=after),
        dense(f"{name}.down", out=width, inp=hidden, rows=tokens, after=(f"{name}.up",)),
    )


def self_attention_stack(
    name: str, *, blocks: int, width: int, heads: int, hidden: int, batch: int, sequence: int
) -> list[Layer]:
    """Make ``blocks`` blocks of self-attention and feed-forward; the same for encoders and decoder-only models."""
    layers: list[Layer] = []
    shape = AttentionShape(width=width, heads=heads, batch=batch, queries=sequence, keys=sequence)
    tokens = batch * sequence
    for i in range(blocks):
        layers += attention(f"{name}.{i}.attention", shape, after=output_of(layers))
        layers += feed_forward(f"{name}.{i}.ffn", width=width, hidden=hidden, tokens=tokens, after=output_of(layers))
    return layers
