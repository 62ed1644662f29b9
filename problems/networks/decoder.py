"""Decoder-only language models as they are served: reading a prompt, or generating a token.

- ``prefill`` reads prompts of ``context_length`` tokens. Only the last token of each passes the head: what follows the
  others is known.
- ``decode`` generates the next token of each sequence. It attends to ``context_length`` tokens, itself among them. The
  keys and values of the others are cached: the cache is the second operand of the products of attention.

Grouped-query attention (Ainslie 2023): the query heads that share a head of keys and values are rows of one product, so
that a cache is streamed once per such head. As in all networks, masks save nothing.

The feed-forward network is gated (Shazeer 2020, SwiGLU): gate, up and down. In a mixture of experts a router, itself a
job, sends each token to some of the experts, which are jobs side by side. Routing is assumed to be balanced: T tokens
that choose k of E experts keep min(E, T * k) of them busy, which share T * k rows as evenly as integers allow. Idle
experts are no jobs, so that a decode step streams exactly the active weights. A long prompt keeps all experts busy: its
layers hold all weights of a model.

All blocks of a model are equal. By default one is generated, which stands for all, and the head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from problems.foundation.checks import check_integer
from problems.layers import Layer
from problems.networks.blocks import dense, output_of
from problems.networks.network import Network
from problems.networks.transformer import AttentionShape, attention_products

Phase = Literal["prefill", "decode"]


@dataclass(frozen=True, kw_only=True)
class Decoder:
    """Architecture of a decoder-only language model; biases and normalisation are not counted.

    Attributes:
        blocks: Number of equal blocks.
        width: Channels per token between the blocks.
        heads: Number of query heads.
        key_value_heads: Number of heads of keys and values.
        head_width: Channels per head.
        hidden: Inner channels of the feed-forward network, or of each expert.
        vocabulary: Number of tokens that the head tells apart.
        experts: Number of feed-forward networks per block; with 1 there is no router.
        active_experts: Number of them that each token passes.
        tied_head: Whether the head shares the weights of the embedding.
    """

    blocks: int
    width: int
    heads: int
    key_value_heads: int
    head_width: int
    hidden: int
    vocabulary: int
    experts: int = 1
    active_experts: int = 1
    tied_head: bool = False

    def layers(
        self, phase: Phase = "prefill", batch: int = 1, context_length: int = 2048, blocks: int = 1
    ) -> tuple[Layer, ...]:
        """Generate ``blocks`` blocks and the head.

        Args:
            phase: ``prefill`` or ``decode``.
            batch: Number of sequences; 1 is a single request, without batching.
            context_length: Tokens of a prompt, or attended tokens in decode. 2048 is the longest sequence of GPT-J in
                MLPerf Inference, and what its Llama 2 70B ends with: up to 1024 tokens read and 1024 generated.
            blocks: Number of blocks that are generated.

        Raises:
            InvalidInput: If the model has fewer blocks.
        """
        check_integer("blocks", blocks, 1, self.blocks)
        queries = context_length if phase == "prefill" else 1
        shape = AttentionShape(
            width=self.heads * self.head_width,
            heads=self.heads,
            batch=batch,
            queries=queries,
            keys=context_length,
            heads_per_key=self.heads // self.key_value_heads,
        )
        layers: list[Layer] = []
        outputs: tuple[str, ...] = ()
        for i in range(blocks):
            layers += self._attention(f"decoder.{i}.attention", shape, after=outputs)
            feed_forwards = self._feed_forwards(f"decoder.{i}", batch * queries, after=output_of(layers))
            layers += feed_forwards
            outputs = tuple(layer.name for layer in feed_forwards if layer.name.endswith(".down"))
        head = "tied_head" if self.tied_head else "head"
        return (*layers, dense(head, out=self.vocabulary, inp=self.width, rows=batch, after=outputs))

    def _attention(self, name: str, shape: AttentionShape, *, after: tuple[str, ...]) -> tuple[Layer, ...]:
        """Make an attention that projects the new tokens only."""
        tokens = shape.batch * shape.queries
        keys = self.key_value_heads * self.head_width
        return (
            dense(f"{name}.query", out=shape.width, inp=self.width, rows=tokens, after=after),
            dense(f"{name}.key", out=keys, inp=self.width, rows=tokens, after=after),
            dense(f"{name}.value", out=keys, inp=self.width, rows=tokens, after=after),
            *attention_products(name, shape),
            dense(f"{name}.output", out=self.width, inp=shape.width, rows=tokens, after=(f"{name}.context",)),
        )

    def _feed_forwards(self, block: str, tokens: int, *, after: tuple[str, ...]) -> list[Layer]:
        """Make the feed-forward network of a block, or its router and the experts that are busy."""
        if self.experts == 1:
            return self._feed_forward(f"{block}.ffn", tokens, after=after)
        router = dense(f"{block}.router", out=self.experts, inp=self.width, rows=tokens, after=after)
        layers = [router]
        for expert, rows in enumerate(even_shares(tokens * self.active_experts, self.experts)):
            layers += self._feed_forward(f"{block}.expert{expert}", rows, after=(router.name,))
        return layers

    def _feed_forward(self, name: str, rows: int, *, after: tuple[str, ...]) -> list[Layer]:
        return [
            dense(f"{name}.gate", out=self.hidden, inp=self.width, rows=rows, after=after),
            dense(f"{name}.up", out=self.hidden, inp=self.width, rows=rows, after=after),
            dense(f"{name}.down", out=self.width, inp=self.hidden, rows=rows, after=(f"{name}.gate", f"{name}.up")),
        ]


def even_shares(rows: int, most: int) -> list[int]:
    """Return the rows of each of at most ``most`` experts that share ``rows``, none of them idle."""
    busy = min(rows, most)
    return [rows // busy + (expert < rows % busy) for expert in range(busy)]


def decoder_network(name: str, decoder: Decoder, *, source: str, published_parameters: int, figures: str) -> Network:
    """Return the entry of a decoder, whose published parameters are those of all blocks."""
    return Network(
        name=name,
        task="llm",
        build=decoder.layers,
        source=source,
        figures=f"parameters: {figures}; MACs: none published, checked against the closed form of a decoder",
        published_parameters=published_parameters,
        published_at={"blocks": decoder.blocks},
        embedding_parameters=decoder.vocabulary * decoder.width,
        blocks=decoder.blocks,
    )
