"""Llama 3.1 8B and Llama 2 70B."""

from __future__ import annotations

from problems.networks.decoder import Decoder, decoder_network

LLAMA3_1_8B = decoder_network(
    "llama3_1_8b",
    Decoder(blocks=32, width=4096, heads=32, key_value_heads=8, head_width=128, hidden=14_336, vocabulary=128_256),
    source="Grattafiori 2024 (Llama 3), table 3; vocabulary as released",
    published_parameters=8_030_261_248,
    figures="count of the released model",
)

LLAMA2_70B = decoder_network(
    "llama2_70b",
    Decoder(blocks=80, width=8192, heads=64, key_value_heads=8, head_width=128, hidden=28_672, vocabulary=32_000),
    source="Touvron 2023 (Llama 2), section 2.2; sizes as released",
    published_parameters=68_976_648_192,
    figures="count of the released model",
)
