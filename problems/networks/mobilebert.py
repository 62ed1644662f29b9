"""MobileBERT."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import dense, output_of
from problems.networks.network import Network
from problems.networks.transformer import AttentionShape, attention_products, feed_forward

BLOCKS, INTER, INTRA, HIDDEN, HEADS, FEED_FORWARDS = 24, 512, 128, 512, 4, 4
"""Blocks, width between and within blocks, hidden width, heads, stacked feed-forwards (Sun 2020, table 1)."""

VOCABULARY, EMBEDDING, POSITIONS, SEGMENTS = 30_522, 128, 512, 2


def mobilebert(sequence_length: int = 128, batch: int = 1, *, shared_key_query: bool = True) -> tuple[Layer, ...]:
    """Generate twenty-four bottlenecked encoder blocks; Sun 2020, table 1 and section 3.

    Args:
        sequence_length: Tokens per sample; 128 as for the paper's FLOPs.
        batch: Number of samples.
        shared_key_query: Whether keys and queries see the input through a bottleneck of their own, as in the released
            model; otherwise they see it in full width, like the values.
    """
    tokens = batch * sequence_length
    layers = [dense("embedding.trigram", out=INTER, inp=3 * EMBEDDING, rows=tokens)]
    for i in range(BLOCKS):
        layers += _block(f"encoder.{i}", sequence_length, batch, shared_key_query, output_of(layers))
    return tuple(layers)


def _block(name: str, sequence: int, batch: int, shared: bool, after: tuple[str, ...]) -> list[Layer]:
    """Make a block: between the bottlenecks, attention and four feed-forwards, each added to its input."""
    tokens = batch * sequence
    layers = [dense(f"{name}.bottleneck_in", out=INTRA, inp=INTER, rows=tokens, after=after)]
    layers += _attention(f"{name}.attention", sequence, batch, shared, after)
    # attention bypasses the bottleneck, so neither term of their sum needs the other
    seen: tuple[str, ...] = (f"{name}.attention.output", f"{name}.bottleneck_in")
    for j in range(FEED_FORWARDS):
        layers += feed_forward(f"{name}.ffn{j}", width=INTRA, hidden=HIDDEN, tokens=tokens, after=seen)
        seen = output_of(layers)
    return [*layers, dense(f"{name}.bottleneck_out", out=INTER, inp=INTRA, rows=tokens, after=seen)]


def _attention(name: str, sequence: int, batch: int, shared: bool, after: tuple[str, ...]) -> tuple[Layer, ...]:
    tokens = batch * sequence
    bottleneck = (dense(f"{name}.bottleneck", out=INTRA, inp=INTER, rows=tokens, after=after),) if shared else ()
    width, seen = (INTRA, output_of(bottleneck)) if shared else (INTER, after)
    shape = AttentionShape(width=INTRA, heads=HEADS, batch=batch, queries=sequence, keys=sequence)
    return (
        *bottleneck,
        dense(f"{name}.query", out=INTRA, inp=width, rows=tokens, after=seen),
        dense(f"{name}.key", out=INTRA, inp=width, rows=tokens, after=seen),
        dense(f"{name}.value", out=INTRA, inp=INTER, rows=tokens, after=after),
        *attention_products(name, shape),
        dense(f"{name}.output", out=INTRA, inp=INTRA, rows=tokens, after=(f"{name}.context",)),
    )


MOBILEBERT = Network(
    name="mobilebert",
    task="language",
    build=mobilebert,
    source="Sun 2020, table 1 and section 3; key-query bottleneck as in the released configuration",
    figures="Sun 2020, table 4: 5.7 GFLOPs, two per MAC, and 25.3 M, which fit keys and queries in full width and not "
    "the released configuration (5 % fewer MACs, 4 % fewer parameters); that table's FLOPs hold more than the GEMMs "
    "(BERT-base: 22.5 G where these make 22.3 G)",
    published_macs=2_850_000_000,
    published_parameters=25_300_000,
    published_at={"shared_key_query": False},
    embedding_parameters=VOCABULARY * EMBEDDING + (POSITIONS + SEGMENTS) * INTER,
)
