"""What the generators count beside what is published: the table that the tests hold to two per cent."""

from __future__ import annotations

from dataclasses import dataclass

from problems.networks.blocks import weight_count
from problems.networks.network import Network, Task


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One row of the table.

    Attributes:
        name: The network.
        task: Its task.
        at: The arguments of its generator, e.g. ``sequence_length=1024``; "" for the defaults.
        layers: How many there are.
        macs: Multiply-accumulates of all layers.
        published_macs: What the source says, or None.
        weights: Those that the layers own, without biases and normalisation.
        parameters: ``weights`` and the embeddings; None if the source leaves the vocabulary open.
        published_parameters: What the source says, or None.
        source: Where the published figures come from.
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
        """Relative to the published figure, e.g. -0.01; None if there is none."""
        return _deviation(self.macs, self.published_macs)

    @property
    def parameters_deviation(self) -> float | None:
        """Likewise, of the parameters."""
        return _deviation(self.parameters, self.published_parameters)


def figures_of(network: Network) -> Figures:
    """The row of a network, at the dimensions and in the variant that the published figures are for."""
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
