"""Mixtral 8x7B."""

from __future__ import annotations

from problems.networks.decoder import Decoder, decoder_network

MIXTRAL_8X7B = decoder_network(
    "mixtral_8x7b",
    Decoder(
        blocks=32,
        width=4096,
        heads=32,
        key_value_heads=8,
        head_width=128,
        hidden=14_336,
        vocabulary=32_000,
        experts=8,
        active_experts=2,
    ),
    source="Jiang 2024 (Mixtral), table 1",
    published_parameters=46_702_792_704,
    figures="count of the released model, of which 12.9 B are active (the announcement, embeddings included)",
)
