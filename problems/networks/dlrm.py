"""DLRM in its MLPerf shape."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import mlp, output_of
from problems.networks.network import Network

BOTTOM = (13, 512, 256, 128)
TABLES = 26
TOP = (1024, 1024, 512, 256, 1)
"""Bottom network, categorical features, top network (Naumov 2019; MLPerf's setting for Criteo Terabyte)."""

EMBEDDED_ROWS = 187_767_399
"""Rows of all 26 tables; the indices of each are hashed to fewer than 40 million."""


def dlrm(batch: int = 128) -> tuple[Layer, ...]:
    """Generate bottom network, pairwise interaction and top network; Naumov 2019, section 2, in MLPerf's shape.

    The interaction is the product of a sample's vectors, the dense one and the looked-up ones, with themselves: one
    group per sample, counted in full. The top network sees its lower triangle and the dense vector.

    Args:
        batch: Number of samples, e.g. the candidates of one ranking request.
    """
    width, vectors = BOTTOM[-1], TABLES + 1
    pairs = vectors * (vectors - 1) // 2
    bottom = mlp("bottom", BOTTOM, rows=batch)
    dense_vector = output_of(bottom)
    return (
        *bottom,
        Layer.gemm("interaction", m=vectors, n=vectors, k=width, groups=batch, after=dense_vector),
        *mlp("top", (width + pairs, *TOP), rows=batch, after=(*dense_vector, "interaction")),
    )


DLRM = Network(
    name="dlrm",
    task="recommendation",
    build=dlrm,
    source="Naumov 2019, section 2; MLPerf's shape for Criteo Terabyte",
    figures="none published without the embeddings; checked against sums over the widths",
    embedding_parameters=EMBEDDED_ROWS * BOTTOM[-1],
)
