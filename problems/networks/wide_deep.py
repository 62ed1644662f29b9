"""Wide & Deep."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import mlp
from problems.networks.network import Network

DEEP = (1200, 1024, 512, 256, 1)
"""Concatenated features ("approximately 1200"), three hidden layers, logit (Cheng 2016, section 4.2, figure 4)."""


def wide_deep(batch: int = 128) -> tuple[Layer, ...]:
    """Generate the deep part; Cheng 2016, figure 4. The wide part, a sparse look-up, is not a job.

    Args:
        batch: Number of samples, e.g. the candidates of one ranking request.
    """
    return mlp("deep", DEEP, rows=batch)


WIDE_DEEP = Network(
    name="wide_deep",
    task="recommendation",
    build=wide_deep,
    source="Cheng 2016, section 4.2 and figure 4",
    figures="none published; checked against sums over the widths",
    embedding_parameters=None,
)
