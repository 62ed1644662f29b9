"""XLM for fifteen languages."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.network import Network
from problems.networks.transformer import self_attention_stack

BLOCKS, WIDTH, HEADS = 12, 1024, 8
"""Blocks, width and heads; Conneau 2019 (XLM), section 5.1, sizes as released."""

VOCABULARY, POSITIONS, LANGUAGES = 95_000, 512, 15


def xlm(sequence_length: int = 256, batch: int = 1) -> tuple[Layer, ...]:
    """Generate twelve encoder blocks, without a task head; Conneau 2019 (XLM), section 5.1.

    Args:
        sequence_length: Tokens per sample; 256 as in the streams on which it was trained.
        batch: Number of samples.
    """
    return tuple(
        self_attention_stack(
            "encoder",
            blocks=BLOCKS,
            width=WIDTH,
            heads=HEADS,
            hidden=4 * WIDTH,
            batch=batch,
            sequence=sequence_length,
        )
    )


XLM = Network(
    name="xlm",
    task="language",
    build=xlm,
    source="Conneau 2019 (XLM), section 5.1, the 15-language model",
    figures="parameters: Conneau 2020 (XLM-R), appendix, table of model sizes, XLM-15: 250 M; MACs: none published, "
    "checked against the closed form of a Transformer",
    published_parameters=250_000_000,
    embedding_parameters=(VOCABULARY + POSITIONS + LANGUAGES) * WIDTH,
)
