"""T5-small."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import dense, output_of
from problems.networks.network import Network
from problems.networks.transformer import AttentionShape, attention, feed_forward, self_attention_stack

BLOCKS, WIDTH, HEADS, HIDDEN = 6, 512, 8, 2048
"""Blocks of encoder and decoder each, and their extents; Raffel 2019, section 3.7."""

VOCABULARY, BUCKETS = 32_128, 32


def t5_small(sequence_length: int = 128, batch: int = 1, *, target_length: int | None = None) -> tuple[Layer, ...]:
    """Generate six encoder and six decoder blocks with cross-attention, and the output head; Raffel 2019, section 3.7.

    Args:
        sequence_length: Source tokens per sample.
        batch: Number of samples.
        target_length: Target tokens per sample, decoded at once as in training; None for as many as source tokens.
    """
    source, target = sequence_length, sequence_length if target_length is None else target_length
    encoder = self_attention_stack(
        "encoder", blocks=BLOCKS, width=WIDTH, heads=HEADS, hidden=HIDDEN, batch=batch, sequence=source
    )
    own = AttentionShape(width=WIDTH, heads=HEADS, batch=batch, queries=target, keys=target)
    cross = AttentionShape(width=WIDTH, heads=HEADS, batch=batch, queries=target, keys=source)
    decoder: list[Layer] = []
    for i in range(BLOCKS):
        name = f"decoder.{i}"
        decoder += attention(f"{name}.attention", own, after=output_of(decoder))
        decoder += attention(f"{name}.cross", cross, after=output_of(decoder), keys_after=output_of(encoder))
        decoder += feed_forward(
            f"{name}.ffn", width=WIDTH, hidden=HIDDEN, tokens=batch * target, after=output_of(decoder)
        )
    head = dense("tied_head", out=VOCABULARY, inp=WIDTH, rows=batch * target, after=output_of(decoder))
    return (*encoder, *decoder, head)


T5_SMALL = Network(
    name="t5_small",
    task="language",
    build=t5_small,
    source="Raffel 2019, section 3.7, small (version 1.0: tied head, plain feed-forward)",
    figures="parameters: count of the released model (the paper says about 60 M); MACs: none published, checked "
    "against the closed form of a Transformer",
    published_parameters=60_506_624,
    embedding_parameters=VOCABULARY * WIDTH + 2 * BUCKETS * HEADS,  # one table of relative positions per stack
)
