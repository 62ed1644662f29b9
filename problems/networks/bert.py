"""BERT-base."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import dense
from problems.networks.network import Network
from problems.networks.transformer import self_attention_stack

BLOCKS, WIDTH, HEADS = 12, 768, 12
"""L, H, A (Devlin 2018, section 3)."""

VOCABULARY, POSITIONS, SEGMENTS = 30_522, 512, 2


def bert_base(sequence_length: int = 128, batch: int = 1) -> tuple[Layer, ...]:
    """Twelve encoder blocks and the pooler, without a task's head; Devlin 2018, section 3.

    Args:
        sequence_length: Tokens a sample; 128 as in most of its pre-training and its published FLOPs.
        batch: Samples.
    """
    shape = {"blocks": BLOCKS, "width": WIDTH, "heads": HEADS, "hidden": 4 * WIDTH}
    layers = self_attention_stack("encoder", **shape, batch=batch, sequence=sequence_length)
    return (*layers, dense("pooler", out=WIDTH, inp=WIDTH, rows=batch))  # sees the first token alone


BERT_BASE = Network(
    name="bert_base",
    task="language",
    build=bert_base,
    source="Devlin 2018, section 3, BERT-base (uncased vocabulary)",
    figures="MACs: Sun 2020 (MobileBERT), table 4: 22.5 GFLOPs, two a MAC; parameters: Devlin 2018, section 3: 110 M",
    published_macs=11_250_000_000,
    published_parameters=110_000_000,
    embedding_parameters=(VOCABULARY + POSITIONS + SEGMENTS) * WIDTH,
)
