"""BERT-base."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import dense, output_of
from problems.networks.network import Network
from problems.networks.transformer import self_attention_stack

BLOCKS, WIDTH, HEADS = 12, 768, 12
"""L, H, A: blocks, width and heads (Devlin 2018, section 3)."""

VOCABULARY, POSITIONS, SEGMENTS = 30_522, 512, 2


def bert_base(sequence_length: int = 128, batch: int = 1) -> tuple[Layer, ...]:
    """Generate twelve encoder blocks and the pooler, without a task head; Devlin 2018, section 3.

    Args:
        sequence_length: Tokens per sample; 128 as in most of the pre-training and for the published FLOPs.
        batch: Number of samples.
    """
    layers = self_attention_stack(
        "encoder", blocks=BLOCKS, width=WIDTH, heads=HEADS, hidden=4 * WIDTH, batch=batch, sequence=sequence_length
    )
    pooler = dense("pooler", out=WIDTH, inp=WIDTH, rows=batch, after=output_of(layers))  # sees only the first token
    return (*layers, pooler)


BERT_BASE = Network(
    name="bert_base",
    task="language",
    build=bert_base,
    source="Devlin 2018, section 3, BERT-base (uncased vocabulary)",
    figures="example profile in the documentation of flops-profiler (package index), at one sample of 128 tokens; "
    "Devlin 2018, section 3, says 110 M, and Sun 2020 (MobileBERT), table 4, 22.5 GFLOPs, two per MAC, which count "
    "more than the GEMMs",
    published_macs=11_170_000_000,
    published_parameters=109_480_000,
    embedding_parameters=(VOCABULARY + POSITIONS + SEGMENTS) * WIDTH,
)
