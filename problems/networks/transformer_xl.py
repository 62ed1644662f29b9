"""Transformer-XL base for WikiText-103."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import dense, output_of
from problems.networks.network import Network
from problems.networks.transformer import AttentionShape, attention_products, feed_forward, score_product

BLOCKS, WIDTH, HEADS, HIDDEN = 16, 410, 10, 2100
"""The authors' configuration of the standard model (Dai 2019, table 1)."""

VOCABULARY, FREQUENT, TAILS = 267_735, 20_000, 3
"""Words, words in the first cluster of the adaptive softmax, and number of its other clusters."""


def transformer_xl(sequence_length: int = 150, batch: int = 1, *, memory_length: int = 150) -> tuple[Layer, ...]:
    """Generate sixteen decoder blocks with memory and relative positions, and the head; Dai 2019, sections 3.2 and 3.3.

    Of the adaptive softmax only the first cluster is a job: which tails are computed depends on the data.

    Args:
        sequence_length: Tokens of the segment per sample; the authors train with 150.
        batch: Number of samples.
        memory_length: Cached tokens of earlier segments per sample; the authors train with 150.
    """
    tokens = batch * sequence_length
    layers: list[Layer] = []
    for i in range(BLOCKS):
        name = f"decoder.{i}"
        layers += _attention(f"{name}.attention", sequence_length, memory_length, batch, output_of(layers))
        layers += feed_forward(f"{name}.ffn", width=WIDTH, hidden=HIDDEN, tokens=tokens, after=output_of(layers))
    return (*layers, dense("tied_head", out=FREQUENT + TAILS, inp=WIDTH, rows=tokens, after=output_of(layers)))


def _attention(name: str, queries: int, memory: int, batch: int, after: tuple[str, ...]) -> tuple[Layer, ...]:
    """Make the attention of section 3.3, with keys and values of the memory too.

    Terms (a) + (c) are the scores, (b) + (d) the position scores. The memory is an input, and the distances that
    ``position`` projects are constants: neither is the output of another layer.
    """
    keys = queries + memory
    distance_scores = f"{name}.position_scores"
    shape = AttentionShape(width=WIDTH, heads=HEADS, batch=batch, queries=queries, keys=keys)
    return (
        dense(f"{name}.query", out=WIDTH, inp=WIDTH, rows=batch * queries, after=after),
        dense(f"{name}.key", out=WIDTH, inp=WIDTH, rows=batch * keys, after=after),
        dense(f"{name}.value", out=WIDTH, inp=WIDTH, rows=batch * keys, after=after),
        dense(f"{name}.position", out=WIDTH, inp=WIDTH, rows=keys),  # the same for every sample
        score_product(distance_scores, shape, after=(f"{name}.query", f"{name}.position")),
        *attention_products(name, shape, further_scores=(distance_scores,)),
        dense(f"{name}.output", out=WIDTH, inp=WIDTH, rows=batch * queries, after=(f"{name}.context",)),
    )


TRANSFORMER_XL = Network(
    name="transformer_xl",
    task="language",
    build=transformer_xl,
    source="Dai 2019, section 3, and the authors' configuration wt103 base",
    figures="parameters: Dai 2019, table 1, standard model: 151 M; MACs: none published, checked against the closed "
    "form of a Transformer with memory",
    published_parameters=151_000_000,
    embedding_parameters=VOCABULARY * WIDTH,
)
