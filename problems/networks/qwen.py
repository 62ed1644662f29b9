"""Qwen2.5 7B, and the fine-grained mixture of experts Qwen3 30B-A3B."""

from __future__ import annotations

from problems.networks.decoder import Decoder, decoder_network

QWEN2_5_7B = decoder_network(
    "qwen2_5_7b",
    Decoder(blocks=28, width=3584, heads=28, key_value_heads=4, head_width=128, hidden=18_944, vocabulary=152_064),
    source="Qwen 2024 (Qwen2.5), table 1; sizes as released",
    published_parameters=7_615_616_512,
    figures="count of the released model",
)

QWEN3_30B_A3B = decoder_network(
    "qwen3_30b_a3b",
    Decoder(
        blocks=48,
        width=2048,
        heads=32,
        key_value_heads=4,
        head_width=128,
        hidden=768,
        vocabulary=151_936,
        experts=128,
        active_experts=8,
    ),
    source="Yang 2025 (Qwen3), table 2; sizes as released",
    published_parameters=30_532_122_624,
    figures="count of the released model, of which 3.3 B are active (its model card, embeddings included)",
)
