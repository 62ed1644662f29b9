"""DeepFM."""

from __future__ import annotations

from problems.layers import Layer
from problems.networks.blocks import mlp
from problems.networks.network import Network

FIELDS, FACTORS = 39, 10
HIDDEN = (400, 400, 400)
"""Fields of Criteo (13 numeric, 26 categorical), latent dimension and hidden layers (Guo 2017, section 3.1)."""


def deepfm(batch: int = 128) -> tuple[Layer, ...]:
    """Generate the deep part; Guo 2017, section 2. The factorisation machine, look-ups and sums, is not a job.

    Args:
        batch: Number of samples, e.g. the candidates of one ranking request.
    """
    return mlp("deep", (FIELDS * FACTORS, *HIDDEN, 1), rows=batch)


DEEPFM = Network(
    name="deepfm",
    task="recommendation",
    build=deepfm,
    source="Guo 2017, sections 2 and 3.1, the Criteo setting",
    figures="none published; checked against sums over the widths",
    embedding_parameters=None,
)
