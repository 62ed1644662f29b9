"""MobileBERT."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import dense
from problems.networks.network import Network
from problems.networks.transformer import attention_products, feed_forward

BLOCKS, INTER, INTRA, HIDDEN, HEADS, FEED_FORWARDS = 24, 512, 128, 512, 4, 4
"""Blocks, width between and within blocks, hidden width, heads, stacked feed-forwards (Sun 2020, table 1)."""

VOCABULARY, EMBEDDING, POSITIONS, SEGMENTS = 30_522, 128, 512, 2


def mobilebert(sequence_length: int = 128, batch: int = 1, *, shared_key_query: bool = True) -> tuple[Layer, ...]:
    """Twenty-four bottlenecked encoder blocks; Sun 2020, table 1 and section 3.

    Args:
        sequence_length: Tokens a sample; 128 as in the paper's FLOPs.
        batch: Samples.
        shared_key_query: Keys and queries see the input through a bottleneck of their own, as in the released model;
            otherwise they see it in full width, like the values.
    """
    tokens = batch * sequence_length
    layers = [dense("embedding.trigram", out=INTER, inp=3 * EMBEDDING, rows=tokens)]
    for i in range(BLOCKS):
        name = f"encoder.{i}"
        layers.append(dense(f"{name}.bottleneck_in", out=INTRA, inp=INTER, rows=tokens))
        layers += _attention(f"{name}.attention", sequence_length, batch, shared_key_query)
        for j in range(FEED_FORWARDS):
            layers += feed_forward(f"{name}.ffn{j}", width=INTRA, hidden=HIDDEN, tokens=tokens)
        layers.append(dense(f"{name}.bottleneck_out", out=INTER, inp=INTRA, rows=tokens))
    return tuple(layers)


def _attention(name: str, sequence: int, batch: int, shared: bool) -> tuple[Layer, ...]:
    tokens = batch * sequence
    bottleneck = (dense(f"{name}.bottleneck", out=INTRA, inp=INTER, rows=tokens),) if shared else ()
    seen = INTRA if shared else INTER
    shape = {"heads": HEADS, "head_width": INTRA // HEADS, "batch": batch, "queries": sequence, "keys": sequence}
    return (
        *bottleneck,
        dense(f"{name}.query", out=INTRA, inp=seen, rows=tokens),
        dense(f"{name}.key", out=INTRA, inp=seen, rows=tokens),
        dense(f"{name}.value", out=INTRA, inp=INTER, rows=tokens),
        *attention_products(name, **shape),
        dense(f"{name}.output", out=INTRA, inp=INTRA, rows=tokens),
    )


MOBILEBERT = Network(
    name="mobilebert",
    task="language",
    build=mobilebert,
    source="Sun 2020, table 1 and section 3; key-query bottleneck as in the released configuration",
    figures="Sun 2020, table 4: 5.7 GFLOPs, two a MAC, and 25.3 M, which fit keys and queries in full width and not "
    "the released configuration (5 % fewer MACs, 4 % fewer parameters)",
    published_macs=2_850_000_000,
    published_parameters=25_300_000,
    published_at={"shared_key_query": False},
    embedding_parameters=VOCABULARY * EMBEDDING + (POSITIONS + SEGMENTS) * INTER,
)
