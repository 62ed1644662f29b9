"""The counts of the generators beside the published figures; the tests allow two per cent between them."""

from __future__ import annotations

from dataclasses import dataclass

from problems.networks.blocks import weight_count
from problems.networks.network import Network, Task


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One row of the table.

    Attributes:
        name: Name of the network.
        task: Task of the network.
        at: Arguments of its generator, e.g. ``sequence_length=1024``; "" for the defaults.
        layers: Number of layers.
        macs: Multiply-accumulates of all layers.
        published_macs: Published multiply-accumulates, or None.
        weights: Number of weights that the layers own, without biases and normalisation.
        parameters: ``weights`` plus the embeddings; None if the source does not state the vocabulary.
        published_parameters: Published number of parameters, or None.
        source: Source of the published figures.
    """

    name: str
    task: Task
    at: str
    layers: int
    macs: int
    published_macs: int | None
    weights: int
    parameters: int | None
    published_parameters: int | None
    source: str

    @property
    def macs_deviation(self) -> float | None:
        """Relative deviation of the MACs from the published figure, e.g. -0.01; None if there is none."""
        return _deviation(self.macs, self.published_macs)

    @property
    def parameters_deviation(self) -> float | None:
        """Relative deviation of the parameters, likewise."""
        return _deviation(self.parameters, self.published_parameters)


def figures_of(network: Network) -> Figures:
    """Return the row of a network, at the dimensions and in the variant of the published figures."""
    layers = network.build(**network.published_at)
    weights = sum(weight_count(layer) for layer in layers)
    embeddings = network.embedding_parameters
    return Figures(
        name=network.name,
        task=network.task,
        at=", ".join(f"{name}={value}" for name, value in network.published_at.items()),
        layers=len(layers),
        macs=sum(layer.macs for layer in layers),
        published_macs=network.published_macs,
        weights=weights,
        parameters=None if embeddings is None else weights + embeddings,
        published_parameters=network.published_parameters,
        source=network.figures,
    )


def _deviation(counted: int | None, published: int | None) -> float | None:
    return None if counted is None or published is None else counted / published - 1.0
