"""NCF: neural matrix factorisation (NeuMF)."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import dense, mlp, output_of
from problems.networks.network import Network

FACTORS = 64
HIDDEN = (256, 256, 128, 64)
"""Factors, and widths of the perceptron, its concatenated input first (MLPerf Training 0.5)."""

USERS, ITEMS = 138_493, 26_744
"""Rows of the embedding tables (MovieLens 20M)."""


def ncf(batch: int = 128) -> tuple[Layer, ...]:
    """Generate the perceptron and the layer that joins it with the factorisation; He 2017, section 3.4, MLPerf's shape.

    The factorisation's product of the looked-up user and item vectors is element-wise and not a job.

    Args:
        batch: Number of samples, e.g. the candidates of one ranking request.
    """
    perceptron = mlp("mlp", HIDDEN, rows=batch)
    return (*perceptron, dense("output", out=1, inp=FACTORS + HIDDEN[-1], rows=batch, after=output_of(perceptron)))


NCF = Network(
    name="ncf",
    task="recommendation",
    build=ncf,
    source="He 2017, section 3.4; MLPerf Training 0.5's shape for MovieLens 20M",
    figures="parameters: count of NVIDIA's implementation of this shape, as stated in kljp/sage, ncf/run.sh; MACs: "
    "none published, checked against sums over the widths",
    published_parameters=31_832_577,
    embedding_parameters=(USERS + ITEMS) * (FACTORS + HIDDEN[0] // 2),
)
