"""GPT-2 small."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import dense, output_of
from problems.networks.network import Network
from problems.networks.transformer import self_attention_stack

BLOCKS, WIDTH, HEADS = 12, 768, 12
"""Blocks, width and heads; Radford 2019, table 2, first row; heads as released."""

VOCABULARY, POSITIONS = 50_257, 1024


def gpt2(sequence_length: int = 128, batch: int = 1) -> tuple[Layer, ...]:
    """Generate twelve decoder blocks and the output head, reading a prompt; Radford 2019, table 2.

    Args:
        sequence_length: Tokens per sample, up to 1024; 128 is a short prompt.
        batch: Number of samples.
    """
    layers = self_attention_stack(
        "decoder", blocks=BLOCKS, width=WIDTH, heads=HEADS, hidden=4 * WIDTH, batch=batch, sequence=sequence_length
    )
    head = dense("tied_head", out=VOCABULARY, inp=WIDTH, rows=batch * sequence_length, after=output_of(layers))
    return (*layers, head)


GPT2 = Network(
    name="gpt2",
    task="language",
    build=gpt2,
    source="Radford 2019, table 2, smallest model",
    figures="MACs: nanoGPT's transformer_sizing.ipynb, forward pass of 1024 tokens: 291,648,307,200 FLOPs, two per "
    "MAC; parameters: count of the released model (the paper's 117 M is corrected to 124 M in its repository)",
    published_macs=145_824_153_600,
    published_parameters=124_439_808,
    published_at={"sequence_length": 1024},
    embedding_parameters=(VOCABULARY + POSITIONS) * WIDTH,
)
